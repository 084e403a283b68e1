package evaluating_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// mind is what an engine learns with.
type mind interface {
	learning.Mind
	recommend.Signals
}

// witness notes everything an engine is ever handed: items, events, and when it is asked for what is popular.
type witness struct {
	evaluating.Shelf
	mind
	items   []catalog.ItemID
	learned []engagement.Logged
	now     []time.Time
}

func (w *witness) Apply(items []catalog.Snapshot) int {
	for _, i := range items {
		w.items = append(w.items, i.ID)
	}
	return w.Shelf.Apply(items)
}

func (w *witness) Learn(events []engagement.Logged) {
	w.learned = append(w.learned, events...)
	w.mind.Learn(events)
}

func (w *witness) Fame(items []recommend.Ordinal, now time.Time, into []recommend.Fame) {
	w.now = append(w.now, now)
	w.mind.Fame(items, now, into)
}

// watched runs the evaluation with a witness, and calls look at every question.
func watched(t *testing.T, d evaluating.Data, o evaluating.Options, look func(w *witness, q *recommend.Query, item catalog.ItemID)) {
	s, w := subject(), &witness{}
	s.Build = func(weights engagement.Weights) evaluating.Engine {
		e := build(weights)
		w.Shelf, w.mind = e.Shelf, e.Model.(mind)
		e.Shelf, e.Model, e.Signals = w, w, w
		return e
	}
	o.Asked = func(q *recommend.Query, item catalog.ItemID, _ int) { look(w, q, item) }
	measure(t, s, d, o)
}

// futures counts what the engine of a prequential run was handed too early, if a delay is promised.
func futures(t *testing.T, d evaluating.Data, o evaluating.Options, promised time.Duration) (early int) {
	offset := engagement.Offset(0)
	seen := 0
	times := map[catalog.ItemID]time.Time{} // when items were first acted on
	for _, e := range d.Events {
		if at, known := times[e.Item]; !known || e.At.Before(at) {
			times[e.Item] = e.At
		}
	}
	watched(t, d, o, func(w *witness, q *recommend.Query, item catalog.ItemID) {
		if q == nil {
			require.NotContains(t, w.items, item, "an unseen item is not in the catalogue")
			return
		}
		for ; seen < len(w.learned); seen++ {
			e := w.learned[seen]
			offset++
			require.Equal(t, offset, e.Offset, "every event once, in order")
		}
		for _, e := range w.learned[max(0, len(w.learned)-20):] {
			if e.At.Add(promised).After(q.Now) || e.Viewer == q.Knowledge.Viewer.ID() && !e.At.Before(q.Now) {
				early++
			}
		}
		for _, a := range q.Knowledge.Actions {
			if a.At.Add(promised).After(q.Now) {
				early++
			}
		}
		for _, id := range w.items[max(0, len(w.items)-20):] {
			if times[id].Add(promised).After(q.Now) {
				early++
			}
		}
		studied := q.Now.Add(max(0, time.Second-promised)) // a choice is looked back at as of a second after it
		for _, now := range w.now {
			if now.After(studied) {
				early++
			}
		}
		w.now = w.now[:0]
	})
	return early
}

func TestPrequentialHandsOutNoFuture(t *testing.T) {
	d := town(25, 60, 10, 8)
	for i := range d.Events { // close together, so that delays matter
		d.Events[i].At = noon.Add(d.Events[i].At.Sub(noon) / 600)
	}
	for _, delay := range []time.Duration{0, time.Second, time.Minute} {
		o := prequential()
		o.Delay = delay
		require.Zero(t, futures(t, d, o, delay))
	}
	o := prequential()
	o.Delay = time.Second
	require.Positive(t, futures(t, d, o, time.Second+time.Millisecond), "the witness sees what comes too early")
}

