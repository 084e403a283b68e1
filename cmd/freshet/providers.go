package main

import (
	"time"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
)

func provideLearner(index *memindex.Index, w engagement.Weights) *memindex.Learner {
	return memindex.NewLearner(index, w, memindex.Options{})
}

func provideRecordEvents(cfg *config.Config, log engagement.EventLog, viewers audience.ViewerRepository, known *remembering.Viewers,
	index recommend.Index, clock func() time.Time) *observing.RecordEvents {
	return observing.NewRecordEvents(log, viewers, known, index, cfg.Tuning.Enabled, clock)
}

func provideDecisions(cfg *config.Config, viewers audience.ViewerRepository, known *remembering.Viewers, clock func() time.Time) *steering.Decisions {
	return steering.NewDecisions(viewers, known, cfg.Tuning.Enabled, clock)
}

func provideRelay(outbox catalog.Outbox, stream catalog.Changes) *relaying.Relay {
	return relaying.NewRelay(outbox, stream, randomness.Name())
}

// provideArchivists drains this process's own pages first: they wait only while the shared store is out of reach.
func provideArchivists(shared *redisstore.Exposures, local *localstore.Sessions, to feed.PageArchive) archiving.Archivists {
	name := randomness.Name()
	return archiving.Archivists{archiving.NewArchivist(local, to, name), archiving.NewArchivist(shared, to, name)}
}

func provideErasable(fast *redisstore.Eraser, durable *mysqlstore.Dossier, local *localstore.Sessions) []erasing.Store {
	return []erasing.Store{local, fast, durable}
}
