package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/test/world"
)

// open is a service with the feeds of the defaults. learn brings it up to date with what viewers did.
func open(t *testing.T) (s Service, learn func()) {
	p := world.New(t).Process(func(parts *world.Parts) { parts.Feeds = feeds(t) })
	s = Service{
		Publishing: p.Items, Serving: p.Pages, Observing: p.Events, Steering: p.Decisions,
		HTTP: "0.0.0.0:8080", Admin: "127.0.0.1:8081", RPC: ":9090",
	}
	return s, func() {
		_, err := p.Learner.CatchUp(t.Context())
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
