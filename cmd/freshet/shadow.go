package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/pruning"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/ports/http"
	"github.com/freshet/freshet/ports/job"
	"github.com/freshet/freshet/ports/rpc"
)

// shadow is a second set of the use cases that serve viewers: over the same catalogue and what was learned, and over tables and keys
// of its own. It is there also while shadow traffic is refused, so that what was kept of it is pruned and erased.
type shadow struct {
	enabled bool

	pages     *serving.ServePage
	events    *observing.RecordEvents
	decisions *steering.Decisions
	sessions  *replaying.Sessions
	viewers   *erasing.Viewers
	bookmarks *redisstore.Bookmarks
	reactions *mysqlstore.Tally

	known   *remembering.Viewers
	archive archiving.Archivists
	local   *localstore.Sessions
	held    *redisstore.Wills
	erased  erasing.Shadow
	kept    []*pruning.Retention
}

// provideShadow is drained before the database closes.
func provideShadow(cfg *config.Config, real *mysqlstore.DB, redis *redisstore.Client, plans *serving.Plans, rerun *serving.Rerun, index recommend.Index,
	signals recommend.Signals, counting serving.Counting, sealer *feed.Sealer, clock func() time.Time, log *slog.Logger) (*shadow, func(), error) {
	db, err := real.Shadow()
	if err != nil {
		return nil, nil, fmt.Errorf("database: %w", err)
	}
	fast := redis.Shadow(cfg.Shadow.Retention)
	events, closeEvents := provideEventLog(cfg, db)
	viewers, past, pages, dossier := mysqlstore.NewViewers(db), mysqlstore.NewRecollection(db), mysqlstore.NewArchive(db), mysqlstore.NewDossier(db)
	s := &shadow{
		enabled:   cfg.Shadow.Enabled,
		bookmarks: redisstore.NewBookmarks(fast.Client), reactions: mysqlstore.NewTally(db),
		known: remembering.NewViewers(redisstore.NewRemembrance(fast.Client), past, mysqlstore.NewRepairs(db), fast, clock),
		local: provideLocal(clock), held: redisstore.NewWills(fast.Client),
		kept: []*pruning.Retention{
			{What: "shadow_events", Of: mysqlstore.NewShadowEvents(db), Keep: cfg.Shadow.Retention},
			{What: "shadow_pages", Of: pages, Keep: cfg.Shadow.Retention},
			{What: "shadow_viewers", Of: mysqlstore.NewShadowViewers(db), Keep: cfg.Shadow.Retention},
			{What: "shadow_follows", Of: mysqlstore.NewShadowFollows(db), Keep: cfg.Shadow.Retention},
		},
	}
	s.archive = provideArchivists(redisstore.NewExposures(fast.Client), s.local, pages)
	shared := provideSessions(cfg, redisstore.NewSessions(fast.Client), pages)
	ladder := provideLadder(cfg, shared, s.local, pages, s.known, clock, log.With("traffic", "shadow"))
	apart := sealer.Shadow()
	s.pages = serving.NewServePage(plans, ladder, s.known, pages, apart, index, signals, counting, clock, randomness.Source{})
	s.events = observing.NewRecordEvents(events, viewers, s.known, index, cfg.Tuning.Enabled, clock)
	s.decisions = steering.NewDecisions(viewers, s.known, cfg.Tuning.Enabled, clock)
	s.sessions = replaying.NewSessions(pages, s.archive, past, rerun, apart, clock)
	s.erased = erasing.Shadow{Archivist: s.archive, Stores: []erasing.Store{s.local, redisstore.NewEraser(fast.Client), dossier}}
	s.viewers = erasing.NewViewers(dossier, []erasing.Store{s.erased}, s.archive, clock)
	return s, closeEvents, nil
}

// ofHTTP is what answers marked requests; nil: they are refused.
func (s *shadow) ofHTTP(d http.Deps) *http.Deps {
	if !s.enabled {
		return nil
	}
	d.Pages, d.Events, d.Decisions, d.Sessions, d.Viewers = s.pages, s.events, s.decisions, s.sessions, s.viewers
	d.Bookmarks, d.Reactions = s.bookmarks, s.reactions
	return &d
}

// ofRPC is what answers marked calls; nil: they are refused.
func (s *shadow) ofRPC(d rpc.Deps) *rpc.Deps {
	if !s.enabled {
		return nil
	}
	d.Pages, d.Events, d.Decisions, d.Sessions, d.Viewers = s.pages, s.events, s.decisions, s.sessions, s.viewers
	return &d
}

func (s *shadow) loops() []job.Loop {
	if !s.enabled {
		return nil
	}
	return []job.Loop{
		{Name: "shadow-archive", Every: 100 * time.Millisecond, Run: s.archive.Drain},
		{Name: "shadow-repair", Every: 500 * time.Millisecond, Run: s.known.Repair},
	}
}

// drain archives what was served at the end.
func (s *shadow) drain(ctx context.Context) error {
	if !s.enabled {
		return nil
	}
	_, err := s.archive.Drain(ctx)
	return err
}

func (r *running) showShadow(registry *telemetry.Registry) {
	registry.Counters("freshet_rpc_shadow_requests_total", "Kitex calls that were marked as shadow traffic, refused ones included.", nil,
		func(show func(float64, ...string)) { show(float64(r.rpc.Shadowed())) })
}

// clearShadow drops what is kept of shadow traffic, first the records and then what follows from them.
func clearShadow(ctx context.Context, s cli.Settings) (done cli.Cleared, err error) {
	cfg, _, err := load(s)
	if err != nil {
		return done, err
	}
	db, err := openInUse(ctx, cfg, 2)
	if err != nil {
		return done, fmt.Errorf("database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.ClearShadow(ctx); err != nil {
		return done, fmt.Errorf("database: %w", err)
	}
	done.Tables = databaseOf(cfg)
	if embedded(cfg) {
		return done, nil
	}
	redis, closeRedis, err := openRedis(cfg)
	if err != nil {
		return done, err
	}
	defer closeRedis()
	done.Shared = true
	done.Keys, err = redis.Shadow(cfg.Shadow.Retention).Clear(ctx)
	return done, err
}
