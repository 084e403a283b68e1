//go:build !race

// The race detector empties pools at random.

package http

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route/param"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// instant answers at once that nothing is known, and keeps nothing.
type instant struct{ viewer *audience.Viewer }

func (s instant) Open(context.Context, audience.ViewerID, feed.SessionID, int) (feed.Opened, error) {
	return feed.Opened{Known: true, Knowledge: audience.Knowledge{Viewer: s.viewer}}, nil
}

func (instant) Commit(context.Context, *feed.RecommendationSession) error { return nil }

type steady struct{ remembering.Heart }

func (steady) Restarts() uint64 { return 0 }

func quickPlane(t *testing.T) *public {
	index := memindex.New()
	items := make([]catalog.Snapshot, 200)
	for i := range items {
		items[i] = catalog.Snapshot{
			ID: catalog.ItemID(fmt.Sprintf("video-%014d", i)), Number: catalog.Number(i + 1), State: catalog.Published, Version: 1,
			Details: catalog.Details{
				Author: "author", Title: "A title", Tags: []string{"bread", "day"}, PublishedAt: time.Now().Add(-time.Duration(i) * time.Minute),
				Payload: []byte(`{"play_url":"https://cdn.example/1.mp4"}`),
			},
		}
	}
	index.Apply(items)
	signals := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	plan, err := serving.NewPlan("c1", feed.DefaultLife, engagement.DefaultWeights(), nil, []recommend.Definition{
		newest(), definition(serving.RelatedFeed, recommend.ByValue, recommend.FromCatalogue, recommend.SourceUse{Name: "related", Limit: 50}),
	}, index, signals, recommend.Untrained{})
	require.NoError(t, err)
	known := remembering.NewViewers(nil, nil, nil, steady{}, time.Now)
	store := instant{audience.NewViewer("viewer", nil, nil)}
	ladder := serving.NewLadder(store, localstore.NewSessions(10, time.Now), known, time.Second, time.Second, time.Now, nil)
	pages := serving.NewServePage(serving.NewPlans(plan), ladder, known, nil, feed.NewSealer([]byte("sixteen bytes and a few")),
		index, signals, index, time.Now, identities{})
	return &public{
		opts: Options{PageTime: time.Second}.withDefaults(), deps: Deps{Pages: pages}, meter: newMeter(nil), draining: func() bool { return false },
	}
}

func TestAPageOverAStoreThatCostsNothingKeepsToItsBudget(t *testing.T) {
	p := quickPlane(t)
	var feeds *route
	routes := p.pageRoutes()
	for i := range routes {
		if routes[i].name == "getFeed" {
			feeds = &routes[i]
		}
	}
	answer := p.around(p.endpoint([]*route{feeds}))
	rc, ctx := app.NewContext(1), context.WithoutCancel(t.Context()) // as that of a request that nothing but its deadline ends
	ask := func() {
		rc.Reset()
		rc.Request.SetRequestURI("/v1/feeds/newest?viewer=viewer")
		rc.Params = append(rc.Params[:0], param.Param{Key: "feed", Value: "newest"})
		answer(ctx, rc)
	}
	ask()
	require.Equal(t, 200, rc.Response.StatusCode(), string(rc.Response.Body()))
	require.Contains(t, string(rc.Response.Body()), `"cursor":"`)
	allocs := testing.AllocsPerRun(200, ask)
	require.LessOrEqual(t, allocs, 25.0)
}

func TestAPageIsWrittenAsJSONInNoAllocation(t *testing.T) {
	p := quickPlane(t)
	a, err := p.deps.Pages.Serve(t.Context(), serving.Request{Feed: "newest", Viewer: "viewer"})
	require.NoError(t, err)
	require.Len(t, a.Items, 20)
	require.Less(t, testing.AllocsPerRun(1000, func() {
		w := newText()
		writePage(w, &a, explainNone, "a-request")
		w.release()
	}), 1.0, "a collection may empty the pool")
}
