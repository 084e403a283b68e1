package redisstore_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/servers"
)

// everything calls each method once.
func everything(c *redisstore.Client) map[string]func(context.Context) error {
	sessions, remembrance := redisstore.NewSessions(c), redisstore.NewRemembrance(c)
	changes, exposures := redisstore.NewChanges(c), redisstore.NewExposures(c)
	bookmarks, eraser := redisstore.NewBookmarks(c), redisstore.NewEraser(c)
	like := audience.Action{Item: "i", Act: audience.Like, At: time.Now()}
	return map[string]func(context.Context) error{
		"ping":   c.Ping,
		"run id": func(ctx context.Context) error { _, err := c.RunID(ctx); return err },
		"open":   func(ctx context.Context) error { _, err := sessions.Open(ctx, "v", "s", 2); return err },
		"commit": func(ctx context.Context) error {
			s := feed.Begin(aVisit("v"))
			_, _ = s.Serve(1, aPage(1, 2), time.Now())
			return sessions.Commit(ctx, s)
		},
		"recall":  func(ctx context.Context) error { _, _, err := remembrance.Recall(ctx, "v"); return err },
		"version": func(ctx context.Context) error { _, err := remembrance.Version(ctx, "v"); return err },
		"restore": func(ctx context.Context) error { return remembrance.Restore(ctx, "v", 1, audience.Knowledge{}) },
		"note": func(ctx context.Context) error {
			return remembrance.Note(ctx, []audience.Note{{Viewer: "v", Action: &like}})
		},
		"decide":   func(ctx context.Context) error { return remembrance.Decide(ctx, "v", nil) },
		"forget":   func(ctx context.Context) error { return remembrance.Forget(ctx, "v") },
		"publish":  func(ctx context.Context) error { return changes.Publish(ctx, []catalog.Snapshot{{ID: "i"}}) },
		"keeps":    func(ctx context.Context) error { _, err := changes.Keeps(ctx, "0-0"); return err },
		"position": func(ctx context.Context) error { _, err := changes.Position(ctx); return err },
		"follow":   func(ctx context.Context) error { _, _, err := changes.Follow(ctx, "0-0", 1, time.Second); return err },
		"drain": func(ctx context.Context) error {
			_, err := exposures.Drain(ctx, "c", 1, 0, func([]feed.Exposure) error { return nil })
			return err
		},
		"mark": func(ctx context.Context) error {
			_, err := bookmarks.Mark(ctx, "v", 1, "c", time.Now().Add(time.Hour))
			return err
		},
		"find":  func(ctx context.Context) error { _, err := bookmarks.Find(ctx, "v", 1); return err },
		"erase": func(ctx context.Context) error { _, err := eraser.Erase(ctx, "v"); return err },
	}
}

func requireUnavailable(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, redisstore.ErrUnavailable)
	require.True(t, fault.Is(err, fault.Unavailable))
}

func TestWithoutARedisEverythingFailsAtOnce(t *testing.T) {
	for name, opts := range map[string]redisstore.Options{
		"nobody listens":            {Addrs: []string{deaf(t, false)}},
		"nobody listens, a cluster": {Addrs: []string{deaf(t, false)}, Cluster: true},
		"nobody answers":            {Addrs: []string{deaf(t, true)}},
		"nobody answers, a cluster": {Addrs: []string{deaf(t, true)}, Cluster: true},
		"no sentinel answers":       {Addrs: []string{deaf(t, true)}, MasterName: "m"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, opts) // opening it is no error
			for name, do := range everything(c) {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				began := time.Now()
				err := do(ctx)
				cancel()
				require.Less(t, time.Since(began), 2*time.Second, name)
				requireUnavailable(t, err)
			}
		})
	}
}

// deaf is an address where nobody listens, or where connections open and nothing is ever answered.
func deaf(t *testing.T, listens bool) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	if listens {
		t.Cleanup(func() { _ = l.Close() })
	} else {
		require.NoError(t, l.Close())
	}
	return l.Addr().String()
}

func TestAnEndedContextIsUnavailable(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, do := range everything(connect(t, opts)) {
			requireUnavailable(t, do(ctx))
		}
	})
}

