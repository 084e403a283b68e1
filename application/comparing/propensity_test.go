package comparing_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// ledgered is a town in memory: everything in it is known, among it how good each item is.
type ledgered struct {
	feed.PageArchive
	engagement.EventLog
	catalog.ItemRepository
	items  []catalog.Snapshot
	events []engagement.Logged
	pages  []feed.Exposure
}

func (l *ledgered) Served(_ context.Context, _, _ time.Time, after *feed.Exposure, limit int) ([]feed.Exposure, error) {
	from := 0
	if after != nil {
		for from < len(l.pages) && l.pages[from].Visit.ID <= after.Visit.ID {
			from++
		}
	}
	return append([]feed.Exposure(nil), l.pages[from:min(len(l.pages), from+limit)]...), nil
}

func (l *ledgered) Read(_ context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	from := min(int(after), len(l.events))
	return l.events[from:min(len(l.events), from+limit)], nil
}

func (l *ledgered) Head(context.Context) (engagement.Offset, error) {
	return engagement.Offset(len(l.events)), nil
}

func (l *ledgered) Scan(_ context.Context, _ time.Time, after catalog.Number, _ int) ([]catalog.Snapshot, error) {
	return l.items[after:], nil
}

func (l *ledgered) Recollect(_ context.Context, id audience.ViewerID, _ time.Time) (audience.Knowledge, error) {
	return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, nil
}

func (l *ledgered) records() comparing.Records {
	return comparing.Records{Pages: l, Events: l, Past: l, Items: l}
}

