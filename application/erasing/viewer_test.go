package erasing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// leaves makes the viewer leave a trace wherever one can be left.
func leaves(t *testing.T, w *world.World, p *world.Process, viewer audience.ViewerID) feed.SessionID {
	t.Helper()
	a := p.Page(viewer, "")
	var events []engagement.Event
	for _, act := range audience.Acts() {
		e := p.Did(viewer, act, a.Items[int(act)%len(a.Items)].Item)
		e.Session, e.Context = string(a.Visit.ID), a.Items[0].Context
		if act == audience.FollowAuthor || act == audience.UnfollowAuthor {
			e.Item, e.Author = "", "somebody"
		}
		events = append(events, e)
	}
	p.Record(events...)
	_, err := p.Decisions.Steer(ctx, viewer, audience.Target{Kind: audience.OnTag, ID: "t1"}, audience.More)
	require.NoError(t, err)
	require.NoError(t, p.Decisions.Relate(ctx, viewer, audience.Follows, "a9"))
	kept, err := redisstore.NewBookmarks(w.Redis).Mark(ctx, string(viewer), 1, a.Cursor, a.Visit.ExpiresAt)
	require.NoError(t, err)
	require.True(t, kept)
	_, err = p.Counter.CatchUp(ctx)
	require.NoError(t, err)
	_, err = p.Archivist.Drain(ctx)
	require.NoError(t, err)
	p.Page(viewer, a.Cursor) // on its way to the archive
	return a.Visit.ID
}

func TestErasedMeansErased(t *testing.T) {
	w := world.New(t)
	var commit world.Breaker
	p := w.Process(func(parts *world.Parts) {
		parts.Shared = world.Sessions{SessionRepository: parts.Shared, Opening: &world.Breaker{}, Committing: &commit}
	})
	p.Stock(100)
	const gone, stays = audience.ViewerID("viewer-who-goes"), audience.ViewerID("viewer-who-stays")
	leaves(t, w, p, stays)
	session := leaves(t, w, p, gone) // the last, so that its newest page is on its way still
	commit.Set(world.Fails)
	p.Page(gone, "") // held by this process alone
	commit.Set(world.Works)
	w.Clock.Advance(time.Minute)
	before := w.Traces(string(gone))
	require.Greater(t, len(before), 12, "%v", before)
	others := w.Traces(string(stays))

	r, err := p.Viewers.Erase(ctx, gone)
	require.NoError(t, err)
	require.Equal(t, gone, r.Viewer)
	require.Equal(t, w.Clock.Now(), r.ErasedAt)
	removed := map[string]int64{}
	for _, m := range r.Removed {
		_, again := removed[m.Store+" "+m.What]
		require.False(t, again, "each store and kind is on the receipt once")
		removed[m.Store+" "+m.What] = m.Count
	}
	for what, count := range map[string]int64{
		"process sessions": 1, "redis sessions": 1, "redis bookmarks": 1, "redis seen": -1, "redis consumed": -1, "redis actions": -1,
		"redis decisions": -1, "redis served": -1, "sql sessions": 2, "sql pages": 3, "sql ties": -1, "sql decisions": 3, "sql viewers": 1,
		"sql events": int64(len(audience.Acts())),
	} {
		if count < 0 {
			require.Positive(t, removed[what], what)
			continue
		}
		require.Equal(t, count, removed[what], what)
	}

	require.Empty(t, w.Traces(string(gone)))
	require.Empty(t, w.Traces(string(session)))
	require.Equal(t, others, w.Traces(string(stays)), "nobody else loses anything")
	_, err = p.Sessions.Find(ctx, session)
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
	require.NoError(t, p.Viewers.Export(ctx, gone, func(record any) error { return errors.New("there is something left") }))

	r, err = p.Viewers.Erase(ctx, gone)
	require.NoError(t, err)
	for _, m := range r.Removed {
		require.Zero(t, m.Count, "%+v", m)
	}
}

func TestAnErasedViewerIsAStranger(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(100)
	require.NoError(t, p.Decisions.Relate(ctx, "v", audience.Mutes, "a1"))
	a := p.Page("v", "")
	_, err := p.Viewers.Erase(ctx, "v")
	require.NoError(t, err)
	k := p.Ladder.Look(ctx, "v", a.Visit.ID, 2)
	require.Nil(t, k.Session)
	require.Empty(t, k.Knowledge.Viewer.Ties(audience.Mutes))
	require.Empty(t, k.Knowledge.Memory)
	require.Equal(t, world.IDs(p.Page("w", "")), world.IDs(p.Page("v", "")))
}

func TestAnErasureThatFailsSaysSoAndMayBeRepeated(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(30)
	leaves(t, w, p, "viewer-who-goes")
	var archive world.Breaker
	broken := w.Process(func(parts *world.Parts) { parts.Archive = world.Archive{PageArchive: parts.Archive, Breaker: &archive} })
	archive.Set(world.Fails)
	_, err := broken.Viewers.Erase(ctx, "viewer-who-goes")
	require.ErrorIs(t, err, world.ErrBroken, "a page that is on its way would arrive after the erasure")
	archive.Set(world.Works)
	_, err = broken.Viewers.Erase(ctx, "viewer-who-goes")
	require.NoError(t, err)
	require.Empty(t, w.Traces("viewer-who-goes"))
}

func TestWithoutRedisNothingIsCalledErased(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(30)
	leaves(t, w, p, "v")
	w.StopRedis()
	_, err := p.Viewers.Erase(ctx, "v")
	require.ErrorIs(t, err, redisstore.ErrUnavailable)
}

func TestAnExportHoldsEverything(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(100)
	leaves(t, w, p, "v")
	leaves(t, w, p, "w")
	kinds := map[string]int{}
	require.NoError(t, p.Viewers.Export(ctx, "v", func(record any) error {
		switch r := record.(type) {
		case engagement.Logged:
			require.Equal(t, audience.ViewerID("v"), r.Viewer)
			kinds["events"]++
		case audience.Decision:
			kinds["decisions"]++
		case audience.Tie:
			kinds["ties"]++
		case feed.Exposure:
			require.Equal(t, audience.ViewerID("v"), r.Visit.Viewer)
			kinds["pages"]++
		default:
			require.Fail(t, "an unknown kind of record", "%T", record)
		}
		return nil
	}))
	require.Equal(t, len(audience.Acts()), kinds["events"])
	require.Equal(t, 3, kinds["decisions"])
	require.Positive(t, kinds["ties"])
	require.Equal(t, 2, kinds["pages"], "the page that was on its way too")

	stop := errors.New("the client went away")
	n := 0
	require.ErrorIs(t, p.Viewers.Export(ctx, "v", func(any) error { n++; return stop }), stop)
	require.Equal(t, 1, n)
}
