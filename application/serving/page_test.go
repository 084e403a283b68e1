package serving_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// together runs ask n times at once and returns the answers.
func together(t *testing.T, n int, ask func(i int) (serving.Answer, error)) []serving.Answer {
	t.Helper()
	answers, errs := make([]serving.Answer, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i], errs[i] = ask(i) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return answers
}

func noRepeats(t *testing.T, given map[catalog.ItemID]int, a serving.Answer) {
	t.Helper()
	for _, it := range a.Items {
		before, again := given[it.Item]
		require.False(t, again, "%s of page %d was on page %d", it.Item, a.Page.Number, before)
		given[it.Item] = a.Page.Number
	}
}

func TestConcurrentRequestsForOneCursorGetOnePage(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(200)
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)

	given := map[catalog.ItemID]int{}
	a := one.Page("v", "")
	noRepeats(t, given, a)
	for range 8 {
		answers := together(t, 8, func(i int) (serving.Answer, error) {
			return []*world.Process{one, two}[i%2].Ask("v", a.Cursor)
		})
		for _, other := range answers {
			require.Equal(t, world.IDs(answers[0]), world.IDs(other))
			require.Equal(t, answers[0].Cursor, other.Cursor)
		}
		a = answers[0]
		noRepeats(t, given, a)
		require.Len(t, a.Items, 10)
		one.Record(one.Did("v", audience.Like, a.Items[3].Item), one.Did("v", audience.Skip, a.Items[4].Item))
		w.Clock.Advance(time.Second)
	}
}

func TestACursorAnswersTheSamePage(t *testing.T) {
	for name, meanwhile := range map[string]func(*testing.T, *world.World, *world.Process){
		"at once": func(*testing.T, *world.World, *world.Process) {},
		"after a like": func(_ *testing.T, _ *world.World, p *world.Process) {
			p.Record(p.Did("v", audience.Like, world.ItemID(150)))
		},
		"after Redis lost": func(_ *testing.T, w *world.World, _ *world.Process) { w.WipeRedis() },
		"close to the end": func(_ *testing.T, w *world.World, _ *world.Process) {
			w.Clock.Advance(feed.DefaultLife - time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			p := w.Process(func(parts *world.Parts) { parts.Through = true })
			p.Stock(200)
			first := p.Page("v", "")
			second := p.Page("v", first.Cursor)
			third := p.Page("v", second.Cursor)
			meanwhile(t, w, p)
			for _, c := range []struct {
				cursor string
				want   serving.Answer
			}{{second.Cursor, third}, {first.Cursor, second}, {second.Cursor, third}} {
				again := p.Page("v", c.cursor)
				require.Equal(t, world.IDs(c.want), world.IDs(again))
				require.Equal(t, c.want.Cursor, again.Cursor)
				require.Equal(t, c.want.Page, again.Page)
				for i := range again.Items {
					require.Equal(t, c.want.Items[i].Position, again.Items[i].Position)
					require.Equal(t, c.want.Items[i].Context, again.Items[i].Context)
				}
			}
		})
	}
}

func TestPagesServedAfterRedisWasLostDoNotRepeat(t *testing.T) {
	for name, through := range map[string]bool{"with an archive that is current": true, "with nothing archived": false} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			p := w.Process(func(parts *world.Parts) { parts.Through = through })
			p.Stock(200)
			given := map[catalog.ItemID]int{}
			cursor := ""
			for range 10 {
				a := p.Page("v", cursor)
				noRepeats(t, given, a)
				require.Len(t, a.Items, 10)
				cursor = a.Cursor
				w.WipeRedis()
			}
		})
	}
}

func TestAProcessStartedAnewGoesOnWithTheSession(t *testing.T) {
	w := world.New(t)
	through := func(parts *world.Parts) { parts.Through = true }
	p := w.Process(through)
	p.Stock(100)
	given := map[catalog.ItemID]int{}
	first := p.Page("v", "")
	second := p.Page("v", first.Cursor)
	noRepeats(t, given, first)
	noRepeats(t, given, second)

	w.WipeRedis() // the embedded default loses it with the process
	p = w.Process(through)
	_, err := p.Keeper.Build(ctx)
	require.NoError(t, err)
	require.Equal(t, world.IDs(second), world.IDs(p.Page("v", first.Cursor)))
	noRepeats(t, given, p.Page("v", second.Cursor))
}

