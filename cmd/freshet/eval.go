package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/ports/cli"
)

// evaluation is the feed as this configuration serves it, on an instance of its own.
func evaluation(s cli.Settings, feed string) (evaluating.Subject, error) {
	cfg, _, err := load(s)
	if err != nil {
		return evaluating.Subject{}, err
	}
	f, ok := cfg.Feeds[feed]
	if !ok {
		there := strings.Join(slices.Sorted(maps.Keys(cfg.Feeds)), ", ")
		return evaluating.Subject{}, fmt.Errorf("--feed: the configuration has no feed %q; there are %s", feed, there)
	}
	weights, err := provideWeights(cfg)
	if err != nil {
		return evaluating.Subject{}, err
	}
	def := definition(feed, f)
	return evaluating.Subject{
		Config: cfg.Version(), Feed: def, Weights: weights, Tuning: cfg.Tuning.Enabled,
		Trainer: trainedmodel.Trainer{}, Training: trainingOptions(cfg),
		Build: func(w engagement.Weights) evaluating.Engine {
			index := memindex.New()
			learner := provideLearner(index, w)
			return evaluating.Engine{
				Shelf: index, Index: index, Model: learner, Signals: learner,
				Bytes: func() int { return learner.Stats().Bytes },
			}
		},
	}, def.Check()
}
