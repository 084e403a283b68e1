package main

import (
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/freshet/freshet/adapters/asynqtasks"
	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/pruning"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
)

func provideRecordEvents(cfg *config.Config, log engagement.EventLog, viewers audience.ViewerRepository, known *remembering.Viewers,
	index recommend.Index, clock func() time.Time) *observing.RecordEvents {
	return observing.NewRecordEvents(log, viewers, known, index, cfg.Tuning.Enabled, clock)
}

func provideDecisions(cfg *config.Config, viewers audience.ViewerRepository, known *remembering.Viewers, clock func() time.Time) *steering.Decisions {
	return steering.NewDecisions(viewers, known, cfg.Tuning.Enabled, clock)
}

func provideRelay(outbox catalog.Outbox, stream catalog.Changes, log *slog.Logger) *relaying.Relay {
	return relaying.NewRelay(outbox, stream, randomness.Name(), func(n int) {
		log.Error("changes of items cannot be delivered and are dead letters now: freshet dlq list says which", "letters", n)
	})
}

// provideArchivists drains this process's own pages first: they wait only while the shared store is out of reach.
func provideArchivists(shared *redisstore.Exposures, local *localstore.Sessions, to feed.PageArchive) archiving.Archivists {
	name := randomness.Name()
	return archiving.Archivists{archiving.NewArchivist(local, to, name), archiving.NewArchivist(shared, to, name)}
}

// provideErasable has the events go before what was learned of them, here and, by a notice, elsewhere.
func provideErasable(fast *redisstore.Eraser, durable *mysqlstore.Dossier, local *localstore.Sessions, learned *learning.Notebook, tasks *asynqtasks.Queue,
	notices *mysqlstore.Erasures, copies *copies, in *eventIntake, apart *shadow) []erasing.Store {
	return slices.Concat(in.erasable(), []erasing.Store{local, fast, durable}, copies.erasable(), []erasing.Store{learned, tasks, apart.erased, notices})
}

func provideForgetting(heard *erasing.Heard, local *localstore.Sessions, learned *learning.Notebook, copies *copies, told *notifications,
	apart *shadow, fast *redisstore.Client, clock func() time.Time) *erasing.Forgetting {
	return erasing.NewForgetting(heard, slices.Concat([]erasing.Store{local, apart.local, learned, redisstore.NewWills(fast), apart.held}, copies.forgettable(), told.holds()), clock)
}

func providePrune(cfg *config.Config, db *mysqlstore.DB, pages *mysqlstore.Archive, apart *shadow, clock func() time.Time) *pruning.Prune {
	return pruning.NewPrune(append([]*pruning.Retention{
		{What: "events", Of: mysqlstore.NewEventLog(db), Keep: cfg.Retention.Events},
		{What: "pages", Of: pages, Keep: cfg.Retention.Pages},
	}, apart.kept...), clock)
}

func provideCurrent(models recommend.ModelStore, log *slog.Logger) *training.Current {
	return training.NewCurrent(models, func(version uint64, err error) {
		log.Error("a trained model cannot be read, the one before stays in force", "version", version, "error", err.Error())
	})
}

func provideTrain(events engagement.EventLog, w engagement.Weights, trainer training.Trainer, models training.Models, items *mysqlstore.Items,
	turn training.Turn, clock func() time.Time) *training.Train {
	return training.NewTrain(events, w, trainer, models, items, turn, randomness.Name(), clock)
}

func provideSchedule(cfg *config.Config, train *training.Train, events engagement.EventLog, models recommend.ModelStore, clock func() time.Time, log *slog.Logger) *training.Schedule {
	o := trainingOptions(cfg)
	o.Workers = max(1, runtime.GOMAXPROCS(0)/2) // the others serve
	return training.NewSchedule(train, events, models, cfg.Training.Every, uint64(cfg.Training.LeastEvents), o, func(made training.Made) {
		log := log.With("version", made.Version, "items", made.Items, "viewers", made.Viewers, "hr_at_10", made.HR, "ndcg_at_10", made.NDCG, "took", made.Took.String())
		if made.Withheld != "" {
			log.Warn("a model was trained and is not put in force", "reason", made.Withheld)
			return
		}
		log.Info("a model was trained")
	}, clock)
}

func trainingOptions(cfg *config.Config) training.Options {
	t := cfg.Training
	return training.Options{Items: t.Items, Viewers: t.Viewers, Lambda: t.Lambda, Examples: t.Examples, Workers: runtime.GOMAXPROCS(0), Tolerance: t.Tolerance}
}

// trainsItself reports that this process trains on a schedule.
func trainsItself(cfg *config.Config) bool {
	return cfg.Training.Schedule == "always" || cfg.Training.Schedule == "embedded" && cfg.MySQL.DSN == ""
}