func TestWhatWasHiddenIsNotShownAgain(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(100)
	first := p.Page("v", "")
	second := p.Page("v", first.Cursor)
	hidden := second.Items[3].Item
	require.NoError(t, p.Items.Hide(ctx, hidden))

	again := p.Page("v", first.Cursor)
	require.Equal(t, []catalog.ItemID{hidden}, again.Withdrawn)
	require.Len(t, again.Items, 9)
	require.NotContains(t, world.IDs(again), hidden)
	require.Equal(t, second.Items[4].Position, again.Items[3].Position, "the others keep their places")
	require.Equal(t, second.Cursor, again.Cursor)

	require.NoError(t, p.Items.Restore(ctx, hidden))
	require.Equal(t, world.IDs(second), world.IDs(p.Page("v", first.Cursor)))
}

func TestServeRefuses(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	require.NoError(t, p.Items.Hide(ctx, world.ItemID(50)))
	cursor := p.Page("v", "").Cursor
	related := func(n int) feed.Narrowing { return feed.Narrowing{Anchor: world.ItemID(n)} }
	for _, c := range []struct {
		name  string
		ask   serving.Request
		after time.Duration
		want  *fault.Error
		field string
	}{
		{"a feed there is not", serving.Request{Feed: "nope", Viewer: "v"}, 0, serving.ErrNoFeed, "feed"},
		{"a page of less than nothing", serving.Request{Feed: "for-you", Viewer: "v", Size: -1}, 0, serving.ErrSize, "limit"},
		{"a page of 101", serving.Request{Feed: "for-you", Viewer: "v", Size: 101}, 0, serving.ErrSize, "limit"},
		{"1001 excluded", serving.Request{Feed: "for-you", Viewer: "v", Exclude: make([]catalog.ItemID, 1001)}, 0, serving.ErrExclude, "exclude"},
		{"what is no cursor", serving.Request{Feed: "for-you", Viewer: "v", Cursor: "nonsense"}, 0, feed.ErrCursor, "cursor"},
		{"a cursor that was tampered with", serving.Request{Feed: "for-you", Viewer: "v", Cursor: flip(cursor)}, 0, feed.ErrCursor, "cursor"},
		{"somebody else's cursor", serving.Request{Feed: "for-you", Viewer: "w", Cursor: cursor}, 0, feed.ErrNotYours, "cursor"},
		{"a cursor of another feed", serving.Request{Feed: "latest", Viewer: "v", Cursor: cursor}, 0, feed.ErrOtherFeed, "cursor"},
		{"a narrowing the session did not begin with", serving.Request{Feed: "for-you", Viewer: "v", Cursor: cursor, Narrowing: feed.Narrowing{Tag: "t1"}}, 0, feed.ErrNarrowing, "tag"},
		{"a cursor past its session's life", serving.Request{Feed: "for-you", Viewer: "v", Cursor: cursor}, feed.DefaultLife, feed.ErrExpired, "cursor"},
		{"what is related to nothing", serving.Request{Feed: "related", Viewer: "v", Narrowing: related(99)}, 0, catalog.ErrItemNotFound, "id"},
		{"what is related to a hidden item", serving.Request{Feed: "related", Viewer: "v", Narrowing: related(50)}, 0, catalog.ErrItemNotFound, "id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Clock.Advance(c.after)
			defer w.Clock.Advance(-c.after)
			_, err := p.Pages.Serve(ctx, c.ask)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.field, fault.Of(err).Field())
		})
	}
	require.Len(t, p.Page("v", cursor).Items, 10, "and the cursor still works for its owner")
}

