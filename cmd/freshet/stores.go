package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/datadir"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
)

// databaseFile is the embedded database in the data folder.
const databaseFile = "freshet.db"

// startPatience is how long a starting process waits for its database.
const startPatience = 60 * time.Second

// provideDatabase opens the configured server or, without one, a SQLite file in the data folder,
// which this process then holds for itself. The schema is brought up to date.
func provideDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) (*mysqlstore.DB, func(), error) {
	opts := mysqlstore.Options{
		DSN: cfg.MySQL.DSN, Replicas: cfg.MySQL.Replicas,
		MaxOpen: cfg.MySQL.MaxOpen, MaxIdle: cfg.MySQL.MaxIdle, MaxLifetime: cfg.MySQL.MaxLifetime,
	}
	release := func() {}
	if opts.DSN == "" {
		dir, err := datadir.Open(cfg.DataDir)
		if err != nil {
			return nil, nil, err
		}
		release = func() { _ = dir.Close() }
		opts.Path = dir.File(databaseFile)
	}
	db, err := openDatabase(ctx, opts, log)
	if err != nil {
		release()
		return nil, nil, err
	}
	return db, func() { _ = db.Close(); release() }, nil
}

// openDatabase waits for a server that is still starting.
func openDatabase(ctx context.Context, opts mysqlstore.Options, log *slog.Logger) (*mysqlstore.DB, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for try := 0; ; try++ {
		db, err := mysqlstore.Open(ctx, opts)
		if err == nil {
			if err = db.Migrate(ctx); err == nil {
				return db, nil
			}
			_ = db.Close()
		}
		if !fault.Is(err, fault.Unavailable) || opts.Path != "" {
			return nil, fmt.Errorf("database: %w", err)
		}
		if try == 0 {
			log.Warn("waiting for the database", "at_most", startPatience.String(), "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("database: %w", errors.Join(err, ctx.Err()))
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// provideEventLog is drained before the database closes.
func provideEventLog(cfg *config.Config, db *mysqlstore.DB) (*mysqlstore.GroupedLog, func()) {
	log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(db), mysqlstore.GroupOptions{
		Waiting: cfg.EventLog.WaitingEvents, Patience: cfg.EventLog.Patience, Size: cfg.EventLog.GroupEvents,
	})
	return log, log.Close
}

// provideRedisOptions name the configured Redis or, without one, a server that is started in this process.
func provideRedisOptions(cfg *config.Config) (redisstore.Options, func(), error) {
	opts := redisstore.Options{
		Addrs: cfg.Redis.Addrs, Cluster: cfg.Redis.Cluster, MasterName: cfg.Redis.MasterName,
		Username: cfg.Redis.Username, Password: cfg.Redis.Password,
		SentinelUsername: cfg.Redis.SentinelUsername, SentinelPassword: cfg.Redis.SentinelPassword,
		DB: cfg.Redis.DB, Prefix: cfg.Redis.Prefix, PoolSize: cfg.Redis.PoolSize,
	}
	opts.Served, opts.Seen, opts.Consumed = memories(cfg)
	if cfg.Redis.TLS {
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if !embedded(cfg) {
		return opts, func() {}, nil
	}
	opts.Password = cmp.Or(opts.Password, randomness.Name())
	server, err := embeddedredis.Start(embeddedredis.Options{Password: opts.Password})
	if err != nil {
		return opts, nil, fmt.Errorf("embedded redis: %w", err)
	}
	opts.Addrs = []string{server.Addr()}
	return opts, server.Close, nil
}

// provideRedis need not be answered now.
func provideRedis(opts redisstore.Options) (*redisstore.Client, func(), error) {
	client, err := redisstore.Open(opts)
	if err != nil {
		return nil, nil, err
	}
	return client, func() { _ = client.Close() }, nil
}

// memories are how long served, seen and consumed items are remembered: as long as any feed lets them rest, and
// served ones for a day, because fatigue looks back that far.
func memories(cfg *config.Config) (served, seen, consumed time.Duration) {
	served = 24 * time.Hour
	for _, f := range cfg.Feeds {
		served, seen, consumed = max(served, f.Rest.Served), max(seen, f.Rest.Seen), max(consumed, f.Rest.Consumed)
	}
	return served, max(seen, time.Hour), max(consumed, time.Hour)
}

// embedded reports that sessions live in this process, so that pages are archived before they are answered.
func embedded(cfg *config.Config) bool { return len(cfg.Redis.Addrs) == 0 }

func provideSessions(cfg *config.Config, redis *redisstore.Sessions, archive feed.PageArchive) feed.SessionRepository {
	if embedded(cfg) {
		return serving.Through{SessionRepository: redis, Archive: archive}
	}
	return redis
}

// localSessions is how many sessions one process carries while Redis is out of reach.
const localSessions = 50_000

func provideLocal(clock func() time.Time) *localstore.Sessions {
	return localstore.NewSessions(localSessions, clock)
}

func provideLadder(cfg *config.Config, shared feed.SessionRepository, local *localstore.Sessions, archive feed.PageArchive, viewers *remembering.Viewers, clock func() time.Time, log *slog.Logger) *serving.Ladder {
	alone := serving.Alone{SessionRepository: local, Archive: archive, Patience: cfg.Serving.StorePatience}
	return serving.NewLadder(shared, alone, viewers, cfg.Serving.StorePatience, cfg.Serving.StorePause, clock, func(from, to feed.Rung) {
		log.Warn("pages come from another rung", "from", from, "to", to)
	})
}

// provideSealer signs cursors with the configured secret or, without one, with a key that all
// instances on one database share.
func provideSealer(ctx context.Context, cfg *config.Config, secrets *mysqlstore.Secrets) (*feed.Sealer, error) {
	if s := cfg.Serving.CursorSecret; s != "" {
		return feed.NewSealer([]byte(s)), nil
	}
	key, err := secrets.GetOrCreate(ctx, "cursor_key", func() ([]byte, error) { return randomness.Secret(32) })
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	return feed.NewSealer(key), nil
}
