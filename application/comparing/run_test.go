package comparing_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

func TestTheSameConfigurationMakesTheSamePages(t *testing.T) {
	v := newTown(t)
	v.Stock(200)
	v.live(3)
	made := map[string][2][]catalog.ItemID{}
	o := v.options()
	o.Made = pages(made)
	r := compare(t, subject(t, v.records(), feeds(), feeds()), o)
	require.Equal(t, 54, r.Pages)
	require.Equal(t, 540, r.Places)
	require.Empty(t, r.Skipped)
	faithful(t, r, "each comes out as it was recorded")
	require.Empty(t, r.Inputs, "of the same, learned weights included")
	require.Equal(t, comparing.Likeness{Identical: 54, SameFirst: 54, Overlap: 1, Tau: 1}, r.Likeness)
	require.Empty(t, r.Gaining)
	require.Empty(t, r.Losing)
	require.Empty(t, r.Authors)
	require.Equal(t, r.CurrentVariety, r.ChangedVariety)
	for _, s := range r.Sources {
		require.Equal(t, s.Current, s.Changed, s.Name)
	}
	require.Len(t, made, 54)

	p := r.Propensity
	require.Greater(t, p.Picks, 80)
	require.Zero(t, p.Open)
	for _, e := range []comparing.Estimate{p.Current, p.Changed} {
		require.InDelta(t, 1, e.Weight, .05)
		require.InEpsilon(t, p.Picks, e.Effective, .05)
		require.InDelta(t, p.Good, e.IPS, .05)
		require.InDelta(t, p.Good, e.SNIPS, .05)
	}
	require.Zero(t, p.IPS)
	require.Zero(t, p.SNIPS)
	require.InDelta(t, 0, p.IPSErr, 1e-9)
	require.InDelta(t, 0, p.SNIPSErr, 1e-7)
}

// faithful: what is recorded comes out again. What ties exactly may stand the other way round: the order in which one
// process met things is not recorded.
func faithful(t *testing.T, r *comparing.Report, say ...any) {
	t.Helper()
	require.GreaterOrEqual(t, r.Fidelity.Identical, r.Pages-1, say...)
	require.Greater(t, r.Fidelity.Overlap, .98, say...)
}

func TestAChangedConfigurationIsToldByWhatItMoves(t *testing.T) {
	v := newTown(t)
	v.Stock(200)
	v.live(2)
	r := compare(t, subject(t, v.records(), feeds(), feeds(func(d *recommend.Definition) {
		d.Weights["freshness"], d.Arrange.AuthorShare, d.Explore.Share = -5, .1, 0
	})), v.options())
	require.Equal(t, 36, r.Pages)
	faithful(t, r)
	require.Less(t, r.Likeness.Overlap, .9)
	require.Less(t, r.Likeness.Identical, 36)
	require.Less(t, r.Likeness.Tau, 1.)
	require.Positive(t, r.Likeness.Move)
	require.NotEmpty(t, r.Gaining)
	require.LessOrEqual(t, len(r.Gaining), 20)
	require.Positive(t, r.Gaining[0].Places)
	require.Negative(t, r.Losing[0].Places)
	require.GreaterOrEqual(t, r.Gaining[0].Pages, r.Gaining[0].Entered+r.Gaining[0].Left)
	var current, changed float64
	for _, s := range r.Sources {
		current, changed = current+s.Current, changed+s.Changed
		if s.Name == "explore" {
			require.Positive(t, s.Current)
			require.Less(t, s.Changed, s.Current)
		}
	}
	require.InDelta(t, 1, current, 1e-9)
	require.InDelta(t, 1, changed, 1e-9)
	require.Less(t, r.Propensity.Changed.Weight, .3, "what explores no more says little of what was explored")
	require.False(t, r.Propensity.Enough())
}