// flip changes one bit in the middle of a cursor's text, keeping it base64.
func flip(cursor string) string {
	b := []byte(cursor)
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func TestTheSizeOfAPage(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(150)
	for size, want := range map[int]int{0: feed.DefaultSize, 1: 1, 100: 100} {
		a, err := p.Pages.Serve(ctx, serving.Request{Feed: "for-you", Viewer: audience.ViewerID("v" + string(rune('a'+size))), Size: size})
		require.NoError(t, err)
		require.Len(t, a.Items, want)
	}
}

func TestAnEmptyCatalogueIsAnEmptyPageWithoutACursor(t *testing.T) {
	a := world.New(t).Process().Page("v", "")
	require.Empty(t, a.Items)
	require.Empty(t, a.Cursor)
	require.Equal(t, feed.Full, a.Rung)
	require.True(t, a.Page.Last)
}

func TestTheEndOfTheCatalogueEndsTheSession(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(25)
	given := map[catalog.ItemID]int{}
	cursor := ""
	var sizes []int
	for {
		a := p.Page("v", cursor)
		noRepeats(t, given, a)
		sizes = append(sizes, len(a.Items))
		if cursor = a.Cursor; cursor == "" {
			break
		}
	}
	require.Equal(t, []int{10, 10, 5}, sizes)
	require.Len(t, p.Page("v", "").Items, 10, "a new session shows again what was only served")
}

func TestExcludedItemsAreLeftOut(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(30)
	var out []catalog.ItemID
	for n := 1; n <= 25; n++ {
		out = append(out, world.ItemID(n))
	}
	a, err := p.Pages.Serve(ctx, serving.Request{Feed: "for-you", Viewer: "v", Size: 10, Exclude: append(out, "unheard-of")})
	require.NoError(t, err)
	require.ElementsMatch(t, []catalog.ItemID{world.ItemID(26), world.ItemID(27), world.ItemID(28), world.ItemID(29), world.ItemID(30)}, world.IDs(a))
}

func TestANarrowedSessionStaysNarrow(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(100)
	ask := serving.Request{Feed: "for-you", Viewer: "v", Size: 5, Narrowing: feed.Narrowing{Tag: "t1"}}
	for range 3 {
		a, err := p.Pages.Serve(ctx, ask)
		require.NoError(t, err)
		require.Len(t, a.Items, 5)
		for _, it := range a.Items {
			require.Equal(t, []string{"t1"}, it.Details.Details.Tags)
		}
		ask.Cursor, ask.Narrowing = a.Cursor, feed.Narrowing{} // said once, it holds
	}
	a, err := p.Pages.Serve(ctx, serving.Request{Feed: "for-you", Viewer: "v", Narrowing: feed.Narrowing{Tag: "unheard-of"}})
	require.NoError(t, err)
	require.Empty(t, a.Items)
}

func TestRelatedItemsLeaveOutTheirAnchor(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(40)
	ask := serving.Request{Feed: serving.RelatedFeed, Viewer: "v", Size: 10, Narrowing: feed.Narrowing{Anchor: world.ItemID(7)}}
	given := map[catalog.ItemID]int{world.ItemID(7): 0}
	for range 3 {
		a, err := p.Pages.Serve(ctx, ask)
		require.NoError(t, err)
		noRepeats(t, given, a)
		require.NotEmpty(t, a.Items)
		ask.Cursor = a.Cursor
	}
}

func TestDebugSaysWhatAPageIsMadeOf(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	p.Record(p.Did("v", audience.Like, world.ItemID(1)))
	ask := serving.Request{Feed: "for-you", Viewer: "v", Size: 10, Debug: true}
	a, err := p.Pages.Serve(ctx, ask)
	require.NoError(t, err)
	require.NotNil(t, a.Dropped)
	for _, it := range a.Items {
		require.NotEmpty(t, it.Terms)
		require.NotEmpty(t, it.Actions)
		require.NotEmpty(t, it.Sources)
		require.NotEmpty(t, it.Reason.Source)
		require.Positive(t, it.RankBefore)
	}
	ask.Debug = false
	a, err = p.Pages.Serve(ctx, ask)
	require.NoError(t, err)
	require.Nil(t, a.Dropped)
	require.Nil(t, a.Items[0].Terms)
	require.Nil(t, a.Items[0].Actions)
}

func TestPagesCarryCountsAndPositions(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(40)
	first := p.Page("v", "")
	p.Index.SetCounts(map[catalog.ItemID]engagement.Counts{first.Items[0].Item: {Likes: 3}})
	p.Page("v", first.Cursor)
	again, err := p.Pages.Walk(first.Cursor)
	require.NoError(t, err)
	require.Equal(t, first.Visit.ID, again.Session)
	require.Equal(t, 2, again.Page)
	for i, it := range first.Items {
		require.Equal(t, i+1, it.Position)
		require.Equal(t, first.Page.Context(first.Visit.ID, i), it.Context)
	}
	other := p.Page("w", "")
	for _, it := range other.Items {
		if it.Item == first.Items[0].Item {
			require.EqualValues(t, 3, it.Counts.Likes)
		}
	}
}
