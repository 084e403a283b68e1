package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/adapters/binlog"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/job"
)

// sqlChanges follows the database's own log; nil where that is not configured.
type sqlChanges struct {
	log     *binlog.Log
	capture *capturing.Capture
	review  *capturing.Review
	refused *atomic.Int64
}

func provideSQLChanges(cfg *config.Config, db *mysqlstore.DB, items catalog.ItemRepository, stream catalog.Changes, known *remembering.Viewers,
	index *memindex.Index, clock func() time.Time, log *slog.Logger) (*sqlChanges, func(), error) {
	if cfg.Relay.Source != "binlog" {
		return nil, func() {}, nil
	}
	rows, err := binlog.New(binlog.Options{DSN: cfg.MySQL.DSN, ServerID: uint32(cfg.Relay.ServerID), Log: log})
	if err != nil {
		return nil, nil, err
	}
	refused := new(atomic.Int64)
	points := mysqlstore.NewCheckpoints(db)
	adoption := capturing.NewAdoption(items, clock, func(id catalog.ItemID, err error) {
		refused.Add(1)
		log.Error("an item was changed in SQL to what no item may be, and is not shown so", "item", string(id), "error", err.Error())
	})
	s := &sqlChanges{log: rows, refused: refused, review: capturing.NewReview(points, items, index, adoption)}
	s.capture = capturing.NewCapture(rows, points, stream, adoption, known, randomness.Name(), clock, capturing.Watch{Gap: func(position, why string) {
		log.Warn("the binary log is read from its newest position, every instance compares its index with the catalogue", "reason", why, "position", position)
	}})
	return s, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.capture.Close(ctx) // where it fails, another instance takes over when the lease has run out
		_ = rows.Close()
	}, nil
}

// begin comes before the index is built.
func (s *sqlChanges) begin(ctx context.Context) error {
	if s == nil {
		return nil
	}
	if err := s.log.Check(ctx); err != nil {
		return fmt.Errorf("relay.source is binlog: %w", err)
	}
	return s.review.Begin(ctx)
}

func (s *sqlChanges) loops() []job.Loop {
	if s == nil {
		return nil
	}
	return []job.Loop{
		{Name: "capture", Run: s.capture.Follow},
		{Name: "review", Every: 2 * time.Second, Run: s.review.Run},
	}
}

// relayEvery is how often the outbox is looked at: where the log tells of what is in it, only should it not be read.
func (s *sqlChanges) relayEvery() time.Duration {
	if s == nil {
		return 50 * time.Millisecond
	}
	return time.Second
}

func (s *sqlChanges) show(r *telemetry.Registry) {
	if s == nil {
		return
	}
	r.Gauge("freshet_capture_reading", "1 on the instance that reads the binary log.", func() float64 {
		if s.capture.Stats().Reading {
			return 1
		}
		return 0
	})
	r.Gauge("freshet_capture_lag_seconds", "How long ago what is being read was committed, 0 when nothing waits.", func() float64 {
		if behind := s.capture.Stats().Behind; !behind.IsZero() {
			return max(0, time.Since(behind).Seconds())
		}
		return 0
	})
	r.Gauges("freshet_capture_rows", "Rows read from the binary log, of the tables that are followed.", []string{"table", "kind"}, func(show func(float64, ...string)) {
		for k, n := range s.capture.Stats().Rows {
			show(float64(n), k.Table, k.Kind)
		}
	})
	r.Gauge("freshet_capture_items", "Items that were changed in SQL.", func() float64 { return float64(s.capture.Stats().Adopted) })
	r.Gauge("freshet_capture_viewers", "Viewers whose relations or tuning were changed in SQL.", func() float64 { return float64(s.capture.Stats().Viewers) })
	r.Gauge("freshet_capture_left", "Facts that could not be told from the binary log and were left to the relay.", func() float64 { return float64(s.capture.Stats().Left) })
	r.Gauge("freshet_capture_refused", "Changes in SQL that were refused because no item may be like that.", func() float64 { return float64(s.refused.Load()) })
	r.Gauge("freshet_capture_starts", "How often this process began to read the binary log.", func() float64 { return float64(s.capture.Stats().Opened) })
	r.Gauge("freshet_capture_gaps", "How often it began past something that nobody had read.", func() float64 { return float64(s.capture.Stats().Gaps) })
	r.Gauge("freshet_capture_position", "The last number in the position up to which the log was read.", func() float64 {
		return float64(binlog.Sequence(s.capture.Stats().At))
	})
}
