package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/job"
)

// eventIntake is where events are taken in, if that is not the database itself; then both parts are nil.
type eventIntake struct {
	log    *kafkastore.Log
	copier *copying.Copier
}

// provideIntake opens the topic of the configured brokers. It ends before the database does.
func provideIntake(ctx context.Context, cfg *config.Config, db *mysqlstore.DB, clock func() time.Time) (*eventIntake, func(), error) {
	k := cfg.EventLog.Kafka
	if len(k.Brokers) == 0 {
		return &eventIntake{}, func() {}, nil
	}
	copies := mysqlstore.NewCopies(db)
	opts := kafkastore.Options{
		Brokers: k.Brokers, Topic: k.Topic, Mechanism: k.Mechanism, Username: k.Username, Password: k.Password, Replicas: k.Replicas,
		Waiting: cfg.EventLog.WaitingEvents, Patience: cfg.EventLog.Patience, Window: k.RememberedIDs, Base: copies.Mark,
	}
	if k.TLS {
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	log, err := kafkastore.Open(ctx, opts)
	if err != nil {
		return nil, nil, fmt.Errorf("kafka: %w", err)
	}
	return &eventIntake{log, copying.NewCopier(log, copies, mysqlstore.NewCopyingTurn(db), randomness.Name(), clock)}, log.Close, nil
}

func provideEvents(in *eventIntake, stored *mysqlstore.GroupedLog) engagement.EventLog {
	if in.log == nil {
		return stored
	}
	return kafkastore.NewIntake(in.log, stored)
}

func provideRecollection(in *eventIntake, stored *mysqlstore.Recollection) audience.Recollection {
	if in.log == nil {
		return stored
	}
	return kafkastore.NewRecollection(in.log, stored)
}

func provideRepairs(in *eventIntake, stored *mysqlstore.Repairs) remembering.Repairs {
	if in.log == nil {
		return stored
	}
	return kafkastore.NewRepairs(in.log, stored)
}

// provideErasingArchivist has what is on its way arrive before it is erased or exported: pages, and events.
func provideErasingArchivist(pages archiving.Archivists, in *eventIntake) erasing.Archivist {
	if in.log == nil {
		return pages
	}
	return erasing.Archivists{pages, in.copier}
}

// erasable are the stores of events on their way, which come before the database's.
func (in *eventIntake) erasable() []erasing.Store {
	if in.log == nil {
		return nil
	}
	return []erasing.Store{kafkastore.NewEraser(in.log)}
}

func (in *eventIntake) loops() []job.Loop {
	if in.log == nil {
		return nil
	}
	return []job.Loop{{Name: "copy", Every: 20 * time.Millisecond, Run: in.copier.Copy}}
}

// yield lets another instance copy at once.
func (in *eventIntake) yield(ctx context.Context) error {
	if in.log == nil {
		return nil
	}
	return in.copier.Yield(ctx)
}

// show makes visible how events are taken in and copied.
func (in *eventIntake) show(r *telemetry.Registry) {
	stats := in.log.Stats
	r.Gauge("freshet_event_log_waiting_events", "Events on their way to the brokers.", func() float64 { return float64(stats().Waiting) })
	r.Counters("freshet_event_log_failures_total", "Records that brokers did not take, or did not say so.", nil, func(show func(float64, ...string)) {
		show(float64(stats().Failed))
	})
	r.Counters("freshet_event_log_refused_total", "Requests whose events were refused, by why.", []string{"why"}, func(show func(float64, ...string)) {
		s := stats()
		show(float64(s.Full), "full")
		show(float64(s.Late), "late")
		show(float64(s.Closed), "closed")
	})
	r.Gauge("freshet_event_log_reading", "1 while this process can read the topic, else 0.", func() float64 {
		if stats().Reading {
			return 1
		}
		return 0
	})
	r.Gauge("freshet_event_log_foreign_records", "Records in the topic that are not events.", func() float64 { return float64(stats().Foreign) })
	r.Gauge("freshet_copy_lag_events", "Events that were taken in and are not in the database yet, as far as this process knows.", func() float64 {
		s := stats()
		return max(0, float64(s.Head)-float64(s.Copied))
	})
	r.Gauge("freshet_copy_offset", "Offset up to which events are in the database, as far as this process knows.", func() float64 { return float64(in.copier.Stats().At) })
	r.Gauge("freshet_copied_events", "Events that this process copied.", func() float64 { return float64(in.copier.Stats().Copied) })
}
