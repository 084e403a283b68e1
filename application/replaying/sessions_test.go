package replaying_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// served is a session of five pages with events and decisions between them, and other sessions around it.
func served(t *testing.T, w *world.World, p *world.Process) []serving.Answer {
	t.Helper()
	p.Stock(300)
	p.Page("w", "")
	for range 3 { // earlier sessions of the viewer, which tire them, within one second
		w.Clock.Advance(170 * time.Millisecond)
		p.Page("v", "")
	}
	var pages []serving.Answer
	cursor := ""
	for n := range 5 {
		w.Clock.Advance(1300 * time.Millisecond)
		a := p.Page("v", cursor)
		pages, cursor = append(pages, a), a.Cursor
		w.Clock.Advance(time.Millisecond)
		p.Record(p.Did("v", audience.Like, a.Items[n].Item), p.Did("v", audience.Skip, a.Items[n+1].Item), p.Did("w", audience.Like, a.Items[2].Item))
		if n == 2 {
			_, err := p.Decisions.Steer(ctx, "v", audience.Target{Kind: audience.OnTag, ID: "t2"}, audience.More)
			require.NoError(t, err)
		}
	}
	w.Clock.Advance(time.Second)
	return pages
}

func TestEveryPageReplaysTheSame(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	pages := served(t, w, p)
	for _, a := range pages {
		r, err := p.Sessions.Replay(ctx, a.Visit.ID, a.Page.Number)
		require.NoError(t, err)
		require.Equal(t, world.IDs(a), r.Replayed, "page %d", a.Page.Number)
		require.True(t, r.Same)
		require.Equal(t, a.Visit, r.Visit)
		require.Equal(t, a.Page, r.Page)
		require.Empty(t, r.Changed)
	}
}

func TestPagesReplayOnAnotherInstance(t *testing.T) {
	w := world.New(t)
	pages := served(t, w, w.Process())
	_, err := w.Process().Archivist.Drain(ctx)
	require.NoError(t, err)
	w.WipeRedis()
	other := w.Process()
	_, err = other.Keeper.Build(ctx)
	require.NoError(t, err)
	for _, a := range pages {
		r, err := other.Sessions.Replay(ctx, a.Visit.ID, a.Page.Number)
		require.NoError(t, err)
		require.Equal(t, world.IDs(a), r.Replayed)
		require.Empty(t, r.Changed)
	}
}

func TestAReplayLeavesOutWhatTheClientExcluded(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	a, err := p.Pages.Serve(ctx, serving.Request{Feed: "latest", Viewer: "v", Size: 7, Exclude: []catalog.ItemID{"i0001", "i0004"}, Narrowing: feed.Narrowing{Tag: "t1"}})
	require.NoError(t, err)
	w.Clock.Advance(time.Second)
	r, err := p.Sessions.Replay(ctx, a.Visit.ID, 1)
	require.NoError(t, err)
	require.True(t, r.Same)
	require.Equal(t, world.IDs(a), r.Replayed)
}

func TestAReplayNamesWhatChanged(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *world.World, *world.Process)
		want   []string
	}{
		{"nothing", func(*testing.T, *world.World, *world.Process) {}, []string{}},
		{"the catalogue", func(t *testing.T, w *world.World, p *world.Process) {
			require.NoError(t, p.Items.Hide(ctx, world.ItemID(3)))
		}, []string{"catalogue"}},
		{"the model", func(t *testing.T, _ *world.World, p *world.Process) {
			for _, viewer := range []audience.ViewerID{"w", "x", "y"} {
				p.Record(p.Did(viewer, audience.Like, world.ItemID(40)))
			}
			_, err := p.Learner.CatchUp(ctx)
			require.NoError(t, err)
		}, []string{"model"}},
		{"the viewer", func(t *testing.T, _ *world.World, p *world.Process) {
			require.NoError(t, p.Decisions.Unrelate(ctx, "v", audience.Mutes, "a2")) // of which no history is kept
		}, []string{"viewer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(t)
			p := w.Process()
			p.Stock(60)
			require.NoError(t, p.Decisions.Relate(ctx, "v", audience.Mutes, "a2"))
			w.Clock.Advance(time.Second)
			a := p.Page("v", "")
			w.Clock.Advance(time.Second)
			c.change(t, w, p)
			r, err := p.Sessions.Replay(ctx, a.Visit.ID, 1)
			require.NoError(t, err)
			require.Equal(t, c.want, r.Changed)
			require.Equal(t, len(c.want) == 0, r.Same)
			require.Equal(t, a.Page, r.Page, "what was served stays what it was")
		})
	}
}