func TestLooHandsOutNothingOfWhatIsHeldOut(t *testing.T) {
	d := town(60, 60, 12, 9)
	last := lastOf(d, 1)
	before := lastOf(d, 2)
	for _, fit := range []evaluating.Fit{evaluating.Strict, evaluating.Refit} {
		o := loo()
		o.Fit = fit
		questions := 0
		watched(t, d, o, func(w *witness, q *recommend.Query, item catalog.ItemID) {
			questions++
			viewer := q.Knowledge.Viewer.ID()
			require.Equal(t, last[viewer], item)
			require.Equal(t, before[viewer], q.Knowledge.Actions[0].Item, "the history goes up to the question")
			for _, a := range q.Knowledge.Actions {
				require.NotEqual(t, item, a.Item)
			}
			held := 0
			for _, e := range w.learned {
				require.NotEqual(t, last[e.Viewer], e.Item)
				if before[e.Viewer] == e.Item {
					held++
				}
			}
			if fit == evaluating.Strict {
				require.Zero(t, held)
				require.Len(t, w.learned, 60*10)
			} else {
				require.Equal(t, 60, held)
				require.Len(t, w.learned, 60*11)
			}
		})
		require.Equal(t, 60, questions)
	}
}

// lastOf is each viewer's n-th last item.
func lastOf(d evaluating.Data, n int) map[audience.ViewerID]catalog.ItemID {
	of := map[audience.ViewerID][]engagement.Event{}
	for _, e := range d.Events {
		of[e.Viewer] = append(of[e.Viewer], e)
	}
	last := map[audience.ViewerID]catalog.ItemID{}
	for v, events := range of {
		slices.SortStableFunc(events, func(a, b engagement.Event) int { return a.At.Compare(b.At) })
		last[v] = events[len(events)-n].Item
	}
	return last
}

// prophet knows how often items will be liked from any time on.
type prophet struct {
	mind
	index recommend.Index
	when  map[catalog.ItemID][]time.Time
}

func (p prophet) Fame(items []recommend.Ordinal, now time.Time, into []recommend.Fame) {
	found := make([]*catalog.Snapshot, len(items))
	p.index.View().Items(items, found)
	for i := range into {
		into[i] = recommend.Fame{}
		for _, at := range p.when[found[i].ID] {
			if at.After(now) {
				into[i].Recent[3]++
			}
		}
	}
}

func prophecy(d evaluating.Data) func(engagement.Weights) evaluating.Engine {
	when := map[catalog.ItemID][]time.Time{}
	for _, e := range d.Events {
		when[e.Item] = append(when[e.Item], e.At)
	}
	return func(w engagement.Weights) evaluating.Engine {
		e := build(w)
		e.Signals = prophet{e.Model.(mind), e.Index, when}
		return e
	}
}

// TestAChangedFutureChangesNoPage is how a leak is caught: what was asked before a moment does not depend on what
// happened after it, unless something looks ahead.
func TestAChangedFutureChangesNoPage(t *testing.T) {
	d, other := town(30, 50, 10, 10), town(30, 50, 10, 11)
	slices.SortStableFunc(d.Events, func(a, b engagement.Event) int { return a.At.Compare(b.At) })
	moment := d.Events[len(d.Events)/2].At
	changed := evaluating.Data{Items: d.Items}
	for _, e := range d.Events {
		if e.At.Before(moment) {
			changed.Events = append(changed.Events, e)
		}
	}
	for _, e := range other.Events {
		if !e.At.Before(moment) {
			e.ID = "other-" + e.ID
			changed.Events = append(changed.Events, e)
		}
	}
	pages := func(d evaluating.Data, build func(engagement.Weights) evaluating.Engine) (places []int) {
		s, o := subject(), prequential()
		if build != nil {
			s.Build = build
		}
		o.Asked = func(q *recommend.Query, _ catalog.ItemID, place int) {
			if q != nil && q.Now.Before(moment) {
				places = append(places, place)
			}
		}
		measure(t, s, d, o)
		return places
	}
	honest := pages(d, nil)
	require.Greater(t, len(honest), 60)
	require.Equal(t, honest, pages(changed, nil))
	require.NotEqual(t, pages(d, prophecy(d)), pages(changed, prophecy(changed)), "an engine that looks ahead is caught")
}

func TestAnItemFromTheFutureEndsTheRun(t *testing.T) {
	d := town(20, 60, 10, 12)
	s := small()
	s.Build = func(w engagement.Weights) evaluating.Engine {
		e := build(w)
		it := catalog.Unknown("from-the-future")
		require.NoError(t, it.Publish(1<<40, catalog.Details{}, noon))
		e.Shelf.Apply([]catalog.Snapshot{it.Snapshot()})
		return e
	}
	_, err := evaluating.Run(t.Context(), s, d, prequential(), func(string, int, int) {})
	require.ErrorIs(t, err, evaluating.ErrAhead)
}
