package main

import (
	"time"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/readcache"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/job"
)

// copies answer reads before SQL does; nil where they are not to.
type copies struct {
	guard *readcache.Guard
	known *readcache.Known
	items *readcache.Items

	viewers *readcache.Viewers
}

func provideCopies(cfg *config.Config, db *mysqlstore.DB, items *mysqlstore.Items, viewers *mysqlstore.Viewers, redis *redisstore.Client) *copies {
	if cfg.Cache.Use == "never" || cfg.Cache.Use == "servers" && (embedded(cfg) || cfg.MySQL.DSN == "") {
		return nil
	}
	bounds := readcache.Bounds{LocalBytes: cfg.Cache.LocalBytes, Life: cfg.Cache.Life, Missing: cfg.Cache.Missing}
	c := &copies{guard: readcache.NewGuard(mysqlstore.NewPacts(db), redis, readcache.Options{Patience: cfg.Serving.StorePatience, Pause: cfg.Serving.StorePause})}
	c.known = readcache.NewKnown(c.guard, items, redisstore.NewNewcomers(redis), cfg.Cache.KnownIDs)
	c.items = readcache.NewItems(items, c.guard, redis, c.known, bounds)
	c.viewers = readcache.NewViewers(viewers, c.guard, redis, bounds)
	return c
}

func provideCatalog(c *copies, items *mysqlstore.Items) catalog.ItemRepository {
	if c == nil {
		return items
	}
	return c.items
}

func provideViewers(c *copies, viewers *mysqlstore.Viewers) audience.ViewerRepository {
	if c == nil {
		return viewers
	}
	return c.viewers
}

// provideRemembrance has whoever finds that a viewer was changed in SQL drop the copies, too.
func provideRemembrance(c *copies, fast *redisstore.Remembrance) audience.Remembrance {
	if c == nil {
		return fast
	}
	return c.viewers.Remembering(fast)
}

// erasable are the copies, to be erased after SQL.
func (c *copies) erasable() []erasing.Store {
	if c == nil {
		return nil
	}
	return []erasing.Store{c.viewers}
}

// forgettable are those in this process alone.
func (c *copies) forgettable() []erasing.Store {
	if c == nil {
		return nil
	}
	return []erasing.Store{c.viewers.Process()}
}

// provideKeeper has the filter and the copies follow the index.
func provideKeeper(c *copies, items catalog.ItemRepository, stream catalog.Changes, index *memindex.Index, clock func() time.Time) *indexing.Keeper {
	if c == nil {
		return indexing.NewKeeper(items, stream, index, clock)
	}
	return indexing.NewKeeper(items, stream, index, clock, c.known, c.items)
}

func (c *copies) loops() []job.Loop {
	if c == nil {
		return nil
	}
	return []job.Loop{
		{Name: "trust", Every: 250 * time.Millisecond, Run: c.guard.Renew},
		{Name: "known-ids", Every: time.Second, Run: c.known.Build},
	}
}

func (c *copies) show(r *telemetry.Registry) {
	if c == nil {
		return
	}
	r.Gauge("freshet_cache_trusted", "1 while this instance believes copies.", func() float64 {
		if c.guard.State().Trusted {
			return 1
		}
		return 0
	})
	r.Gauge("freshet_cache_epoch", "The epoch of copies that this instance knows of, 0 for none yet.", func() float64 { return float64(c.guard.State().Epoch) })
	r.Counters("freshet_cache_closed_total", "Epochs that this process closed, because a write could not reach the copies.", nil, func(show func(float64, ...string)) {
		show(float64(c.guard.State().Closed))
	})
	r.Gauge("freshet_cache_known_ids", "Ids in the filter of known ids, 0 while there is none.", func() float64 { return float64(c.known.Stats().IDs) })
	r.Gauge("freshet_cache_known_bytes", "Bytes the filter takes.", func() float64 { return float64(c.known.Stats().Bytes) })
	c.showReads(r)
}

// kinds are what is copied.
func (c *copies) kinds() map[string]func() readcache.Stats {
	return map[string]func() readcache.Stats{"item": c.items.Stats, "viewer": c.viewers.Stats}
}

func (c *copies) showReads(r *telemetry.Registry) {
	each := func(do func(kind string, s readcache.Stats)) {
		for kind, stats := range c.kinds() {
			do(kind, stats())
		}
	}
	r.Counters("freshet_cache_reads_total", "What tiers were asked: hit, it answered; miss, the next was asked; skip, it could not be asked.", []string{"kind", "tier", "result"},
		func(show func(float64, ...string)) {
			each(func(kind string, s readcache.Stats) {
				for name, tier := range map[string]readcache.TierStats{"local": s.Local, "filter": s.Filter, "redis": s.Redis, "sql": s.SQL} {
					show(float64(tier.Hits), kind, name, "hit")
					show(float64(tier.Misses), kind, name, "miss")
					show(float64(tier.Skips), kind, name, "skip")
				}
			})
		})
	r.Counters("freshet_cache_joined_total", "Reads answered by what another read of this process asked.", []string{"kind"}, func(show func(float64, ...string)) {
		each(func(kind string, s readcache.Stats) { show(float64(s.Joined), kind) })
	})
	r.Counters("freshet_cache_late_total", "Reads that asked SQL although another instance did, because that took long.", []string{"kind"}, func(show func(float64, ...string)) {
		each(func(kind string, s readcache.Stats) { show(float64(s.Late), kind) })
	})
	r.Gauges("freshet_cache_entries", "Copies in this process.", []string{"kind"}, func(show func(float64, ...string)) {
		each(func(kind string, s readcache.Stats) { show(float64(s.Entries), kind) })
	})
	r.Gauges("freshet_cache_bytes", "Bytes that they take, about.", []string{"kind"}, func(show func(float64, ...string)) {
		each(func(kind string, s readcache.Stats) { show(float64(s.Bytes), kind) })
	})
}
