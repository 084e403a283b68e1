package redisstore_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/servers"
)

// trips counts round trips: a command alone or a pipeline is one.
type trips struct{ n atomic.Int64 }

func (h *trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { h.n.Add(1); return next(ctx, cmd) }
}

func (h *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { h.n.Add(1); return next(ctx, cmds) }
}

func (h *trips) of(do func()) int64 {
	before := h.n.Load()
	do()
	return h.n.Load() - before
}

func TestAPageCostsTwoRoundTrips(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		costsTwoRoundTrips(t, connect(t, opts))
		costsTwoRoundTrips(t, connect(t, opts).Shadow(time.Hour).Client)
	})
}

func costsTwoRoundTrips(t *testing.T, c *redisstore.Client) {
	t.Helper()
	sessions, v := redisstore.NewSessions(c), aVisit("v")
	nextPage(t, sessions, v, 1) // a server learns the scripts once
	h := new(trips)
	c.Hook(h)
	for number := 2; number < 5; number++ {
		var opened feed.Opened
		require.EqualValues(t, 1, h.of(func() {
			var err error
			opened, err = sessions.Open(t.Context(), v.Viewer, v.ID, number)
			require.NoError(t, err)
		}))
		_, err := opened.Session.Serve(number, aPage(number, 20), time.Now())
		require.NoError(t, err)
		require.EqualValues(t, 1, h.of(func() { require.NoError(t, sessions.Commit(t.Context(), opened.Session)) }))
	}
}

func TestASessionThatEndsWhileItsPageIsStoredIsStoredAllTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		v := aVisit("v")
		v.ExpiresAt = time.Now().Add(30 * time.Millisecond)
		session := feed.Begin(v)
		_, err := session.Serve(1, aPage(1, 20), time.Now())
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond)
		require.NoError(t, redisstore.NewSessions(c).Commit(t.Context(), session))
	})
}

func TestNotesOfManyViewersAreOneRoundTrip(t *testing.T) {
	c := connect(t, embedded(t))
	r := redisstore.NewRemembrance(c)
	notes := func() (all []audience.Note) {
		for i := range 200 {
			a := audience.Action{Item: "i", Act: audience.Like, At: time.Now()}
			all = append(all, audience.Note{Viewer: audience.ViewerID(fmt.Sprint(i)), Action: &a})
		}
		return all
	}
	require.NoError(t, r.Note(t.Context(), notes()))
	h := new(trips)
	c.Hook(h)
	require.EqualValues(t, 1, h.of(func() { require.NoError(t, r.Note(t.Context(), notes())) }))
}

func aVisit(viewer audience.ViewerID) feed.Visit {
	return feed.Visit{
		ID: feed.SessionID("session-of-" + viewer), Viewer: viewer, Feed: "for-you", Definition: "for-you", Seed: 7,
		StartedAt: time.Now(), ExpiresAt: time.Now().Add(feed.DefaultLife),
	}
}

func aPage(number, size int) feed.Page {
	p := feed.Page{Want: size, Rung: feed.Full, Inputs: feed.Inputs{Config: "c1"}}
	for i := range size {
		n := catalog.Number(number*1000 + i)
		p.Items = append(p.Items, feed.Placement{
			Item: catalog.ItemID(fmt.Sprintf("item-%d", n)), Number: n, Author: "author-12", Score: 1.5,
			Reason: recommend.Reason{Source: "sequence", Because: "item:123"}, Sources: []string{"sequence", "popular"}, RankBefore: i + 1,
		})
	}
	return p
}

func nextPage(t testing.TB, sessions *redisstore.Sessions, v feed.Visit, number int) {
	t.Helper()
	opened, err := sessions.Open(context.Background(), v.Viewer, v.ID, number)
	require.NoError(t, err)
	session := opened.Session
	if session == nil {
		session = feed.Begin(v)
	}
	_, err = session.Serve(number, aPage(number, 20), time.Now())
	require.NoError(t, err)
	require.NoError(t, sessions.Commit(context.Background(), session))
}

// BenchmarkPage opens and commits pages of 20 for a viewer of whom much is known.
func BenchmarkPage(b *testing.B) {
	for name, opts := range map[string]func(b *testing.B) redisstore.Options{
		"embedded": func(b *testing.B) redisstore.Options { return embedded(b) },
		"redis":    func(b *testing.B) redisstore.Options { return redisstore.Options{Addrs: servers.RedisAddrs(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			c := connect(b, opts(b))
			sessions, r := redisstore.NewSessions(c), redisstore.NewRemembrance(c)
			knowMuch(b, r, "v")
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				v := aVisit("v")
				v.ID = feed.SessionID(fmt.Sprint(i / 20))
				nextPage(b, sessions, v, i%20+1)
				i++
			}
		})
	}
}

func knowMuch(b *testing.B, r *redisstore.Remembrance, id audience.ViewerID) {
	at := time.Now().Add(-time.Hour)
	k := audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}
	for i := range audience.MaxActions {
		k.Actions = append(k.Actions, audience.Action{Item: catalog.ItemID(fmt.Sprintf("item-%d", i)), Act: audience.Like, At: at, Session: "a-session-of-26-characters"})
	}
	for i := range audience.MaxSeen {
		k.Memory.Seen = append(k.Memory.Seen, audience.Mark{Item: catalog.Number(i + 1), At: at})
	}
	version, err := r.Version(context.Background(), id)
	require.NoError(b, err)
	require.NoError(b, r.Restore(context.Background(), id, version, k))
}

// BenchmarkNote notes new likes, and a play that goes on, of a viewer of whom much is known.
func BenchmarkNote(b *testing.B) {
	for name, opts := range map[string]func(b *testing.B) redisstore.Options{
		"embedded": func(b *testing.B) redisstore.Options { return embedded(b) },
		"redis":    func(b *testing.B) redisstore.Options { return redisstore.Options{Addrs: servers.RedisAddrs(b)} },
	} {
		for act, times := range map[audience.Act]int{audience.Like: 1, audience.PlayProgress: 10} {
			b.Run(name+"/"+act.String(), func(b *testing.B) {
				r := redisstore.NewRemembrance(connect(b, opts(b)))
				knowMuch(b, r, "v")
				began := time.Now().Add(-time.Minute)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					n := audience.MaxSeen + i/times
					a := audience.Action{
						Item: catalog.ItemID(fmt.Sprint("item-", n)), Act: act, At: began.Add(time.Duration(i) * 7 * time.Second),
						Watched: time.Duration(i%times) * 7 * time.Second, Session: "a-session",
					}
					m := []audience.Mark{{Item: catalog.Number(n + 1), At: a.At}}
					require.NoError(b, r.Note(context.Background(), []audience.Note{{Viewer: "v", Action: &a, Seen: m}}))
					i++
				}
			})
		}
	}
}