func (l *ledgered) happen(viewer string, act audience.Act, item catalog.ItemID, at time.Time) {
	n := engagement.Offset(len(l.events) + 1)
	l.events = append(l.events, engagement.Logged{Offset: n, Received: at, Event: engagement.Event{
		ID: engagement.EventID(fmt.Sprint(n)), Viewer: audience.ViewerID(viewer), Act: act, Item: item, At: at,
	}})
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// quality is how likely a viewer likes the n-th item.
func quality(n catalog.Number) float64 { return [8]float64{.1, .9, .3, .2, .8, .1, .4, .2}[n%8] }

const (
	known  = 40 // items that everybody has met, before those that few have
	tested = 64 // the n-th of which n%8 have met
)

// drawnTown serves pages by the feeds given, and lets viewers like what was explored as often as it is good.
func drawnTown(t *testing.T, pages int, seed uint64, by []recommend.Definition) *ledgered {
	l := &ledgered{}
	for n := catalog.Number(1); n <= known+tested; n++ {
		it := catalog.Unknown(catalog.ItemID(fmt.Sprintf("i%03d", n)))
		require.NoError(t, it.Publish(n, catalog.Details{Author: catalog.AuthorID(fmt.Sprintf("a%d", n%30)), Tags: []string{fmt.Sprintf("t%d", n%7)}}, noon.Add(-time.Hour)))
		l.items = append(l.items, it.Snapshot())
	}
	for i, it := range l.items {
		met := 30
		if i >= known {
			met = int(it.Number % 8)
		}
		for m := range met {
			l.happen(fmt.Sprintf("earlier%d", (7*i+m)%90), [2]audience.Act{audience.Open, audience.Seen}[m%2], it.ID, noon.Add(-30*time.Minute))
		}
	}
	upTo := len(l.events)
	one := subject(t, l.records(), by, by)
	one.Shelf.Apply(l.items)
	one.Current.Model.Learn(l.events)
	luck := rand.New(rand.NewPCG(seed, 1))
	for n := range pages {
		at := noon.Add(time.Duration(n) * time.Second)
		id := fmt.Sprintf("s%05d", n)
		v := feed.Visit{ID: feed.SessionID(id), Viewer: audience.ViewerID(id), Feed: "for-you", Definition: "for-you", Seed: luck.Uint64(), StartedAt: at, ExpiresAt: at.Add(time.Hour)}
		known, err := l.Recollect(t.Context(), v.Viewer, at)
		require.NoError(t, err)
		page := feed.Page{Number: 1, First: 1, ServedAt: at, Want: 10, Rung: feed.Full}
		slate, inputs, err := one.Current.Rerun.Slate(feed.Begin(v), page, known, nil)
		require.NoError(t, err)
		page.Inputs = inputs
		require.Equal(t, uint64(upTo), inputs.Model)
		for _, p := range slate.Picks {
			page.Items = append(page.Items, feed.Placement{Item: p.Item.ID, Number: p.Item.Number, Chance: p.Chance})
			if p.Chance > 0 && luck.Float64() < quality(p.Item.Number) {
				l.happen(id, audience.Like, p.Item.ID, at.Add(time.Minute))
			}
		}
		l.pages = append(l.pages, feed.Exposure{Visit: v, Page: page})
	}
	return l
}

func drawing(change ...func(*recommend.Definition)) []recommend.Definition {
	return feeds(append([]func(*recommend.Definition){func(d *recommend.Definition) {
		d.Sources = []recommend.SourceUse{{Name: "trending", Limit: 60}, {Name: "explore", Limit: 100}}
		d.Weights, d.Learned = map[string]float32{"popularity": 1}, nil
		d.Explore = recommend.Exploration{Share: .3, Met: 8}
		d.Arrange.AuthorShare, d.Rest = 1, recommend.Rest{}
	}}, change...)...)
}

func drawnOptions(l *ledgered) comparing.Options {
	until := noon.Add(24 * time.Hour)
	return comparing.Options{Feed: "for-you", Since: noon, Until: until, Window: 5 * time.Minute, Clip: 1000, Now: until}
}

// TestTheEstimateIsTheKnownAnswer: in a town where how good items are is known, what another way to explore would come
// to is estimated, from pages it did not serve, to be what it is.
func TestTheEstimateIsTheKnownAnswer(t *testing.T) {
	l := drawnTown(t, 1000, 3, drawing())
	for name, c := range map[string]struct {
		change func(*recommend.Definition)
		apart  float64 // at least, from what was served
	}{
		"only what fewer have met":        {func(d *recommend.Definition) { d.Explore.Met = 1 }, .1},
		"only what half as many have met": {func(d *recommend.Definition) { d.Explore.Met = 3 }, 0},
		"fewer proposals": {func(d *recommend.Definition) {
			d.Sources = []recommend.SourceUse{d.Sources[0], {Name: "explore", Limit: 16}}
		}, 0},
		"other things in other places": {func(d *recommend.Definition) { d.Weights = map[string]float32{"popularity": -1} }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := drawnOptions(l)
			truth, places := 0.0, 0.0
			o.Made = func(e *feed.Exposure, _, changed []recommend.Pick) {
				for i, p := range e.Page.Items {
					if p.Chance > 0 && p.Chance < 1 { // by the same lots, each is a draw of the changed side's own
						truth, places = truth+quality(changed[i].Item.Number), places+1
					}
				}
			}
			r := compare(t, subject(t, l.records(), drawing(), drawing(c.change)), o)
			truth /= places
			p := r.Propensity
			t.Logf("truth %.4f recorded %.4f IPS %.4f ± %.4f SNIPS %.4f ± %.4f effective %.0f of %d weight %.3f difference %.4f ± %.4f", truth, p.Good,
				p.Changed.IPS, p.Changed.IPSErr, p.Changed.SNIPS, p.Changed.SNIPSErr, p.Changed.Effective, p.Picks, p.Changed.Weight, p.SNIPS, p.SNIPSErr)
			require.Equal(t, 1000, r.Pages)
			require.Equal(t, 1000, r.Fidelity.Identical, "this town's server met things in the order of the log, too")
			require.Equal(t, int(places), p.Picks)
			require.InDelta(t, 1, p.Current.Weight, 1e-5)
			require.InDelta(t, 1, p.Changed.Weight, .1, "all that it shows there could have been drawn")
			require.True(t, p.Enough())
			require.InDelta(t, truth, p.Changed.IPS, 4*p.Changed.IPSErr)
			require.InDelta(t, truth, p.Changed.SNIPS, 4*p.Changed.SNIPSErr)
			require.InDelta(t, truth-p.Good, p.SNIPS, 4*p.SNIPSErr+.01)
			require.Less(t, p.Changed.SNIPSErr, .05)
			require.Greater(t, math.Abs(truth-p.Good), c.apart)
		})
	}
}

