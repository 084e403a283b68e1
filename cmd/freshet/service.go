package main

import (
	"context"
	"time"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/job"
)

// service is everything one process is made of, wired and not yet running.
type service struct {
	cfg *config.Config

	db      *mysqlstore.DB
	redis   *redisstore.Client
	index   *memindex.Index
	learner *memindex.Learner
	local   *localstore.Sessions

	pages     *serving.ServePage
	events    *observing.RecordEvents
	items     *publishing.Items
	decisions *steering.Decisions
	sessions  *replaying.Sessions
	viewers   *erasing.Viewers
	bookmarks feed.Bookmarks
	reactions engagement.Reactions
	outbox    catalog.Outbox

	keeper      *indexing.Keeper
	learning    *learning.Learner
	counter     *learning.Counter
	relay       *relaying.Relay
	archive     archiving.Archivists
	remembering *remembering.Viewers
}

// warmUp makes the process able to serve: the index is built and everything in the log is learned. What is not
// counted yet is counted while it serves.
func (s *service) warmUp(ctx context.Context) error {
	if _, err := s.keeper.Build(ctx); err != nil {
		return err
	}
	if _, err := s.learning.CatchUp(ctx); err != nil {
		return err
	}
	return s.counter.Show(ctx)
}

// loops are what goes on beside the requests.
func (s *service) loops() []job.Loop {
	return []job.Loop{
		{Name: "follow", Run: s.keeper.Follow},
		{Name: "catch-up", Every: 30 * time.Second, Run: s.keeper.CatchUp},
		{Name: "relay", Every: 50 * time.Millisecond, Run: s.relay.Drain},
		{Name: "learn", Every: 200 * time.Millisecond, Run: s.learning.CatchUp},
		{Name: "count", Every: 250 * time.Millisecond, Run: s.counter.CatchUp},
		{Name: "archive", Every: 100 * time.Millisecond, Run: s.archive.Drain},
		{Name: "repair", Every: 500 * time.Millisecond, Run: s.remembering.Repair},
	}
}
