//go:build wireinject

package main

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
)

// sqlStores grant what must be durable.
var sqlStores = wire.NewSet(
	provideDatabase,
	provideNumbers, provideItems, provideCopies, provideCatalog,
	mysqlstore.NewOutbox, wire.Bind(new(catalog.Outbox), new(*mysqlstore.Outbox)),
	mysqlstore.NewViewers, provideViewers,
	mysqlstore.NewRecollection, provideRecollection,
	mysqlstore.NewRepairs, provideRepairs,
	provideEventLog, provideIntake, provideEvents,
	mysqlstore.NewTally, wire.Bind(new(engagement.Tally), new(*mysqlstore.Tally)), wire.Bind(new(engagement.Reactions), new(*mysqlstore.Tally)),
	mysqlstore.NewFollowers, wire.Bind(new(engagement.Following), new(*mysqlstore.Followers)),
	mysqlstore.NewArchive, wire.Bind(new(feed.PageArchive), new(*mysqlstore.Archive)),
	mysqlstore.NewDossier, wire.Bind(new(erasing.Dossier), new(*mysqlstore.Dossier)),
	mysqlstore.NewErasures, wire.Bind(new(erasing.Notices), new(*mysqlstore.Erasures)),
	mysqlstore.NewModels, wire.Bind(new(recommend.ModelStore), new(*mysqlstore.Models)), wire.Bind(new(training.Models), new(*mysqlstore.Models)),
	mysqlstore.NewBlends, wire.Bind(new(recommend.BlendStore), new(*mysqlstore.Blends)),
	mysqlstore.NewTurn, wire.Bind(new(training.Turn), new(*mysqlstore.Turn)),
	mysqlstore.NewSecrets,
	mysqlstore.NewKeys, wire.Bind(new(access.KeyRepository), new(*mysqlstore.Keys)),
)

// redisStores grant what must be fast.
var redisStores = wire.NewSet(
	provideRedisOptions, provideRedis, provideQueue,
	wire.Bind(new(remembering.Heart), new(*redisstore.Client)),
	redisstore.NewSessions,
	redisstore.NewRemembrance, provideRemembrance,
	redisstore.NewChanges, wire.Bind(new(catalog.Changes), new(*redisstore.Changes)),
	redisstore.NewExposures,
	redisstore.NewBookmarks, wire.Bind(new(feed.Bookmarks), new(*redisstore.Bookmarks)),
	redisstore.NewEraser,
)

// readModels are what this process holds in memory.
var readModels = wire.NewSet(
	memindex.New, provideLearner,
	wire.Bind(new(recommend.Index), new(*memindex.Index)),
	wire.Bind(new(publishing.Shelf), new(*memindex.Index)),
	wire.Bind(new(serving.Counting), new(*memindex.Index)),
	wire.Bind(new(learning.Board), new(*memindex.Index)),
	wire.Bind(new(learning.FollowersBoard), new(*memindex.Index)),
	wire.Bind(new(recommend.Signals), new(*memindex.Learner)),
	provideStudent,
	provideWaiting, wire.Bind(new(learning.Model), new(*learning.WaitingRoom)),
)

var useCases = wire.NewSet(
	provideClock, provideWeights, providePlans, provideSessions, provideLocal, provideLadder, provideSealer,
	wire.Value(randomness.Source{}), wire.Bind(new(serving.Identities), new(randomness.Source)),
	remembering.NewViewers,
	serving.NewServePage, serving.NewRerun,
	provideRecordEvents, provideDecisions, publishing.NewItems,
	provideArchivists, wire.Bind(new(replaying.Archivist), new(archiving.Archivists)), provideErasingArchivist,
	replaying.NewSessions,
	provideErasable, erasing.NewViewers, erasing.NewHeard, provideForgetting,
	provideKeeper, provideInventory, learning.NewLearner, learning.NewCounter, learning.NewFollowers, provideRelay, provideSQLChanges,
	provideShadow, providePrune,
	provideCurrent, wire.Bind(new(recommend.Models), new(*training.Current)),
	wire.Value(trainedmodel.Trainer{}), wire.Bind(new(training.Trainer), new(trainedmodel.Trainer)),
	provideTrain, provideSchedule,
	provideBlends, provideNotebook,
	provideNotifications,
	provideDoor,
)

func buildService(ctx context.Context, cfg *config.Config, log *slog.Logger) (*service, func(), error) {
	panic(wire.Build(sqlStores, redisStores, readModels, useCases, wire.Struct(new(service), "*")))
}
