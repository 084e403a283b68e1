package main

import (
	"time"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
)

// providePlans turns the configuration into what is served. It fails with the first thing that does
// not make sense, naming it.
func providePlans(cfg *config.Config, w engagement.Weights, index recommend.Index, signals recommend.Signals, models recommend.Models) (*serving.Plans, error) {
	feeds := make([]recommend.Definition, 0, len(cfg.Feeds))
	for name, f := range cfg.Feeds {
		feeds = append(feeds, definition(name, f))
	}
	plan, err := serving.NewPlan(cfg.Version(), cfg.Serving.SessionLife, w, layers(cfg.Experiments), feeds, index, signals, models)
	if err != nil {
		return nil, err
	}
	return serving.NewPlans(plan), nil
}

func provideWeights(cfg *config.Config) (engagement.Weights, error) {
	w := engagement.Weights{}
	for name, v := range cfg.Events {
		act, err := audience.ParseAct(name)
		if err != nil {
			return nil, err
		}
		w[act] = float32(v)
	}
	return w, nil
}

func definition(name string, f config.Feed) recommend.Definition {
	d := recommend.Definition{
		Name: name, Learned: f.Learned, Weights: narrowed(f.Weights), Actions: narrowed(f.Actions), Order: recommend.Order(f.Order), Supply: recommend.Supply(f.Supply),
		Arrange: recommend.Arrangement{
			AuthorShare: float32(f.Arrange.AuthorShare), TagShare: float32(f.Arrange.TagShare),
			AuthorFatigue: float32(f.Arrange.AuthorFatigue), TagFatigue: float32(f.Arrange.TagFatigue), FatigueHalf: f.Arrange.FatigueHalf,
		},
		Explore: recommend.Exploration{
			Share: f.Explore.Share, Met: float32(f.Explore.Met), SmallAuthors: f.Explore.SmallAuthors, AuthorMet: float32(f.Explore.AuthorMet),
		},
		Rest:       recommend.Rest{Served: f.Rest.Served, Seen: f.Rest.Seen, Consumed: f.Rest.Consumed},
		RegretHalf: f.RegretHalf,
	}
	for _, s := range f.Sources {
		d.Sources = append(d.Sources, recommend.SourceUse{Name: s.Name, Limit: s.Limit})
	}
	for _, p := range f.Pins {
		d.Pins = append(d.Pins, recommend.Pin{
			Item: catalog.ItemID(p.Item), Position: p.Position, Pages: recommend.Pages(p.Pages),
			From: p.From, Until: p.Until, Lang: p.Lang, Region: p.Region,
		})
	}
	for _, s := range f.Slots {
		d.Slots = append(d.Slots, recommend.Slot{Source: s.Source, From: s.From, Every: s.Every})
	}
	return d
}

func narrowed(weights map[string]float64) map[string]float32 {
	out := make(map[string]float32, len(weights))
	for name, w := range weights {
		out[name] = float32(w)
	}
	return out
}

func layers(experiments []config.Experiment) []experiment.Layer {
	out := make([]experiment.Layer, len(experiments))
	for i, e := range experiments {
		out[i] = experiment.Layer{Name: e.Name, Salt: e.Salt}
		for _, v := range e.Variants {
			out[i].Variants = append(out[i].Variants, experiment.Variant{Name: v.Name, Share: v.Share, Feeds: v.Feeds})
		}
	}
	return out
}

// clock is the time everything goes by.
func provideClock() func() time.Time { return time.Now }