// TestALaterEventChangesNoPage is how a leak is caught: the pages up to a moment, made again when more has happened
// since, are the same pages.
func TestALaterEventChangesNoPage(t *testing.T) {
	v := newTown(t)
	v.Stock(150)
	v.live(2)
	o := v.options()
	other := feeds(func(d *recommend.Definition) { d.Weights["popularity"], d.Weights["sequence"] = 5, -2 })
	run := func(records comparing.Records) (map[string][2][]catalog.ItemID, *comparing.Report) {
		made := map[string][2][]catalog.ItemID{}
		o.Made = pages(made)
		return made, compare(t, subject(t, records, feeds(), other), o)
	}
	before, r := run(v.records())
	require.Len(t, before, 36)
	faithful(t, r)

	for n := range 40 { // what is said now says other things of everything
		v.Record(v.Did("v1", audience.Like, world.ItemID(150-n)), v.Did("late", audience.Like, world.ItemID(150-n)), v.Did("v2", audience.Skip, world.ItemID(n+1)))
	}
	require.NoError(t, v.Decisions.Relate(t.Context(), "v3", audience.Follows, "a2"))
	v.catchUp()
	publish(t, v, "new")
	v.live(1)
	after, r := run(v.records())
	require.Equal(t, before, after)
	faithful(t, r)

	peeking := v.records()
	peeking.Pages = ahead{peeking.Pages, v.Signals.Model()}
	peeked, _ := run(peeking)
	require.NotEqual(t, before, peeked, "who learns ahead is caught")
	peeking = v.records()
	peeking.Past = omniscient{peeking.Past}
	peeked, _ = run(peeking)
	require.NotEqual(t, before, peeked, "so is who knows what viewers did since")
}

// ahead says that every instance had learned all there is.
type ahead struct {
	feed.PageArchive
	upTo uint64
}

func (a ahead) Served(ctx context.Context, from, until time.Time, after *feed.Exposure, limit int) ([]feed.Exposure, error) {
	all, err := a.PageArchive.Served(ctx, from, until, after, limit)
	for i := range all {
		all[i].Page.Inputs.Model = a.upTo
	}
	return all, err
}

// omniscient recollects what is known now.
type omniscient struct{ audience.Recollection }

func (o omniscient) Recollect(ctx context.Context, id audience.ViewerID, _ time.Time) (audience.Knowledge, error) {
	return o.Recollection.Recollect(ctx, id, time.Time{})
}

func publish(t *testing.T, v *visited, id catalog.ItemID) {
	t.Helper()
	outcomes, err := v.Items.PutAll(t.Context(), drafts(id))
	require.NoError(t, err)
	require.Equal(t, publishing.Created, outcomes[0].Status)
}

func TestAPageKnowsItemsThatHadCome(t *testing.T) {
	v := newTown(t)
	v.Stock(40)
	v.live(1)
	v.Clock.Advance(time.Minute)
	publish(t, v, "later")
	v.Clock.Advance(time.Minute)
	v.live(1)
	o := v.options()
	early, late := 0, 0
	o.Made = func(e *feed.Exposure, current, _ []recommend.Pick) {
		for _, p := range current {
			if p.Item.ID == "later" && e.Page.ServedAt.Before(p.Item.ChangedAt) {
				early++
			} else if p.Item.ID == "later" {
				late++
			}
		}
	}
	r := compare(t, subject(t, v.records(), feeds(), feeds()), o)
	require.Zero(t, early)
	require.Positive(t, late)
	faithful(t, r)
	require.NoError(t, v.Items.Hide(t.Context(), "later"))
	r = compare(t, subject(t, v.records(), feeds(), feeds()), o)
	require.Less(t, r.Fidelity.Identical, r.Pages, "what is hidden since is not shown")
	require.Positive(t, r.Inputs["catalogue"])
	require.Equal(t, r.Pages, r.Likeness.Identical, "on neither side")
}

func TestOnlyTheFirstPagesAndPlacesThatAreAskedForCount(t *testing.T) {
	v := newTown(t)
	v.Stock(100)
	v.live(1)
	o := v.options()
	o.Limit, o.K = 5, 3
	r := compare(t, subject(t, v.records(), feeds(), feeds(func(d *recommend.Definition) { d.Order = recommend.ByNewest })), o)
	require.Equal(t, 5, r.Pages)
	require.Equal(t, 50, r.Places)
	require.LessOrEqual(t, r.Likeness.Move, 2.)
	o = v.options()
	o.Since = o.Until.Add(-4 * time.Second)
	require.Less(t, compare(t, subject(t, v.records(), feeds(), feeds()), o).Pages, 4)
	o.Feed = "latest"
	_, err := comparing.Run(t.Context(), subject(t, v.records(), feeds(), feeds()), o, func(string, int64, int64) {})
	require.ErrorIs(t, err, comparing.ErrNothing)
}

