package comparing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

var weights = engagement.DefaultWeights()

func worth(a audience.Action) float32 { return weights.Worth(a.Act, a.Watched, a.Duration) }

// feeds are the world's, the first of which explores and learns.
func feeds(change ...func(*recommend.Definition)) []recommend.Definition {
	all := world.Feeds()
	f := &all[0]
	f.Sources = append(f.Sources, recommend.SourceUse{Name: "explore", Limit: 40})
	f.Learned = []string{"popular_day", "sequence_log", "tag_affinity"}
	f.Explore = recommend.Exploration{Share: .2, Met: 8}
	for _, c := range change {
		c(f)
	}
	return all
}

// subject puts two configurations on records.
func subject(t testing.TB, records comparing.Records, current, changed []recommend.Definition) comparing.Subject {
	index := memindex.New()
	s := comparing.Subject{Records: records, Shelf: index, Trained: &comparing.Trained{}, Worth: worth}
	s.Current, s.Changed = side(t, "current", index, s.Trained, current), side(t, "changed", index, s.Trained, changed)
	return s
}

func side(t testing.TB, name string, index *memindex.Index, trained recommend.Models, feeds []recommend.Definition) comparing.Side {
	learner := memindex.NewLearner(index, weights, memindex.Options{})
	plan, err := serving.NewPlan(name, feed.DefaultLife, weights, nil, feeds, index, learner, trained)
	require.NoError(t, err)
	var learn []learning.Feed
	for _, p := range plan.Learning() {
		learn = append(learn, p)
	}
	return comparing.Side{
		Config: name, Rerun: serving.NewRerun(serving.NewPlans(plan), index, learner),
		Model: learning.NewStudent(learner, learner, index, worth, learning.StudentOptions{}, learn...),
	}
}

func compare(t testing.TB, s comparing.Subject, o comparing.Options) *comparing.Report {
	t.Helper()
	r, err := comparing.Run(context.Background(), s, o, func(string, int64, int64) {})
	require.NoError(t, err)
	return r
}

// visited is a town whose viewers have been served, and by which process.
type visited struct {
	*world.World
	*world.Process
	t     testing.TB
	since time.Time
}

func newTown(t *testing.T, change ...func(*recommend.Definition)) *visited {
	w := world.New(t)
	v := &visited{World: w, t: t, since: w.Clock.Now()}
	v.Process = w.Process(func(p *world.Parts) { p.Feeds, p.Config = feeds(change...), "current" })
	return v
}

func (v *visited) records() comparing.Records {
	return comparing.Records{
		Pages: mysqlstore.NewArchive(v.DB), Events: mysqlstore.NewEventLog(v.DB), Past: mysqlstore.NewRecollection(v.DB),
		Items: mysqlstore.NewItems(v.DB, nil), Models: mysqlstore.NewModels(v.DB),
	}
}

// live lets viewers ask for pages and react, so many rounds of them.
func (v *visited) live(rounds int) {
	v.t.Helper()
	for round := range rounds {
		for n := range 6 {
			viewer := audience.ViewerID(fmt.Sprintf("v%d", n))
			v.Clock.Advance(7 * time.Second)
			cursor := ""
			for page := range 3 {
				v.Clock.Advance(1300 * time.Millisecond)
				a := v.Page(viewer, cursor)
				cursor = a.Cursor
				v.Clock.Advance(time.Second)
				if like := a.Items[(round+n+page)%len(a.Items)].Item; like != "" {
					v.Record(v.Did(viewer, audience.Like, like), v.Did(viewer, audience.Skip, a.Items[(n+1)%len(a.Items)].Item))
				}
				if (n+page)%2 == 0 { // not all that is known of others is learned at once
					v.catchUp()
				}
			}
		}
	}
	v.Clock.Advance(time.Second)
	_, err := v.Archivist.Drain(v.t.Context())
	require.NoError(v.t, err)
}

func (v *visited) catchUp() {
	v.t.Helper()
	_, err := v.Learner.CatchUp(v.t.Context())
	require.NoError(v.t, err)
}

// options are for everything served so far, none of which is too new to say what it came to.
func (v *visited) options() comparing.Options {
	now := v.Clock.Now()
	return comparing.Options{Feed: "for-you", Since: v.since, Until: now, Window: 10 * time.Minute, Clip: 10, Now: now.Add(time.Hour)}
}

// pages is a Made that writes down what both sides make of each page.
func pages(into map[string][2][]catalog.ItemID) func(*feed.Exposure, []recommend.Pick, []recommend.Pick) {
	return func(e *feed.Exposure, current, changed []recommend.Pick) {
		into[fmt.Sprint(e.Visit.ID, " ", e.Page.Number)] = [2][]catalog.ItemID{idsOf(current), idsOf(changed)}
	}
}

func idsOf(picks []recommend.Pick) (ids []catalog.ItemID) {
	for _, p := range picks {
		ids = append(ids, p.Item.ID)
	}
	return ids
}

func drafts(ids ...catalog.ItemID) []publishing.Draft {
	all := make([]publishing.Draft, len(ids))
	for i, id := range ids {
		all[i] = publishing.Draft{ID: id, Details: catalog.Details{Author: "a-new", Tags: []string{"t1", "t2"}}}
	}
	return all
}
