package redisstore_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

func drained(t *testing.T, x *redisstore.Exposures, consumer string) int {
	t.Helper()
	n, err := x.Drain(t.Context(), consumer, 1000, 0, func([]feed.Exposure) error { return nil })
	require.NoError(t, err)
	return n
}

func TestExposuresGoOnAfterRedisLostItsData(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, x := redisstore.NewSessions(c), redisstore.NewExposures(c)
		nextPage(t, sessions, aVisit("v"), 1)
		require.Equal(t, 1, drained(t, x, "c"))
		for _, key := range c.ExposureKeys() {
			require.NoError(t, c.Do(t.Context(), "DEL", key).Err())
		}
		require.Zero(t, drained(t, x, "c"))
		nextPage(t, sessions, aVisit("v"), 2)
		require.Equal(t, 1, drained(t, x, "c"))
	})
}

func TestWhatIsNoExposureIsForgottenAndWhatIsNewerIsLeft(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		x, stream := redisstore.NewExposures(c), c.ExposureKeys()[5]
		add := func(values ...any) {
			require.NoError(t, c.Do(t.Context(), append([]any{"XADD", stream, "*"}, values...)...).Err())
		}
		add("v", "\x01garbage", "p", "")
		add("other", "field")
		add("v", "\x02newer", "p", "\x01")
		nextPage(t, redisstore.NewSessions(c), aVisit("v"), 1)
		require.Equal(t, 1, drained(t, x, "c"))
		require.Zero(t, drained(t, x, "c"))
		left, err := c.Do(t.Context(), "XLEN", stream).Int()
		require.NoError(t, err)
		require.Equal(t, 1, left)
	})
}

func TestExposuresThatWereTrimmedDoNotBlockTheRest(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, x, v := redisstore.NewSessions(c), redisstore.NewExposures(c), aVisit("v")
		for n := 1; n <= 3; n++ {
			nextPage(t, sessions, v, n)
		}
		failed := errors.New("failed")
		_, err := x.Drain(t.Context(), "c", 3, 0, func([]feed.Exposure) error { return failed })
		require.ErrorIs(t, err, failed)
		for _, key := range c.ExposureKeys() {
			require.NoError(t, c.Do(t.Context(), "XTRIM", key, "MAXLEN", 1).Err())
		}
		nextPage(t, sessions, v, 4)
		require.Equal(t, 2, drained(t, x, "c")+drained(t, x, "c"))
		require.Zero(t, drained(t, x, "d"))
	})
}

func TestExposuresThatNobodyDrainsStayBounded(t *testing.T) {
	c := connectWith(t, embedded(t), func(o *redisstore.Options) { o.Exposures = 10 })
	sessions, v := redisstore.NewSessions(c), aVisit("v")
	for n := 1; n <= 30; n++ {
		nextPage(t, sessions, v, n)
	}
	require.Equal(t, 10, drained(t, redisstore.NewExposures(c), "c"))
}

func TestAStreamOfChangesThatWasDeletedOrTrimmedGoesOn(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		s := redisstore.NewChanges(c)
		publish := func(id catalog.ItemID) {
			require.NoError(t, s.Publish(t.Context(), []catalog.Snapshot{{ID: id, Number: 1, State: catalog.Published}}))
		}
		publish("a")
		publish("b")
		position, err := s.Position(t.Context())
		require.NoError(t, err)

		require.NoError(t, c.Do(t.Context(), "XTRIM", c.ChangesKey(), "MAXLEN", 0).Err())
		items, next, err := s.Follow(t.Context(), position, 10, 50*time.Millisecond)
		require.NoError(t, err)
		require.Empty(t, items)
		require.Equal(t, position, next)
		publish("c")
		items, position, err = s.Follow(t.Context(), next, 10, time.Second)
		require.NoError(t, err)
		require.Len(t, items, 1)

		require.NoError(t, c.Do(t.Context(), "DEL", c.ChangesKey()).Err())
		items, _, err = s.Follow(t.Context(), position, 10, 50*time.Millisecond)
		require.NoError(t, err)
		require.Empty(t, items)
		time.Sleep(2 * time.Millisecond) // positions are times
		publish("d")
		items, _, err = s.Follow(t.Context(), position, 10, time.Second)
		require.NoError(t, err)
		require.Equal(t, catalog.ItemID("d"), items[0].ID)
	})
}

func TestAStreamOfChangesTellsWhatItDoesNotKeepAnyMore(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		s := redisstore.NewChanges(c)
		var at []string
		for n := range 4 {
			require.NoError(t, s.Publish(t.Context(), []catalog.Snapshot{{ID: "a", Number: 1, Version: uint64(n), State: catalog.Published}}))
			position, err := s.Position(t.Context())
			require.NoError(t, err)
			at = append(at, position)
			time.Sleep(2 * time.Millisecond) // positions are times
		}
		keeps := func(position string) bool {
			kept, err := s.Keeps(t.Context(), position)
			require.NoError(t, err)
			return kept
		}
		require.True(t, keeps(at[0]))
		require.False(t, keeps("0-0"), "there may have been others before the first")
		require.NoError(t, c.Do(t.Context(), "XTRIM", c.ChangesKey(), "MAXLEN", 2).Err())
		require.Equal(t, []bool{false, false, true, true}, []bool{keeps(at[0]), keeps(at[1]), keeps(at[2]), keeps(at[3])})
		require.NoError(t, c.Do(t.Context(), "DEL", c.ChangesKey()).Err())
		require.False(t, keeps(at[3]), "the stream is gone")
	})
}

