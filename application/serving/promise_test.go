package serving_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

// byTag counts how many of the answer's items have the tag.
func byTag(a serving.Answer, tag string) int {
	n := 0
	for _, it := range a.Items {
		if it.Details.Details.Tags[0] == tag {
			n++
		}
	}
	return n
}

func TestTheNextPageKnowsOfAnEvent(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(300)
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)
	first := one.Page("v", "")
	require.Less(t, byTag(first, "t3"), 5)
	one.Record(one.Did("v", audience.Like, world.ItemID(203)), one.Did("v", audience.Like, world.ItemID(208)), one.Did("v", audience.Share, world.ItemID(213)))
	second := two.Page("v", first.Cursor)
	require.GreaterOrEqual(t, byTag(second, "t3"), 6, "on another instance, at once")
	require.LessOrEqual(t, byTag(two.Page("w", ""), "t3"), 4, "and for nobody else")
}

func TestTheNextPageKnowsOfADecision(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(300)
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)
	first := one.Page("v", "")
	_, err = one.Decisions.Steer(ctx, "v", audience.Target{Kind: audience.OnTag, ID: "t3"}, audience.Less)
	require.NoError(t, err)
	second := two.Page("v", first.Cursor)
	require.Zero(t, byTag(second, "t3"))
	require.Len(t, second.Items, 10)
	require.NoError(t, two.Decisions.Undo(ctx, "v", audience.Target{Kind: audience.OnTag, ID: "t3"}))
	_, err = two.Decisions.Steer(ctx, "v", audience.Target{Kind: audience.OnTag, ID: "t3"}, audience.More)
	require.NoError(t, err)
	require.GreaterOrEqual(t, byTag(one.Page("v", second.Cursor), "t3"), 6)
}

// The four states: what was served rests for minutes, what was seen for days, what was consumed longest.
func TestServedSeenAndConsumedRestEachForTheirTime(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	first := p.Page("v", "")
	seen, consumed, served := first.Items[0].Item, first.Items[1].Item, first.Items[2].Item
	p.Record(p.Did("v", audience.Seen, seen), p.Did("v", audience.PlayComplete, consumed))

	shown := func() map[catalog.ItemID]bool {
		a, err := p.Pages.Serve(ctx, serving.Request{Feed: "latest", Viewer: "v", Size: 5})
		require.NoError(t, err)
		require.Empty(t, a.Page.Relaxed)
		ids := map[catalog.ItemID]bool{}
		for _, it := range a.Items {
			ids[it.Item] = true
		}
		return ids
	}
	for _, id := range world.IDs(first) {
		require.False(t, shown()[id], "just served")
	}
	require.Contains(t, []catalog.ItemID{world.ItemID(1), world.ItemID(2), world.ItemID(3)}, served, "the newest were shown first")
	w.Clock.Advance(31 * time.Minute)
	got := shown()
	require.True(t, got[served], "served and never seen: it comes back soon")
	require.False(t, got[seen])
	require.False(t, got[consumed])
}

func TestAVariantSticksToItsSession(t *testing.T) {
	w := world.New(t)
	layers := []experiment.Layer{{Name: "newest", Salt: "1", Variants: []experiment.Variant{
		{Name: "all", Share: experiment.Buckets, Feeds: map[string]string{"for-you": "latest"}},
	}}}
	p := w.Process(func(parts *world.Parts) { parts.Layers = layers })
	p.Stock(100)
	a := p.Page("v", "")
	require.Equal(t, "for-you", a.Visit.Feed)
	require.Equal(t, "latest", a.Visit.Definition)
	require.Equal(t, []experiment.Assignment{{Layer: "newest", Variant: "all"}}, a.Visit.Assignments)

	// Another process, whose configuration has dropped the experiment; the session goes on as it began.
	other := w.Process()
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	next := other.Page("v", a.Cursor)
	require.Equal(t, a.Visit, next.Visit)
	require.Equal(t, "for-you", other.Page("v", "").Visit.Definition)
	w.WipeRedis()
	require.Equal(t, "latest", other.Page("v", next.Cursor).Visit.Definition, "the cursor knows")
}

func TestASessionOutlivesItsFeedDefinition(t *testing.T) {
	w := world.New(t)
	layers := []experiment.Layer{{Name: "x", Variants: []experiment.Variant{
		{Name: "all", Share: experiment.Buckets, Feeds: map[string]string{"for-you": "latest"}},
	}}}
	p := w.Process(func(parts *world.Parts) { parts.Layers = layers })
	p.Stock(60)
	cursor := p.Page("v", "").Cursor
	other := w.Process(func(parts *world.Parts) {
		parts.Feeds = []recommend.Definition{world.Feeds()[0], world.Feeds()[3]} // latest is gone
	})
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	require.Len(t, other.Page("v", cursor).Items, 10)
}

