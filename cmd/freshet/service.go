package main

import (
	"context"
	"errors"
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
	"github.com/freshet/freshet/application/pruning"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/snowflake"
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

	eventLog *mysqlstore.GroupedLog
	intake   *eventIntake

	plans     *serving.Plans
	pages     *serving.ServePage
	events    *observing.RecordEvents
	items     *publishing.Items
	decisions *steering.Decisions
	sessions  *replaying.Sessions
	viewers   *erasing.Viewers
	bookmarks feed.Bookmarks
	reactions engagement.Reactions
	outbox    catalog.Outbox
	numbers   *snowflake.Keeper
	copies    *copies

	keeper      *indexing.Keeper
	inventory   *inventory
	learning    *learning.Learner
	student     *learning.Student
	waiting     *learning.WaitingRoom
	blends      *learning.Blends
	notebook    *learning.Notebook
	forgetting  *erasing.Forgetting
	counter     *learning.Counter
	followers   *learning.Followers
	relay       *relaying.Relay
	direct      *sqlChanges
	archive     archiving.Archivists
	remembering *remembering.Viewers
	prune       *pruning.Prune
	told        *notifications
	shadow      *shadow
	door        *door

	models   training.Models
	current  *training.Current
	train    *training.Train
	schedule *training.Schedule
}

// warmUp makes the process able to serve: the index is built, the trained model is taken up, and everything in the log is
// learned, going on from where this instance and the feeds' weights stood. What is not counted yet is counted while it serves.
func (s *service) warmUp(ctx context.Context) error {
	if err := s.direct.begin(ctx); err != nil {
		return err
	}
	if err := s.inventory.Build(ctx); err != nil {
		return err
	}
	if _, err := s.current.Follow(ctx); err != nil {
		return err
	}
	if err := s.notebook.Restore(ctx); err != nil {
		return err
	}
	if err := s.blends.Restore(ctx); err != nil {
		return err
	}
	if _, err := s.learn(ctx); err != nil {
		return err
	}
	if err := s.counter.Show(ctx); err != nil {
		return err
	}
	return s.followers.Show(ctx)
}

// learn learns what is new in the log, and what waited for items that have come. Then it forgets who was erased; nothing of
// them that was read before is learned after that.
func (s *service) learn(ctx context.Context) (int, error) {
	learned, err := s.learning.CatchUp(ctx)
	late, failed := s.waiting.Admit(ctx)
	_, deaf := s.forgetting.Follow(ctx)
	return learned + late, errors.Join(err, failed, deaf)
}

// keepLearned puts down what was learned since it was last.
func (s *service) keepLearned(ctx context.Context) error {
	_, err := s.blends.Save(ctx)
	_, fail := s.notebook.Save(ctx)
	return errors.Join(err, fail)
}

// loops are what goes on beside the requests.
func (s *service) loops() []job.Loop {
	loops := []job.Loop{
		{Name: "follow", Run: s.keeper.Follow},
		{Name: "catch-up", Every: 30 * time.Second, Run: s.keeper.CatchUp},
		{Name: "relay", Every: s.direct.relayEvery(), Run: s.relay.Drain},
		{Name: "backlog", Every: 2 * time.Second, Run: s.relay.Look},
		{Name: "learn", Every: 200 * time.Millisecond, Run: s.learn},
		{Name: "blend", Every: 10 * time.Second, Run: s.blends.Save},
		{Name: "snapshot", Every: 5 * time.Minute, Run: s.notebook.Save},
		{Name: "count", Run: s.counter.Follow},
		{Name: "followers", Every: 250 * time.Millisecond, Run: s.followers.CatchUp},
		{Name: "archive", Every: 100 * time.Millisecond, Run: s.archive.Drain},
		{Name: "repair", Every: 500 * time.Millisecond, Run: s.remembering.Repair},
		{Name: "prune", Every: time.Minute, Run: s.prune.Step},
		{Name: "model", Every: 2 * time.Second, Run: s.current.Follow},
	}
	loops = append(loops, s.inventory.loops()...)
	loops = append(loops, s.direct.loops()...)
	loops = append(loops, s.copies.loops()...)
	loops = append(loops, s.told.loops()...)
	loops = append(loops, s.intake.loops()...)
	loops = append(loops, s.shadow.loops()...)
	loops = append(loops, s.door.loops()...)
	if trainsItself(s.cfg) {
		train := job.Loop{Name: "train", Every: time.Second, Run: s.schedule.Run}
		loops = append(loops, train)
	}
	return loops
}
