package evaluating_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

func TestBothProtocolsFindWhatThereIsToFind(t *testing.T) {
	d := town(120, 80, 18, 1)
	for name, o := range map[string]evaluating.Options{"loo": loo(), "prequential": prequential()} {
		t.Run(name, func(t *testing.T) {
			r := measure(t, subject(), d, o)
			require.Greater(t, r.HR, .4)
			require.Greater(t, r.HR, 2*r.Baselines[0].HR, "popular")
			require.Less(t, r.NDCG, r.HR)
			require.Less(t, r.MRR, r.NDCG)
			require.Equal(t, []string{"popular", "recent_popular", "item_knn"}, []string{r.Baselines[0].Name, r.Baselines[1].Name, r.Baselines[2].Name})
			require.Greater(t, r.Baselines[2].HR, r.Baselines[0].HR)
			require.Equal(t, 120, r.Viewers)
			require.InDelta(t, 1, r.Coverage, .2)
			require.Greater(t, r.Diversity, .0)
			require.Greater(t, r.Concentration, .01)
			require.Greater(t, r.Novelty, 4.)
			require.Greater(t, r.Recall, .5)
			require.Greater(t, r.Candidates, 10.)
			require.Positive(t, r.Trainings)
			require.Positive(t, r.Bytes)
			require.Positive(t, r.PageTime99)
			require.Len(t, r.Sources, 4)
			require.Greater(t, r.Sources[0].Proposed, r.Sources[0].Named-1e-9)
			require.Equal(t, []string{"longterm", "popular_day", "sequence_log", "tag_affinity"}, sorted(r.Weights))
			require.NotEqual(t, r.Prior, r.Weights)
			if o.Protocol == evaluating.Prequential {
				require.Equal(t, 120*18, r.Tested)
				require.Equal(t, 80, r.Unseen)
				require.Len(t, r.Deciles, 10)
				require.Less(t, r.Deciles[0], r.Deciles[9])
			} else {
				require.Equal(t, 120, r.Tested)
				require.Zero(t, r.Unseen)
			}
		})
	}
}