func TestScriptsAreTaughtAgainAfterTheyWereForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		forget := func() { require.NoError(t, c.FlushScripts(t.Context())) }
		sessions, r := redisstore.NewSessions(c), redisstore.NewRemembrance(c)
		forget()
		var notes []audience.Note
		for _, v := range []audience.ViewerID{"a", "b", "c", "d", "e", "f", "g", "h"} { // of several nodes
			forget()
			nextPage(t, sessions, aVisit(v), 1)
			version, err := r.Version(t.Context(), v)
			require.NoError(t, err)
			require.NoError(t, r.Restore(t.Context(), v, version, audience.Knowledge{}))
			like := audience.Action{Item: "i", Act: audience.Like, At: time.Now()}
			notes = append(notes, audience.Note{Viewer: v, Action: &like})
		}
		forget()
		require.NoError(t, r.Note(t.Context(), notes))
		for _, n := range notes {
			k, known, err := r.Recall(t.Context(), n.Viewer)
			require.NoError(t, err)
			require.True(t, known)
			require.Len(t, k.Actions, 1)
		}
	})
}

func TestARestartIsNoticedAndSurvived(t *testing.T) {
	server := servers.StartRedis(t)
	c := connect(t, patient(redisstore.Options{Addrs: []string{server.Addr()}}))
	before, err := c.RunID(t.Context())
	require.NoError(t, err)
	again, err := c.RunID(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, again)
	for name, do := range everything(c) {
		if err := do(t.Context()); err != nil {
			require.False(t, fault.Is(err, fault.Unavailable), name)
		}
	}

	server.Kill()
	for _, do := range everything(c) {
		requireUnavailable(t, do(t.Context()))
	}
	server.Restart()
	require.NoError(t, c.Ping(t.Context()))
	after, err := c.RunID(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	v := aVisit("w")
	nextPage(t, redisstore.NewSessions(c), v, 1)
	nextPage(t, redisstore.NewSessions(c), v, 2)
}

func TestARestartBetweenTwoCallsIsToldBeforeTheAnswer(t *testing.T) {
	server := servers.StartRedis(t)
	c := connect(t, patient(redisstore.Options{Addrs: []string{server.Addr()}}))
	require.NoError(t, c.Ping(t.Context()))
	require.Zero(t, c.Restarts())
	server.Kill()
	server.Restart()
	nextPage(t, redisstore.NewSessions(c), aVisit("w"), 1) // nothing of this fails
	require.EqualValues(t, 1, c.Restarts())
}

func TestAPulseIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		none, err := c.Sealed(t.Context())
		require.NoError(t, err)
		require.Zero(t, none)
		at := time.UnixMilli(1_700_000_000_123)
		for _, p := range []remembering.Pulse{{RunID: "one,two", At: at}, {RunID: "three", At: at, Lost: at.Add(1)}} {
			p.Lost = p.Lost.Truncate(time.Millisecond)
			require.NoError(t, c.Seal(t.Context(), p))
			kept, err := c.Sealed(t.Context())
			require.NoError(t, err)
			require.Equal(t, p.RunID, kept.RunID)
			require.True(t, p.At.Equal(kept.At))
			require.True(t, p.Lost.Equal(kept.Lost))
		}
	})
}

func TestTheEmbeddedServerAndAClusterHaveRunIDs(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		require.NoError(t, c.Ping(t.Context()))
		one, err := c.RunID(t.Context())
		require.NoError(t, err)
		two, err := c.RunID(t.Context())
		require.NoError(t, err)
		require.Equal(t, one, two)
		require.NotEmpty(t, one)
	})
}

func TestAFullRedisIsUnavailableAndKeepsHalfOfNothing(t *testing.T) {
	server := servers.StartRedis(t)
	c := connect(t, patient(redisstore.Options{Addrs: []string{server.Addr()}}))
	sessions, v := redisstore.NewSessions(c), aVisit("v")
	nextPage(t, sessions, v, 1)
	opened, err := sessions.Open(t.Context(), v.Viewer, v.ID, 2)
	require.NoError(t, err)
	_, err = opened.Session.Serve(2, aPage(2, 20), time.Now())
	require.NoError(t, err)

	require.NoError(t, c.Do(t.Context(), "CONFIG", "SET", "maxmemory", "1").Err())
	requireUnavailable(t, sessions.Commit(t.Context(), opened.Session))
	opened2, err := sessions.Open(t.Context(), v.Viewer, v.ID, 2)
	require.NoError(t, err)
	require.Equal(t, 1, opened2.Session.Pages())
	require.NoError(t, c.Do(t.Context(), "CONFIG", "SET", "maxmemory", "0").Err())
	require.NoError(t, sessions.Commit(t.Context(), opened.Session))
}