func TestChangesGoOnInAStreamThatBeganAnewByAClockThatIsBehind(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		s := redisstore.NewChanges(c)
		lost := strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10) + "-0"
		_, position, err := s.Follow(t.Context(), lost, 10, 10*time.Millisecond)
		require.NoError(t, err)
		require.Equal(t, lost, position, "there is no stream yet")
		require.NoError(t, s.Publish(t.Context(), []catalog.Snapshot{{ID: "a", Number: 1}}))
		items, position, err := s.Follow(t.Context(), position, 10, 2*time.Second)
		require.NoError(t, err)
		require.Len(t, items, 1)
		items, _, err = s.Follow(t.Context(), position, 10, 10*time.Millisecond)
		require.NoError(t, err)
		require.Empty(t, items, "once")
	})
}

func TestChangesInAnotherFormArePassedOver(t *testing.T) {
	c := connect(t, embedded(t))
	s := redisstore.NewChanges(c)
	require.NoError(t, c.Do(t.Context(), "XADD", c.ChangesKey(), "*", "s", "\x02newer").Err())
	require.NoError(t, s.Publish(t.Context(), []catalog.Snapshot{{ID: "a", Number: 1}}))
	items, _, err := s.Follow(t.Context(), "", 1, time.Second)
	require.NoError(t, err)
	require.Len(t, items, 1)
}

func TestErasingAViewerLeavesNoKeyAndNoExposure(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, r, x := redisstore.NewSessions(c), redisstore.NewRemembrance(c), redisstore.NewExposures(c)
		bookmarks, eraser := redisstore.NewBookmarks(c), redisstore.NewEraser(c)
		at := time.Now().UTC()
		leaveTraces := func(v audience.ViewerID) {
			version, err := r.Version(t.Context(), v)
			require.NoError(t, err)
			viewer := audience.NewViewer(v, []audience.Tie{{Relation: audience.Mutes, Author: "a", At: at}}, nil)
			require.NoError(t, r.Restore(t.Context(), v, version, audience.Knowledge{Viewer: viewer}))
			like := audience.Action{Item: "i", Act: audience.Like, At: at}
			m := []audience.Mark{{Item: 1, At: at}, {Item: 2, At: at}}
			require.NoError(t, r.Note(t.Context(), []audience.Note{{Viewer: v, Action: &like, Seen: m, Consumed: m[:1]}}))
			_, err = r.Version(t.Context(), v)
			require.NoError(t, err)
			for i := range 3 {
				visit := aVisit(v)
				visit.ID = feed.SessionID(fmt.Sprint(i))
				nextPage(t, sessions, visit, 1)
				nextPage(t, sessions, visit, 2)
				_, err := bookmarks.Mark(t.Context(), string(v), int64(i), "cursor", at.Add(time.Hour))
				require.NoError(t, err)
			}
		}
		leaveTraces("v")
		leaveTraces("bystander")
		for range 300 { // the stream is longer than one look
			nextPage(t, sessions, aVisit(audience.ViewerID(fmt.Sprint(time.Now().UnixNano()))), 1)
		}
		want := map[string]int64{
			"decisions": 1, "actions": 1, "served": 120, "seen": 2, "consumed": 1, "sessions": 3, "bookmarks": 3, "exposures": 6,
		}
		erase := func(viewer audience.ViewerID) (map[string]int64, error) {
			receipt, err := eraser.Erase(t.Context(), viewer)
			counts := make(map[string]int64, len(receipt))
			for _, r := range receipt {
				counts[r.What] = r.Count
			}
			return counts, err
		}
		got, err := erase("v")
		require.NoError(t, err)
		require.Equal(t, want, got)
		keys, err := c.KeysOf(t.Context(), "v")
		require.NoError(t, err)
		require.Empty(t, keys)

		got, err = erase("v")
		require.NoError(t, err)
		for kind, n := range got {
			require.Zero(t, n, kind)
		}
		_, err = x.Drain(t.Context(), "c", 10_000, 0, func(all []feed.Exposure) error {
			require.Len(t, all, 306)
			for _, e := range all {
				require.NotEqual(t, audience.ViewerID("v"), e.Visit.Viewer)
			}
			return nil
		})
		require.NoError(t, err)
		got, err = erase("bystander")
		require.NoError(t, err)
		want["exposures"] = 0
		require.Equal(t, want, got)
	})
}

