package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/ports/cli"
)

func openRebuild(ctx context.Context, s cli.Settings, parallel int, use func(context.Context, cli.Rebuilding) error) error {
	cfg, _, err := load(s)
	if err != nil {
		return err
	}
	if embedded(cfg) {
		return cli.Misuse(errors.New("redis.addrs names no Redis; the embedded one is filled by its server as it goes"))
	}
	db, err := openInUse(ctx, cfg, parallel+1)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { _ = db.Close() }()
	redis, closeRedis, err := openRedis(cfg)
	if err != nil {
		return err
	}
	defer closeRedis()
	return use(ctx, cli.Rebuilding{
		Rebuild:  rebuilding.NewRebuild(mysqlstore.NewViewerRecords(db), redisstore.NewCopies(redis), time.Now),
		CopyLife: redis.CopyLife(), SessionLife: cfg.Serving.SessionLife,
	})
}