func TestAReadOnlyRedisIsUnavailable(t *testing.T) {
	master, replica := servers.StartRedis(t), servers.StartRedis(t)
	c := connect(t, patient(redisstore.Options{Addrs: []string{replica.Addr()}}))
	host, port, _ := net.SplitHostPort(master.Addr())
	require.NoError(t, c.Do(t.Context(), "REPLICAOF", host, port).Err())
	all := everything(c)
	for _, name := range []string{"commit", "version", "decide", "note", "forget", "publish", "mark", "erase"} {
		requireUnavailable(t, all[name](t.Context()))
	}
}

func TestASessionTornByEvictionIsNotHeld(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, v := redisstore.NewSessions(c), aVisit("v")
		nextPage(t, sessions, v, 1)
		nextPage(t, sessions, v, 2)
		opened, err := sessions.Open(t.Context(), v.Viewer, v.ID, 3)
		require.NoError(t, err)
		require.NoError(t, c.Do(t.Context(), "DEL", c.ItemsKey(v)).Err())
		torn, err := sessions.Open(t.Context(), v.Viewer, v.ID, 2)
		require.NoError(t, err)
		require.Nil(t, torn.Session)

		_, err = opened.Session.Serve(3, aPage(3, 20), time.Now())
		require.NoError(t, err)
		require.NoError(t, sessions.Commit(t.Context(), opened.Session))
		whole, err := sessions.Open(t.Context(), v.Viewer, v.ID, 3)
		require.NoError(t, err)
		require.Equal(t, 3, whole.Session.Pages())
		require.Len(t, whole.Session.Served(), 60)
	})
}

func TestWhatAnotherVersionWroteIsUnavailableNotWrong(t *testing.T) {
	c := connect(t, embedded(t))
	sessions, v := redisstore.NewSessions(c), aVisit("v")
	nextPage(t, sessions, v, 1)
	nextPage(t, sessions, v, 2)
	require.NoError(t, c.Do(t.Context(), "HSET", c.SessionKey(v), "p1", "\x02newer").Err())
	_, err := sessions.Open(t.Context(), v.Viewer, v.ID, 1)
	requireUnavailable(t, err)
	_, err = sessions.Open(t.Context(), v.Viewer, v.ID, 2)
	require.NoError(t, err)
	require.NoError(t, c.Do(t.Context(), "HSET", c.SessionKey(v), "v", "\x02newer").Err())
	_, err = sessions.Open(t.Context(), v.Viewer, v.ID, 2)
	requireUnavailable(t, err)
}

func TestOptionsThatNoRedisHasAreRefused(t *testing.T) {
	for _, o := range []redisstore.Options{{}, {Addrs: []string{""}}, {Addrs: []string{"h:1"}, Prefix: "{x}:"}} {
		_, err := redisstore.Open(o)
		require.ErrorIs(t, err, redisstore.ErrOptions)
	}
}

// TestARestoreOfBeforeALossDoesNotStandAfterIt has Redis lose its newest writes, as it does when it is killed before they are on the disk.
func TestARestoreOfBeforeALossDoesNotStandAfterIt(t *testing.T) {
	c := connect(t, patient(redisstore.Options{Addrs: servers.RedisAddrs(t)}))
	r := redisstore.NewRemembrance(c)
	fill(t, r, "v")
	onDisk := map[string]any{}
	keys, err := c.KeysOf(t.Context(), "v")
	require.NoError(t, err)
	for _, key := range keys {
		onDisk[key], err = c.Do(t.Context(), "DUMP", key).Result()
		require.NoError(t, err)
	}
	require.NotEmpty(t, onDisk)
	mute := func(author catalog.AuthorID) {
		tie := audience.Tie{Relation: audience.Mutes, Author: author, At: time.Now()}
		require.NoError(t, r.Decide(t.Context(), "v", []audience.Change{{Tie: &tie}}))
	}
	mute("a")
	version, err := r.Version(t.Context(), "v")
	require.NoError(t, err)
	old, _, err := r.Recall(t.Context(), "v")
	require.NoError(t, err)

	for key, content := range onDisk {
		require.NoError(t, c.Do(t.Context(), "RESTORE", key, 3_600_000, content, "REPLACE").Err())
	}
	mute("b")
	require.NoError(t, r.Restore(t.Context(), "v", version, old))
	now, known, err := r.Recall(t.Context(), "v")
	require.NoError(t, err)
	require.True(t, known)
	require.True(t, now.Viewer.Has(audience.Mutes, "b"), "it was overwritten by what had been read before")
}
