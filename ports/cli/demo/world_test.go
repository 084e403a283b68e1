package demo

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
)

// open puts the service together on its embedded stores, with the feeds of the defaults. learn brings it up to
// date with what viewers did.
func open(t *testing.T) (s Service, learn func()) {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: filepath.Join(t.TempDir(), "freshet.db")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Migrate(t.Context()))
	server, err := embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	fast, err := redisstore.Open(redisstore.Options{Addrs: []string{server.Addr()}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = fast.Close() })

	index := memindex.New()
	signals := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	known := remembering.NewViewers(redisstore.NewRemembrance(fast), mysqlstore.NewRecollection(db), mysqlstore.NewRepairs(db), fast, time.Now)
	plan, err := serving.NewPlan("v1", feed.DefaultLife, engagement.DefaultWeights(), nil, feeds(t), index, signals)
	require.NoError(t, err)
	ladder := serving.NewLadder(redisstore.NewSessions(fast), localstore.NewSessions(1000, time.Now), known, 5*time.Second, time.Second, time.Now, nil)
	s = Service{
		Publishing: publishing.NewItems(mysqlstore.NewItems(db), index, time.Now),
		Serving: serving.NewServePage(serving.NewPlans(plan), ladder, known, mysqlstore.NewArchive(db), feed.NewSealer([]byte("a secret of some length")),
			index, signals, index, time.Now, randomness.Source{}),
		Observing: observing.NewRecordEvents(mysqlstore.NewEventLog(db), mysqlstore.NewViewers(db), known, index, true, time.Now),
		Steering:  steering.NewDecisions(mysqlstore.NewViewers(db), known, true, time.Now),
		HTTP:      "0.0.0.0:8080", Admin: "127.0.0.1:8081", RPC: ":9090",
	}
	learner := learning.NewLearner(mysqlstore.NewEventLog(db), signals)
	return s, func() {
		_, err := learner.CatchUp(t.Context())
		require.NoError(t, err)
	}
}

func feeds(t *testing.T) []recommend.Definition {
	c, err := config.Load(config.Options{})
	require.NoError(t, err)
	var all []recommend.Definition
	for name, f := range c.Feeds {
		d := recommend.Definition{
			Name: name, Weights: map[string]float32{}, Order: recommend.Order(f.Order), Supply: recommend.Supply(f.Supply),
			Arrange: recommend.Arrangement{
				AuthorShare: float32(f.Arrange.AuthorShare), TagShare: float32(f.Arrange.TagShare), AuthorFatigue: float32(f.Arrange.AuthorFatigue),
				TagFatigue: float32(f.Arrange.TagFatigue), FatigueHalf: f.Arrange.FatigueHalf,
			},
			Rest: recommend.Rest(f.Rest),
		}
		for _, s := range f.Sources {
			d.Sources = append(d.Sources, recommend.SourceUse(s))
		}
		for w, v := range f.Weights {
			d.Weights[w] = float32(v)
		}
		all = append(all, d)
	}
	return all
}
