package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/logging"
	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/ports/cli/demo"
	"github.com/freshet/freshet/ports/cli/intake"
)

// commands are the deeds behind the command line.
func commands() cli.Commands {
	return cli.Commands{
		Version: version, Defaults: config.Defaults(),
		Effective: effective, DataDir: dataDir, Serve: serve, Demo: serveDemo, Migrate: migrate, Stores: openStores, Training: openTraining, Evaluation: evaluation,
		Comparison: openComparison, DeadLetters: openDeadLetters, Counters: openCounters, Tasks: openTasks, Keys: openKeys, Rebuild: openRebuild, Doctor: openDoctor, ClearShadow: clearShadow,
	}
}

func load(s cli.Settings) (*config.Config, *slog.Logger, error) {
	cfg, err := config.Load(config.Options{File: s.File, Environment: os.Environ(), Set: s.Set})
	if err != nil {
		return nil, nil, cli.Misuse(err)
	}
	log, err := logging.New(logging.Options{Level: cfg.Log.Level, Format: cfg.Log.Format}, os.Stderr)
	return cfg, log, cli.Misuse(err)
}

func effective(s cli.Settings) ([]byte, error) {
	cfg, _, err := load(s)
	if err != nil {
		return nil, err
	}
	return cfg.Masked()
}

func dataDir(s cli.Settings) (string, error) {
	cfg, _, err := load(s)
	if err != nil {
		return "", err
	}
	return cfg.DataDir, nil
}

func serve(ctx context.Context, s cli.Settings) error {
	return serveWhile(ctx, s, func(ctx context.Context, _ demo.Service) error {
		<-ctx.Done()
		return nil
	})
}

// serveDemo is serveWhile in a folder of its own, and lets itself be loaded: unless another folder was named, the
// sample catalogue stays out of the one that serve uses.
func serveDemo(ctx context.Context, s cli.Settings, play func(context.Context, demo.Service) error) error {
	cfg, _, err := load(s)
	if err != nil {
		return err
	}
	s.Set = append([]string{"shadow.enabled=true"}, s.Set...)
	if cfg.DataDir == config.DataDir(os.Environ()) {
		s.Set = append(s.Set, "data_dir="+filepath.Join(cfg.DataDir, "demo"))
	}
	return serveWhile(ctx, s, play)
}

// serveWhile serves until play returns, then drains.
func serveWhile(ctx context.Context, s cli.Settings, play func(context.Context, demo.Service) error) error {
	cfg, log, err := load(s)
	if err != nil {
		return err
	}
	r, err := run(ctx, cfg, log)
	if err != nil {
		return err
	}
	log.Info("ready", "version", version, "http", r.public.Addr(), "admin", r.admin.Addr(), "rpc", r.rpc.Addr(), "stores", storesOf(cfg))
	err = play(ctx, demo.Service{
		Publishing: r.items, Serving: r.pages, Observing: r.events, Steering: r.decisions,
		HTTP: r.public.Addr(), Admin: r.admin.Addr(), RPC: r.rpc.Addr(),
	})
	log.Info("draining")
	return errors.Join(err, r.stop())
}

// storesOf says what a process keeps its data in.
func storesOf(cfg *config.Config) string {
	switch {
	case embedded(cfg) && cfg.MySQL.DSN == "":
		return "embedded in this one process, files in " + cfg.DataDir
	case embedded(cfg):
		return "mysql, and sessions embedded in this one process"
	case cfg.MySQL.DSN == "":
		return "redis, and files of this one process in " + cfg.DataDir
	}
	return "redis and mysql"
}

func migrate(ctx context.Context, s cli.Settings) (string, error) {
	cfg, log, err := load(s)
	if err != nil {
		return "", err
	}
	_, closeDatabase, err := provideDatabase(ctx, cfg, log)
	if err != nil {
		return "", err
	}
	closeDatabase()
	return databaseOf(cfg), nil
}

// openStores opens what an import writes to. The index is built, because events are resolved against it.
func openStores(ctx context.Context, s cli.Settings, use func(context.Context, intake.Here, string) error) error {
	cfg, log, err := load(s)
	if err != nil {
		return err
	}
	service, closeStores, err := buildService(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeStores()
	if _, err := service.keeper.Build(ctx); err != nil {
		return err
	}
	return use(ctx, intake.Here{Publishing: service.items, Observing: service.events}, databaseOf(cfg))
}

// openTraining opens what training reads and writes; nothing is served, so no index is built.
func openTraining(ctx context.Context, s cli.Settings, use func(context.Context, cli.Training) error) error {
	cfg, log, err := load(s)
	if err != nil {
		return err
	}
	service, closeStores, err := buildService(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeStores()
	return use(ctx, cli.Training{Train: service.train, Models: service.models, Options: trainingOptions(cfg)})
}

// databaseOf names the database without its secrets.
func databaseOf(cfg *config.Config) string {
	if cfg.MySQL.DSN == "" {
		return filepath.Join(cfg.DataDir, databaseFile)
	}
	sum := sha256.Sum256([]byte(cfg.MySQL.DSN))
	return "the configured MySQL database (" + hex.EncodeToString(sum[:6]) + ")"
}