func sorted(m map[string]float64) (names []string) {
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func TestTheSameSeedGivesTheSameFigures(t *testing.T) {
	d := town(16, 30, 9, 2)
	timeless := func(r *evaluating.Report) evaluating.Report {
		c := *r
		c.PageTime, c.PageTime99, c.EventTime, c.TrainTime, c.Took = 0, 0, 0, 0, 0
		c.Ablation = slices.Clone(c.Ablation)
		for i := range c.Ablation {
			c.Ablation[i].PageTime, c.Ablation[i].PageTime99 = 0, 0
		}
		return c
	}
	for name, o := range map[string]evaluating.Options{"loo": loo(), "prequential": prequential()} {
		o.Ablation = true
		first := measure(t, subject(), d, o)
		require.Equal(t, timeless(first), timeless(measure(t, subject(), d, o)), name)
		if o.Protocol == evaluating.LeaveOneOut {
			continue // every item has been tried often: nothing is left to chance
		}
		o.Seed, o.Ablation = o.Seed+1, false
		other := timeless(measure(t, subject(), d, o))
		require.NotEqual(t, first.Result.Coverage+first.NDCG+first.Novelty, other.Coverage+other.NDCG+other.Novelty, "exploration goes by the seed")
	}
}

func TestAblationLeavesOutOnePartEach(t *testing.T) {
	o := prequential()
	o.Ablation = true
	alone := measure(t, subject(), town(20, 30, 9, 3), prequential())
	r := measure(t, subject(), town(20, 30, 9, 3), o)
	require.Equal(t, alone.HR, r.HR, "variants do not disturb the feed")
	require.Equal(t, alone.Weights, r.Weights)
	var parts []string
	for _, a := range r.Ablation {
		parts = append(parts, a.Kind+" "+a.Part)
		require.Equal(t, r.Tested, a.Tested)
		require.Positive(t, a.HR)
	}
	require.Equal(t, []string{"source sequence", "source longterm", "source trending", "source explore",
		"term longterm", "term explore", "term sequence_log", "term popular_day", "term tag_affinity", "action like"}, parts)
	require.Less(t, r.Ablation[0].NDCG, r.NDCG, "without sequence")
}

// small is a feed of all items, the newest first, so that pages can be told in advance.
func small() evaluating.Subject {
	s := subject()
	s.Feed.Sources, s.Feed.Weights, s.Feed.Learned, s.Feed.Order = nil, nil, nil, recommend.ByNewest
	return s
}

type asking struct {
	item  catalog.ItemID
	place int
}

func asked(t *testing.T, s evaluating.Subject, d evaluating.Data, o evaluating.Options) (all []asking, r *evaluating.Report) {
	o.Asked = func(_ *recommend.Query, item catalog.ItemID, place int) { all = append(all, asking{item, place}) }
	r = measure(t, s, d, o)
	return all, r
}

func TestAnEventIsKnownADelayLater(t *testing.T) {
	d := evaluating.Data{Items: []evaluating.Item{item(0), item(1)}}
	add := func(viewer, item int, at time.Duration) {
		d.Events = append(d.Events, event(len(d.Events), audience.Like, viewer, item, noon.Add(at)))
	}
	add(0, 0, 0)
	add(1, 0, time.Second-1) // not known yet
	add(2, 0, time.Second)   // known
	add(3, 1, time.Minute)
	add(4, 1, time.Minute) // at once with the one before
	got, r := asked(t, small(), d, prequential())
	require.Equal(t, []asking{{"i0", 0}, {"i0", 0}, {"i0", 1}, {"i1", 0}, {"i1", 0}}, got)
	require.Equal(t, 4, r.Unseen)
	require.Equal(t, 1, r.ColdTested)
	require.Equal(t, 1, r.Items, "nothing happened after the last two")
	require.InDelta(t, .2, r.HR, 1e-9)
	require.Equal(t, []float64{0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, r.Deciles)

	o := prequential()
	o.Delay = 0
	got, _ = asked(t, small(), d, o)
	require.Equal(t, []asking{{"i0", 0}, {"i0", 1}, {"i0", 1}, {"i1", 0}, {"i1", 1}}, got, "in the order of viewers")
}

func TestEventsAtOnceOfOneViewerDoNotTellOfEachOther(t *testing.T) {
	d := evaluating.Data{Items: []evaluating.Item{item(0), item(1)}, Events: []engagement.Event{
		event(0, audience.Like, 0, 0, noon), event(1, audience.Like, 0, 1, noon.Add(time.Hour)),
		event(2, audience.Like, 1, 0, noon.Add(time.Hour)), event(3, audience.Like, 1, 1, noon.Add(time.Hour)),
	}}
	o := prequential()
	o.Delay = 0
	var acts []int
	o.Asked = func(q *recommend.Query, _ catalog.ItemID, _ int) {
		if q != nil {
			acts = append(acts, len(q.Knowledge.Actions))
		}
	}
	r := measure(t, small(), d, o)
	require.Equal(t, []int{0, 0}, acts)
	require.Equal(t, 2, r.Unseen)
}

func TestWhatAViewerTurnsToAgainIsNoQuestion(t *testing.T) {
	d := evaluating.Data{Items: []evaluating.Item{item(0), item(1), item(2)}, Events: []engagement.Event{
		event(0, audience.PlayProgress, 0, 0, noon), event(1, audience.Like, 0, 0, noon), event(2, audience.Share, 0, 0, noon.Add(time.Hour)),
		event(3, audience.PlayProgress, 0, 1, noon.Add(2*time.Hour)), event(4, audience.Like, 0, 1, noon.Add(3*time.Hour)),
		event(5, audience.PlayProgress, 0, 2, noon.Add(4*time.Hour)),
		{ID: "e6", Viewer: "v0", Act: audience.FollowAuthor, Author: "a9", At: noon.Add(5 * time.Hour)},
		event(7, audience.Like, 0, 9, noon.Add(6*time.Hour)),
	}}
	got, r := asked(t, small(), d, prequential())
	require.Equal(t, []asking{{"i0", 0}, {"i1", 0}, {"i2", 0}}, got)
	require.Equal(t, 3, r.Repeats)
	require.Equal(t, 1, r.Strays)
	require.Equal(t, 7, r.Lines)

	o := prequential()
	o.Positives = evaluating.Likes
	got, r = asked(t, small(), d, o)
	require.Equal(t, []asking{{"i0", 0}, {"i1", 0}}, got, "what was liked, asked for when it was met")
	require.Zero(t, r.Repeats)
}

func TestWhatWasMetNeverComesAgain(t *testing.T) {
	d := town(40, 40, 20, 4)
	for _, o := range []evaluating.Options{loo(), prequential()} {
		o.Asked = func(q *recommend.Query, item catalog.ItemID, _ int) {
			if q == nil {
				return
			}
			for _, m := range q.Knowledge.Memory.Consumed {
				require.True(t, m.At.After(q.Now))
			}
			met := map[catalog.ItemID]bool{}
			for _, a := range q.Knowledge.Actions {
				met[a.Item] = true
			}
			require.Len(t, q.Knowledge.Memory.Consumed, len(met))
			require.NotContains(t, met, item)
		}
		measure(t, subject(), d, o)
	}
}

func TestLooTestsTheLastOfThoseWithThree(t *testing.T) {
	d := evaluating.Data{Items: []evaluating.Item{item(0), item(1), item(2), item(3)}, Events: []engagement.Event{
		event(0, audience.Like, 0, 2, noon.Add(time.Hour)), // the file's order is not the order of time
		event(1, audience.Like, 0, 0, noon), event(2, audience.Like, 0, 1, noon),
		event(3, audience.Like, 0, 0, noon.Add(2*time.Hour)), // again: not the last item
		event(4, audience.Like, 1, 3, noon), event(5, audience.Like, 1, 2, noon.Add(time.Second)),
	}}
	o := loo()
	o.K = 2
	got, r := asked(t, small(), d, o)
	require.Len(t, got, 1)
	require.Equal(t, catalog.ItemID("i2"), got[0].item)
	require.NotZero(t, got[0].place, "two are left to show")
	require.Equal(t, 1, r.Viewers)
	require.Nil(t, r.Deciles)
	require.Equal(t, .5, r.Coverage)
}

func TestWithoutTagsAndAuthorsNothingIsSaidOfThem(t *testing.T) {
	d := town(20, 30, 5, 5)
	for i := range d.Items {
		d.Items[i].Details.Tags, d.Items[i].Details.Author = nil, ""
	}
	r := measure(t, subject(), d, loo())
	require.True(t, math.IsNaN(r.Diversity))
	require.True(t, math.IsNaN(r.Concentration))
}

func TestWhatCannotBeRunIsRefused(t *testing.T) {
	d := town(5, 20, 5, 6)
	for field, change := range map[string]func(*evaluating.Options){
		"protocol":  func(o *evaluating.Options) { o.Protocol = "loop" },
		"k":         func(o *evaluating.Options) { o.K = 0 },
		"positives": func(o *evaluating.Options) { o.Positives = "likes" },
		"fit":       func(o *evaluating.Options) { o.Fit = "" },
		"delay":     func(o *evaluating.Options) { o.Delay = -1 },
	} {
		o := loo()
		change(&o)
		_, err := evaluating.Run(t.Context(), subject(), d, o, func(string, int, int) {})
		require.ErrorIs(t, err, evaluating.ErrOptions)
		require.Equal(t, field, fault.Of(err).Field())
	}
	for _, d := range []evaluating.Data{{}, {Items: d.Items}, {Events: d.Events}, {Items: d.Items, Events: d.Events[:2]}} {
		_, err := evaluating.Run(t.Context(), subject(), d, loo(), func(string, int, int) {})
		require.ErrorIs(t, err, evaluating.ErrNothing)
	}
	s := subject()
	s.Feed.Name = ""
	_, err := evaluating.Run(t.Context(), s, d, loo(), func(string, int, int) {})
	require.ErrorIs(t, err, recommend.ErrDefinition)
}

func TestItEndsWhenItIsTold(t *testing.T) {
	for _, o := range []evaluating.Options{loo(), prequential()} {
		ctx, cancel := context.WithCancelCause(t.Context())
		enough := errors.New("enough")
		_, err := evaluating.Run(ctx, subject(), town(120, 100, 10, 7), o, func(string, int, int) { cancel(enough) })
		require.ErrorIs(t, err, enough)
	}
}