func TestAReplayNamesAChangedConfiguration(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	w.Clock.Advance(time.Second)
	a := p.Page("v", "")
	feeds := world.Feeds()
	feeds[0].Weights = map[string]float32{"freshness": -1}
	other := w.Process(func(parts *world.Parts) { parts.Config, parts.Feeds = "c2", feeds })
	gone := w.Process(func(parts *world.Parts) { parts.Feeds = feeds[1:] })
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)

	r, err := other.Sessions.Replay(ctx, a.Visit.ID, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"configuration", "weights"}, r.Changed)
	require.False(t, r.Same)
	_, err = gone.Sessions.Replay(ctx, a.Visit.ID, 1)
	require.ErrorIs(t, err, serving.ErrNoFeed)
}

func TestWhatIsNotThereIsNotReplayed(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(30)
	a := p.Page("v", "")
	_, err := p.Sessions.Replay(ctx, a.Visit.ID, 2)
	require.ErrorIs(t, err, replaying.ErrPageNotFound)
	_, err = p.Sessions.Replay(ctx, "aaaaaaaaaaaaaaaaaaaaaaaaaa", 1)
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
	_, err = p.Sessions.Find(ctx, "aaaaaaaaaaaaaaaaaaaaaaaaaa")
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
}

func TestASessionIsFoundAMomentAfterItWasServed(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	first := p.Page("v", "")
	second := p.Page("v", first.Cursor)
	past, err := p.Sessions.Find(ctx, first.Visit.ID)
	require.NoError(t, err)
	require.Equal(t, first.Visit, past.Visit)
	require.Equal(t, []feed.Page{first.Page, second.Page}, past.Pages)
	require.Equal(t, second.Cursor, past.Cursor, "to go on where the viewer left")
	third := p.Page("v", past.Cursor)
	require.Equal(t, 3, third.Page.Number)

	w.Clock.Advance(feed.DefaultLife)
	past, err = p.Sessions.Find(ctx, first.Visit.ID)
	require.NoError(t, err)
	require.Len(t, past.Pages, 3)
	require.Empty(t, past.Cursor, "a session that has ended is only looked at")
}

func TestSessionsAreListedNewestFirst(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	var ids []feed.SessionID
	for range 4 {
		w.Clock.Advance(time.Minute)
		a := p.Page("v", "")
		p.Page("v", a.Cursor)
		ids = append([]feed.SessionID{a.Visit.ID}, ids...)
	}
	p.Page("w", "")
	list := func(before time.Time, limit int) (got []feed.SessionID) {
		all, err := p.Sessions.List(ctx, "v", before, limit)
		require.NoError(t, err)
		for _, s := range all {
			require.Equal(t, 2, s.Pages)
			require.Equal(t, 20, s.Items)
			got = append(got, s.Visit.ID)
		}
		return got
	}
	require.Equal(t, ids, list(time.Time{}, 1000))
	require.Equal(t, ids[:2], list(time.Time{}, 2))
	require.Equal(t, ids[2:], list(w.Clock.Now().Add(-time.Minute), 1000))
}

func TestThePastIsShownWhileWhatIsOnItsWayCannotBeReached(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	a := p.Page("v", "")
	_, err := p.Archivist.Drain(ctx)
	require.NoError(t, err)
	w.StopRedis()
	past, err := p.Sessions.Find(ctx, a.Visit.ID)
	require.NoError(t, err)
	require.Len(t, past.Pages, 1)
}
