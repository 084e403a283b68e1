package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/cli"
)

// openComparison opens what an installation has recorded, with an instance for its own configuration and one for the
// changed one. Of its stores only the database is opened; nothing is written to it.
func openComparison(ctx context.Context, installed, changed cli.Settings, feed string, use func(context.Context, comparing.Subject) error) error {
	cfg, log, err := load(installed)
	if err != nil {
		return err
	}
	other, _, err := load(changed)
	if err != nil {
		return err
	}
	s := comparing.Subject{Trained: &comparing.Trained{}}
	index := memindex.New()
	s.Shelf = index
	if s.Current, err = sideOf(cfg, feed, "the configuration in force", index, s.Trained); err != nil {
		return cli.Misuse(err)
	}
	if s.Changed, err = sideOf(other, feed, "the changed configuration", index, s.Trained); err != nil {
		return cli.Misuse(err)
	}
	w, err := provideWeights(cfg)
	if err != nil {
		return cli.Misuse(err)
	}
	s.Worth = func(a audience.Action) float32 { return w.Worth(a.Act, a.Watched, a.Duration) }
	db, closeDatabase, err := provideDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeDatabase()
	s.Records = comparing.Records{
		Pages: mysqlstore.NewArchive(db), Events: mysqlstore.NewEventLog(db), Past: mysqlstore.NewRecollection(db),
		Items: mysqlstore.NewItems(db, nil), Models: mysqlstore.NewModels(db),
	}
	return use(ctx, s)
}

// sideOf is an instance that has learned nothing yet, put together as one that serves.
func sideOf(cfg *config.Config, feed, which string, index *memindex.Index, trained *comparing.Trained) (comparing.Side, error) {
	if _, ok := cfg.Feeds[feed]; !ok {
		there := strings.Join(slices.Sorted(maps.Keys(cfg.Feeds)), ", ")
		return comparing.Side{}, fmt.Errorf("--feed: %s has no feed %q; there are %s", which, feed, there)
	}
	w, err := provideWeights(cfg)
	if err != nil {
		return comparing.Side{}, err
	}
	learner := provideLearner(index, w)
	plans, err := providePlans(cfg, w, index, learner, trained)
	if err != nil {
		return comparing.Side{}, err
	}
	student := provideStudent(plans, learner, index, w)
	return comparing.Side{
		Config: cfg.Version(), Rerun: serving.NewRerun(plans, index, learner), Model: provideWaiting(cfg, student, index),
	}, nil
}