func TestPagesThatCannotBeMadeAgainAreCounted(t *testing.T) {
	v := newTown(t)
	v.Stock(100)
	v.live(1)
	change := func(page int, do func(*feed.Exposure)) comparing.Records {
		records := v.records()
		records.Pages = edited{records.Pages, func(e *feed.Exposure) {
			if e.Page.Number == page {
				do(e)
			}
		}}
		return records
	}
	gap := v.records()
	gap.Pages = gappy{gap.Pages}
	for name, c := range map[string]struct {
		records comparing.Records
		want    map[string]int
		pages   int
	}{
		"pages of a lower rung":        {change(2, func(e *feed.Exposure) { e.Page.Rung = feed.Popular }), map[string]int{comparing.LowerRung: 6}, 12},
		"pages carried by the cursor":  {change(2, func(e *feed.Exposure) { e.Page.Rung = feed.CursorOnly }), map[string]int{comparing.LowerRung: 6}, 12},
		"pages that were not archived": {change(2, func(e *feed.Exposure) { e.Page.Rung = feed.NoArchive }), map[string]int{}, 18},
		"pages ahead of the log":       {change(3, func(e *feed.Exposure) { e.Page.Inputs.Model = 1 << 40 }), map[string]int{comparing.LogShort: 6}, 12},
		"pages of a forgotten model":   {change(1, func(e *feed.Exposure) { e.Page.Inputs.Trained = 7 }), map[string]int{comparing.ModelGone: 6}, 12},
		"pages without those before":   {gap, map[string]int{comparing.PagesMissing: 6}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			r := compare(t, subject(t, c.records, feeds(), feeds()), v.options())
			require.Equal(t, c.want, r.Skipped)
			require.Equal(t, c.pages, r.Pages)
			require.Equal(t, r.Pages, r.Likeness.Identical)
		})
	}
}

// edited changes what is listed.
type edited struct {
	feed.PageArchive
	change func(*feed.Exposure)
}

func (e edited) Served(ctx context.Context, from, until time.Time, after *feed.Exposure, limit int) ([]feed.Exposure, error) {
	all, err := e.PageArchive.Served(ctx, from, until, after, limit)
	for i := range all {
		e.change(&all[i])
	}
	return all, err
}

// gappy has lost the second page of every session.
type gappy struct{ feed.PageArchive }

func (g gappy) Session(ctx context.Context, id feed.SessionID) (feed.Visit, []feed.Page, error) {
	v, all, err := g.PageArchive.Session(ctx, id)
	return v, append(all[:1:1], all[2:]...), err
}

func TestWhatRecordsFailWithIsTold(t *testing.T) {
	v := newTown(t)
	v.Stock(40)
	v.live(1)
	down := fault.New(fault.Unavailable, "store_down", "the store is down")
	records := v.records()
	records.Events = broken{records.Events, down}
	_, err := comparing.Run(t.Context(), subject(t, records, feeds(), feeds()), v.options(), func(string, int64, int64) {})
	require.ErrorIs(t, err, down)
	ctx, cancel := context.WithCancelCause(t.Context())
	o := v.options()
	o.Made = func(*feed.Exposure, []recommend.Pick, []recommend.Pick) { cancel(context.Canceled) }
	r, err := comparing.Run(ctx, subject(t, v.records(), feeds(), feeds()), o, func(string, int64, int64) {})
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, r)
}

type broken struct {
	engagement.EventLog
	err error
}

func (b broken) Read(context.Context, engagement.Offset, int) ([]engagement.Logged, error) {
	return nil, b.err
}

func TestOptionsThatMakeNoSenseNameTheirField(t *testing.T) {
	now := time.Now()
	fine := comparing.Options{Feed: "for-you", Since: now.Add(-time.Hour), Until: now, Window: time.Minute, Clip: 10}
	require.NoError(t, fine.Check())
	for field, change := range map[string]func(*comparing.Options){
		"feed":   func(o *comparing.Options) { o.Feed = "" },
		"since":  func(o *comparing.Options) { o.Since = o.Until },
		"limit":  func(o *comparing.Options) { o.Limit = -1 },
		"k":      func(o *comparing.Options) { o.K = 101 },
		"window": func(o *comparing.Options) { o.Window = 0 },
		"clip":   func(o *comparing.Options) { o.Clip = .9 },
	} {
		o := fine
		change(&o)
		err := o.Check()
		require.ErrorIs(t, err, comparing.ErrOptions)
		require.Equal(t, field, fault.Of(err).Field())
	}
}