// TestErrorsAreWhatEstimatesVaryBy: in towns of the same kind the estimates are as far from what is true of all of them
// as their errors say.
func TestErrorsAreWhatEstimatesVaryBy(t *testing.T) {
	var all []comparing.Propensity
	var is, was, places float64
	for seed := range uint64(15) {
		l := drawnTown(t, 150, 100+seed, drawing())
		o := drawnOptions(l)
		o.Made = func(e *feed.Exposure, current, changed []recommend.Pick) {
			for i, p := range e.Page.Items {
				if p.Chance > 0 && p.Chance < 1 {
					is, was, places = is+quality(changed[i].Item.Number), was+quality(current[i].Item.Number), places+1
				}
			}
		}
		all = append(all, compare(t, subject(t, l.records(), drawing(), drawing(func(d *recommend.Definition) { d.Explore.Met = 3 })), o).Propensity)
	}
	is, was = is/places, was/places
	for name, off := range map[string]func(p *comparing.Propensity) float64{
		"IPS":                 func(p *comparing.Propensity) float64 { return (p.Changed.IPS - is) / p.Changed.IPSErr },
		"SNIPS":               func(p *comparing.Propensity) float64 { return (p.Changed.SNIPS - is) / p.Changed.SNIPSErr },
		"difference of IPS":   func(p *comparing.Propensity) float64 { return (p.IPS - (is - was)) / p.IPSErr },
		"difference of SNIPS": func(p *comparing.Propensity) float64 { return (p.SNIPS - (is - was)) / p.SNIPSErr },
		"recorded":            func(p *comparing.Propensity) float64 { return (p.Good - was) / p.GoodErr },
	} {
		mean, square := 0.0, 0.0
		for i := range all {
			z := off(&all[i])
			mean, square = mean+z/float64(len(all)), square+z*z/float64(len(all))
		}
		t.Logf("%s: mean %.2f, root mean square %.2f errors", name, mean, math.Sqrt(square))
		require.InDelta(t, 0, mean, .8, name)
		require.InDelta(t, 1, math.Sqrt(square), .5, name)
	}
}

func TestWhatTellsTooLittleSaysSo(t *testing.T) {
	l := drawnTown(t, 300, 5, drawing())
	p := compare(t, subject(t, l.records(), drawing(), drawing(func(d *recommend.Definition) { d.Explore.Share = 0 })), drawnOptions(l)).Propensity
	require.Zero(t, p.Changed.Effective)
	require.Zero(t, p.Changed.Weight)
	require.True(t, math.IsNaN(p.Changed.SNIPS))
	require.False(t, p.Enough())

	o := drawnOptions(l)
	o.Limit = 20
	p = compare(t, subject(t, l.records(), drawing(), drawing()), o).Propensity
	require.Less(t, p.Picks, comparing.FewPicks)
	require.False(t, p.Enough())

	o = drawnOptions(l)
	o.Now = noon.Add(150 * time.Second).Add(o.Window)
	all := compare(t, subject(t, l.records(), drawing(), drawing()), o).Propensity
	require.Positive(t, all.Open)
	require.InDelta(t, all.Picks, all.Open, 60, "half of the pages are too new")

	o = drawnOptions(l)
	o.Clip = 1
	p = compare(t, subject(t, l.records(), drawing(), drawing(func(d *recommend.Definition) { d.Explore.Met = 3 })), o).Propensity
	require.Positive(t, p.Changed.Clipped)
	require.Less(t, p.Changed.Weight, .9)
}

func TestAnOutcomeCountsWithinItsWindow(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		act   audience.Act
		good  bool
	}{
		{"as the page was served", 0, audience.Like, true},
		{"as the window ends", 5 * time.Minute, audience.Like, true},
		{"a moment later", 5*time.Minute + time.Millisecond, audience.Like, false},
		{"a bad act", time.Minute, audience.Skip, false},
		{"an act worth nothing", time.Minute, audience.Seen, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := drawnTown(t, 40, 9, drawing())
			picks := 0
			l.events = l.events[:l.pages[0].Page.Inputs.Model]
			for _, e := range l.pages {
				for _, p := range e.Page.Items {
					if p.Chance > 0 {
						picks++
						l.happen(string(e.Visit.Viewer), c.act, p.Item, e.Page.ServedAt.Add(c.after))
						l.happen("another", audience.Like, p.Item, e.Page.ServedAt.Add(c.after))
					}
				}
			}
			p := compare(t, subject(t, l.records(), drawing(), drawing()), drawnOptions(l)).Propensity
			require.Equal(t, picks, p.Picks)
			require.InDelta(t, map[bool]float64{true: 1, false: 0}[c.good], p.Good, 1e-9)
		})
	}
}

func TestAProcessFarBehindOthersIsNotToldOfWhatItDidNotKnow(t *testing.T) {
	l := drawnTown(t, 450, 7, drawing())
	upTo := l.pages[0].Page.Inputs.Model
	l.pages[30].Page.Inputs.Model -= 5  // it is made before those of that minute that know more
	l.pages[449].Page.Inputs.Model -= 9 // too late for that
	var order []uint64
	o := drawnOptions(l)
	o.Made = func(e *feed.Exposure, _, _ []recommend.Pick) { order = append(order, e.Page.Inputs.Model) }
	r := compare(t, subject(t, l.records(), drawing(), drawing()), o)
	require.Equal(t, map[string]int{comparing.OutOfOrder: 1}, r.Skipped)
	require.Equal(t, 449, r.Pages)
	require.Equal(t, []uint64{upTo - 5, upTo}, slices.Compact(order))
}
