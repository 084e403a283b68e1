package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/cli"
)

func openDeadLetters(ctx context.Context, s cli.Settings, use func(context.Context, *relaying.Letters) error) error {
	return besideServers(ctx, s, func(db *mysqlstore.DB) error { return use(ctx, relaying.NewLetters(mysqlstore.NewDeadLetters(db))) })
}

func openCounters(ctx context.Context, s cli.Settings, use func(context.Context, *recounting.Counts) error) error {
	return besideServers(ctx, s, func(db *mysqlstore.DB) error { return use(ctx, recounting.NewCounts(mysqlstore.NewLedger(db))) })
}

// errOwnRedis refuses to look into another process.
var errOwnRedis = errors.New("redis.addrs names no server: the queue is inside the process that serves")

func openTasks(ctx context.Context, s cli.Settings, use func(context.Context, notifying.Backlog) error) error {
	cfg, _, err := load(s)
	if err != nil {
		return err
	}
	if embedded(cfg) {
		return cli.Misuse(errOwnRedis)
	}
	opts, _, err := provideRedisOptions(cfg)
	if err != nil {
		return err
	}
	queue, closeQueue, err := provideQueue(opts)
	if err != nil {
		return err
	}
	defer closeQueue()
	return use(ctx, queue)
}

// besideServers opens the configured database as it is: it makes and migrates nothing, and leaves the data folder to a
// server that may be running on it, because SQLite lets two processes write in turn.
func besideServers(ctx context.Context, s cli.Settings, use func(*mysqlstore.DB) error) error {
	cfg, _, err := load(s)
	if err != nil {
		return err
	}
	db, err := openInUse(ctx, cfg, 2)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { _ = db.Close() }()
	return use(db)
}

func openInUse(ctx context.Context, cfg *config.Config, connections int) (*mysqlstore.DB, error) {
	opts := mysqlstore.Options{DSN: cfg.MySQL.DSN, MaxOpen: connections}
	if opts.DSN == "" {
		opts.Path = databaseOf(cfg)
		if _, err := os.Stat(opts.Path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not there yet: freshet migrate makes it", opts.Path)
		} else if err != nil {
			return nil, err
		}
	}
	db, err := mysqlstore.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	have, want, err := db.SchemaVersion(ctx)
	if err == nil && have < want {
		err = fmt.Errorf("its tables are of version %d, this program's of %d: freshet migrate brings them up to date", have, want)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// openRedis opens the configured Redis, where one is.
func openRedis(cfg *config.Config) (*redisstore.Client, func(), error) {
	opts, _, err := provideRedisOptions(cfg)
	if err != nil {
		return nil, nil, err
	}
	return provideRedis(opts)
}
