package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet/freshet/adapters/adminplane"
	"github.com/freshet/freshet/adapters/binlog"
	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/cli"
)

// openDoctor opens what there is: what cannot be opened is a finding, and no error.
func openDoctor(ctx context.Context, s cli.Settings, instances cli.Planes, use func(context.Context, []diagnosing.Check) error) error {
	cfg, _, err := load(s)
	if err != nil {
		return err
	}
	var checks []diagnosing.Check
	db, err := openAsItIs(ctx, cfg)
	if err != nil {
		checks = diagnosing.NoDatabase(err)
	} else {
		defer func() { _ = db.Close() }()
		more, done, err := ofDatabase(cfg, db, instances)
		if err != nil {
			return err
		}
		defer done()
		checks = more
	}
	if embedded(cfg) {
		return use(ctx, append(checks, diagnosing.NoRedis()...))
	}
	redis, closeRedis, err := openRedis(cfg)
	if err != nil {
		return err
	}
	defer closeRedis()
	return use(ctx, append(checks, diagnosing.OfRedis(redisstore.NewCondition(redis))...))
}

// openAsItIs is openInUse for tables of any version.
func openAsItIs(ctx context.Context, cfg *config.Config) (*mysqlstore.DB, error) {
	opts := mysqlstore.Options{DSN: cfg.MySQL.DSN, MaxOpen: 4}
	if opts.DSN == "" {
		opts.Path = databaseOf(cfg)
		if _, err := os.Stat(opts.Path); err != nil {
			return nil, err
		}
	}
	return mysqlstore.Open(ctx, opts)
}

func ofDatabase(cfg *config.Config, db *mysqlstore.DB, instances cli.Planes) (checks []diagnosing.Check, done func(), err error) {
	records, log := mysqlstore.NewCondition(db), mysqlstore.NewEventLog(db)
	checks = diagnosing.OfRecords(records, mysqlstore.NewOutbox(db), mysqlstore.NewTally(db), recounting.NewCounts(mysqlstore.NewLedger(db)), mysqlstore.NewModels(db))
	file := filestore.NewSnapshot(filepath.Join(cfg.DataDir, snapshotFile))
	checks = append(checks, diagnosing.OfSnapshot(file.Look, log))
	index := filestore.NewSnapshot(filepath.Join(cfg.DataDir, catalogueFile))
	checks = append(checks, diagnosing.OfCatalogue(index.Look, func(ctx context.Context) (uint64, error) {
		name, err := mysqlstore.NewSecrets(db).Get(ctx, installation)
		return whoseOf(name), err
	}, mysqlstore.NewItems(db, nil), time.Now))
	done = func() {}
	if cfg.Relay.Source == "binlog" {
		rows, err := binlog.New(binlog.Options{DSN: cfg.MySQL.DSN, ServerID: uint32(cfg.Relay.ServerID)})
		if err != nil {
			return nil, nil, cli.Misuse(err)
		}
		done = func() { _ = rows.Close() }
		checks = append(checks, diagnosing.OfServerLog(records, rows))
	} else {
		checks = append(checks, diagnosing.NoServerLog())
	}
	planes := adminplane.New(&http.Client{}, instances.Key)
	for _, at := range instances.URLs {
		checks = append(checks, diagnosing.OfInstance(at, records, planes))
	}
	return checks, done, nil
}