func TestSessionsAndBookmarksOfOneOwnerStayBounded(t *testing.T) {
	c := connect(t, embedded(t))
	sessions, bookmarks := redisstore.NewSessions(c), redisstore.NewBookmarks(c)
	for i := range redisstore.MaxSessions + 5 {
		v := aVisit("v")
		v.ID, v.ExpiresAt = feed.SessionID(fmt.Sprint(i)), v.ExpiresAt.Add(time.Duration(i)*time.Second)
		nextPage(t, sessions, v, 1)
	}
	for i := range redisstore.MaxMarks + 5 {
		kept, err := bookmarks.Mark(t.Context(), "v", int64(i), "c", time.Now().Add(time.Hour+time.Duration(i)*time.Second))
		require.NoError(t, err)
		require.True(t, kept)
	}
	keys, err := c.KeysOf(t.Context(), "v")
	require.NoError(t, err)
	require.Len(t, keys, 2*redisstore.MaxSessions+redisstore.MaxMarks+3) // two indexes, what was served
	opened, err := sessions.Open(t.Context(), "v", "4", 1)
	require.NoError(t, err)
	require.Nil(t, opened.Session, "the one that ends first was dropped")
	_, err = bookmarks.Find(t.Context(), "v", 4)
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
}

func TestEveryKeyOfAViewerEnds(t *testing.T) {
	c := connect(t, embedded(t))
	for name, do := range everything(c) {
		if err := do(t.Context()); err != nil {
			require.NotErrorIs(t, err, redisstore.ErrUnavailable, name)
		}
	}
	r := redisstore.NewRemembrance(c)
	version, err := r.Version(t.Context(), "v")
	require.NoError(t, err)
	at := time.Now()
	m := []audience.Mark{{Item: 1, At: at}}
	k := audience.Knowledge{Actions: []audience.Action{{Item: "i", Act: audience.Like, At: at}}, Memory: audience.Memory{Served: m, Seen: m, Consumed: m}}
	require.NoError(t, r.Restore(t.Context(), "v", version, k))
	_, err = r.Version(t.Context(), "v")
	require.NoError(t, err)
	another := aVisit("v")
	another.ID = "another"
	nextPage(t, redisstore.NewSessions(c), another, 1)
	keys, err := c.KeysOf(t.Context(), "v")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(keys), 7)
	for _, key := range keys {
		left, err := c.Do(t.Context(), "PTTL", key).Int64()
		require.NoError(t, err)
		require.Positive(t, left, key)
	}
}

func TestServedWhileNotHeldIsStillKnownAfterARestore(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, r, v := redisstore.NewSessions(c), redisstore.NewRemembrance(c), aVisit("v")
		nextPage(t, sessions, v, 1)
		version, err := r.Version(t.Context(), "v")
		require.NoError(t, err)
		old := audience.Mark{Item: 7, At: time.Now().Add(-time.Hour).UTC().Truncate(time.Second)}
		require.NoError(t, r.Restore(t.Context(), "v", version, audience.Knowledge{Memory: audience.Memory{Served: []audience.Mark{old}}}))
		k, known, err := r.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.True(t, known)
		require.Len(t, k.Memory.Served, 21)
		require.Equal(t, old, k.Memory.Served[0])
	})
}

func TestTwoWhoFillOneViewerAtOnceLoseNoServing(t *testing.T) {
	c := connect(t, embedded(t))
	sessions, r := redisstore.NewSessions(c), redisstore.NewRemembrance(c)
	version, err := r.Version(t.Context(), "v")
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, r.Restore(t.Context(), "v", version, audience.Knowledge{}))
		nextPage(t, sessions, aVisit(audience.ViewerID("v")), 1+len(servedOf(t, r))/20)
	}
	require.Len(t, servedOf(t, r), 40)
}

func servedOf(t *testing.T, r *redisstore.Remembrance) []audience.Mark {
	t.Helper()
	k, known, err := r.Recall(t.Context(), "v")
	require.NoError(t, err)
	require.True(t, known)
	return k.Memory.Served
}

func TestOfAViewerWhoIsNotHeldNothingIsStored(t *testing.T) {
	c := connect(t, embedded(t))
	r, at := redisstore.NewRemembrance(c), time.Now()
	requireNoKey := func() {
		t.Helper()
		keys, err := c.KeysOf(t.Context(), "v")
		require.NoError(t, err)
		require.Empty(t, keys)
	}
	like, m := audience.Action{Item: "i", Act: audience.Like, At: at}, []audience.Mark{{Item: 1, At: at}}
	notes := []audience.Note{{Viewer: "v", Action: &like, Seen: m, Consumed: m}}
	require.NoError(t, r.Note(t.Context(), notes))
	tie := audience.Tie{Relation: audience.Mutes, Author: "a", At: at}
	require.NoError(t, r.Decide(t.Context(), "v", []audience.Change{{Tie: &tie}}))
	requireNoKey()

	version, err := r.Version(t.Context(), "v")
	require.NoError(t, err)
	require.NoError(t, r.Restore(t.Context(), "v", version, audience.Knowledge{}))
	require.NoError(t, r.Note(t.Context(), notes))
	require.NoError(t, r.Forget(t.Context(), "v"))
	requireNoKey()
}
