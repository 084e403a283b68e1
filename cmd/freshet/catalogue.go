package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/job"
)

// catalogueFile is this instance's item index, in the data folder.
const catalogueFile = "catalogue.snapshot"

// installation is the setting that tells a database from others. A copy of the database has the same.
const installation = "installation"

// inventory is the index's snapshot and how often it is written.
type inventory struct {
	*indexing.Inventory
	every time.Duration
}

func provideInventory(ctx context.Context, cfg *config.Config, keeper *indexing.Keeper, index *memindex.Index, secrets *mysqlstore.Secrets,
	items *mysqlstore.Items, changes *sqlChanges, log *slog.Logger) (*inventory, error) {
	name, err := secrets.GetOrCreate(ctx, installation, func() ([]byte, error) { return randomness.Secret(16) })
	if err != nil {
		return nil, fmt.Errorf("name of the installation: %w", err)
	}
	o := indexing.InventoryOptions{Whose: whoseOf(name), Alone: embedded(cfg), Versions: items, Told: func(b indexing.Beginning) {
		if b.Ignored != nil {
			log.Warn("the whole catalogue is read from the database, its snapshot cannot be used", "error", b.Ignored.Error())
		}
		log.Info("the item index is made", "from_snapshot", b.Items, "changed", b.Changed, "snapshot_age", b.Age.Round(time.Second).String())
	}}
	if changes != nil {
		o.Gaps = changes.review
	}
	if cfg.Index.SnapshotEvery > 0 {
		o.Most = int64(cfg.Index.SnapshotBytes)
	}
	return &inventory{indexing.NewInventory(keeper, index, filestore.NewSnapshot(filepath.Join(cfg.DataDir, catalogueFile)), o), cfg.Index.SnapshotEvery}, nil
}

// whoseOf is how a snapshot names a database.
func whoseOf(name []byte) uint64 {
	if len(name) < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(name)
}

func (i *inventory) loops() []job.Loop {
	if i.every == 0 {
		return nil
	}
	return []job.Loop{
		{Name: "catalogue", Every: i.every, Run: i.Save},
		{Name: "prove", Every: 100 * time.Millisecond, Run: i.Prove},
	}
}

func (i *inventory) show(r *telemetry.Registry) {
	show := func(name, help string, value func(indexing.InventoryStats) float64) {
		r.Gauge(name, help, func() float64 { return value(i.Stats()) })
	}
	show("freshet_catalogue_snapshot_bytes", "Size of the snapshot of the catalogue that this process wrote last, 0 for none.",
		func(s indexing.InventoryStats) float64 { return float64(s.Bytes) })
	show("freshet_catalogue_snapshot_timestamp_seconds", "When it was written, in Unix time, 0 for none.", func(s indexing.InventoryStats) float64 {
		if s.At.IsZero() {
			return 0
		}
		return float64(s.At.UnixMilli()) / 1000
	})
	show("freshet_catalogue_snapshot_taken_items", "Items that this process took from a snapshot when it started, 0 where it read all from the database.",
		func(s indexing.InventoryStats) float64 { return float64(s.Began.Items) })
	show("freshet_catalogue_snapshot_mended_items", "Items that the snapshot lacked and nobody told of since: found by comparing versions with the database.",
		func(s indexing.InventoryStats) float64 { return float64(s.Items) })
}