func TestAPlanIsCheckedBeforeItIsInForce(t *testing.T) {
	p := world.New(t).Process()
	feeds := world.Feeds()
	twice := []experiment.Layer{{Name: "x", Variants: []experiment.Variant{{Name: "a", Share: 6000}, {Name: "b", Share: 6000}}}}
	nowhere := []experiment.Layer{{Name: "x", Variants: []experiment.Variant{{Name: "a", Share: 1, Feeds: map[string]string{"for-you": "nope"}}}}}
	for _, c := range []struct {
		name   string
		layers []experiment.Layer
		feeds  []recommend.Definition
		want   *fault.Error
		field  string
	}{
		{"no related feed", nil, feeds[:3], recommend.ErrDefinition, "feeds"},
		{"a feed that makes no sense", nil, append([]recommend.Definition{{Name: "x", Order: "?"}}, feeds...), recommend.ErrDefinition, "order"},
		{"a layer dealt more than there is", twice, feeds, experiment.ErrShares, "share"},
		{"a variant that serves no feed", nowhere, feeds, recommend.ErrDefinition, "experiments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := serving.NewPlan("c", feed.DefaultLife, engagement.DefaultWeights(), c.layers, c.feeds, p.Index, p.Signals, recommend.Untrained{})
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.field, fault.Of(err).Field())
		})
	}
	require.ElementsMatch(t, []string{"for-you", "latest", "following", "related"}, p.Plans.Current().Feeds())
}

// taken is a session repository where somebody else decides the page first, so many times.
type taken struct {
	feed.SessionRepository
	times    atomic.Int64
	instead  func(ctx context.Context, s *feed.RecommendationSession) error
	refusals atomic.Int64
}

func (r *taken) Commit(ctx context.Context, s *feed.RecommendationSession) error {
	if r.times.Add(-1) < 0 {
		return r.SessionRepository.Commit(ctx, s)
	}
	r.refusals.Add(1)
	if r.instead != nil {
		return r.instead(ctx, s)
	}
	return feed.ErrPageTaken
}

func TestALostRaceIsAnsweredWithTheWinnersPage(t *testing.T) {
	w := world.New(t)
	winner := w.Process()
	winner.Stock(100)
	race := &taken{}
	p := w.Process(func(parts *world.Parts) { race.SessionRepository = parts.Shared; parts.Shared = race })
	_, err := p.Keeper.Build(ctx)
	require.NoError(t, err)
	first := winner.Page("v", "")
	var theirs serving.Answer
	race.instead = func(ctx context.Context, s *feed.RecommendationSession) error {
		winner.Record(winner.Did("v", audience.Like, world.ItemID(77)))
		theirs = winner.Page("v", first.Cursor)
		return race.SessionRepository.Commit(ctx, s)
	}
	race.times.Store(1)
	mine := p.Page("v", first.Cursor)
	require.EqualValues(t, 1, race.refusals.Load())
	require.Equal(t, world.IDs(theirs), world.IDs(mine))
	require.Equal(t, theirs.Cursor, mine.Cursor)
}

func TestARaceLostForEverIsAnsweredBelowFull(t *testing.T) {
	w := world.New(t)
	race := &taken{}
	p := w.Process(func(parts *world.Parts) { race.SessionRepository = parts.Shared; parts.Shared = race })
	p.Stock(30)
	first := p.Page("v", "")
	race.times.Store(1000)
	second := p.Page("v", first.Cursor)
	require.EqualValues(t, 4, race.refusals.Load(), "it does not try for ever")
	require.Equal(t, feed.CursorOnly, second.Rung)
	given := map[catalog.ItemID]int{}
	noRepeats(t, given, first)
	noRepeats(t, given, second)
}

func TestAuthorsDoNotFollowEachOtherAndFatigueIsCarried(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(300)
	for n := 151; n < 300; n += 10 { // one author above all
		p.Record(p.Did("v", audience.Like, world.ItemID(n)))
	}
	var last catalog.AuthorID
	cursor := ""
	for range 8 {
		a := p.Page("v", cursor)
		most := map[catalog.AuthorID]int{}
		for _, it := range a.Items {
			require.NotEqual(t, last, it.Author, "page %d", a.Page.Number)
			last = it.Author
			most[it.Author]++
			require.LessOrEqual(t, most[it.Author], 4, "the share of one author")
		}
		cursor = a.Cursor
	}
}
