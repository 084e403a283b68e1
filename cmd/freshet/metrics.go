package main

import (
	"time"

	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/telemetry"
)

// show makes what the read models hold visible.
func (s *service) show(r *telemetry.Registry) {
	r.Gauge("freshet_index_items", "Items in this instance's index, removed ones included.", func() float64 { return float64(s.index.Stats().Items) })
	r.Gauge("freshet_index_live_items", "Items of the index that are published.", func() float64 { return float64(s.index.Stats().Live) })
	r.Gauge("freshet_index_bytes", "Bytes the index takes, about.", func() float64 { return float64(s.index.Stats().Bytes) })
	r.Gauge("freshet_model_offset", "Offset in the event log up to which this instance has learned.", func() float64 { return float64(s.student.Model()) })
	r.Gauge("freshet_model_unknown_events", "Events given up because their item is not in the index.", func() float64 {
		return float64(s.learner.Stats().Unknown + s.waiting.Stats().Dropped)
	})
	r.Gauge("freshet_model_waiting_events", "Events that wait for their item.", func() float64 { return float64(s.waiting.Stats().Waiting) })
	r.Gauge("freshet_model_late_events", "Events learned when the item they had waited for arrived.", func() float64 { return float64(s.waiting.Stats().Late) })
	s.showStudies(r)
	if s.intake.log != nil {
		s.intake.show(r)
	} else {
		s.showEventLog(r)
	}
	s.showNumbers(r)
	s.showRelay(r)
	r.Gauge("freshet_tally_lag_events", "Events of the log that are not counted yet.", func() float64 { return float64(s.counter.Lag().Events) })
	r.Gauge("freshet_tally_lag_seconds", "How long ago the first event that is not counted yet was received, 0 when there is none.", s.tallyLag)
	r.Counters("freshet_pruned_total", "Things that this process removed because they had been kept long enough.", []string{"what"}, func(show func(float64, ...string)) {
		for _, kept := range s.prune.Retentions() {
			show(float64(kept.Pruned()), kept.What)
		}
	})
	s.inventory.show(r)
	s.direct.show(r)
	s.copies.show(r)
	s.told.show(r)
	r.Gauge("freshet_trained_version", "Version of the trained model in force on this instance, 0 for none.", func() float64 { return float64(s.current.Training().Version) })
	r.Gauge("freshet_trained_items", "Items that the trained model in force knows.", func() float64 { return float64(s.current.Training().Items) })
	r.Gauge("freshet_trained_offset", "Offset in the event log up to which the trained model in force was trained.", func() float64 { return float64(s.current.Training().UpTo) })
	r.Gauge("freshet_trained_timestamp_seconds", "When the trained model in force was made, in Unix time, 0 for none.", s.trainedAt)
	r.Gauge("freshet_trained_unreadable", "Trained models that this instance could not read.", func() float64 { return float64(s.current.Unreadable()) })
	r.Gauge("freshet_trained_withheld", "Models that this process trained and did not put in force.", func() float64 { return float64(s.schedule.Withheld()) })
	r.Gauge("freshet_exposures_lost", "Served pages given up for lack of room while stores were out of reach.", func() float64 { return float64(s.local.Lost()) })
}

// showEventLog makes visible how events are stored.
func (s *service) showEventLog(r *telemetry.Registry) {
	r.Gauge("freshet_event_log_waiting_events", "Events that wait for the transaction that stores them.", func() float64 { return float64(s.eventLog.Stats().Waiting) })
	r.Histogram("freshet_event_log_group_events", "Events of one transaction, duplicates included, by transactions committed.",
		func() (uint64, float64, map[float64]uint64) {
			stats := s.eventLog.Stats()
			atMost := make(map[float64]uint64, len(stats.Sizes))
			for size, n := range stats.Sizes {
				atMost[float64(size)] = n
			}
			return stats.Groups, float64(stats.Events), atMost
		})
	r.Counters("freshet_event_log_failures_total", "Transactions of the event log that failed.", nil, func(show func(float64, ...string)) {
		show(float64(s.eventLog.Stats().Failed))
	})
	r.Counters("freshet_event_log_refused_total", "Requests whose events were refused, by why.", []string{"why"}, func(show func(float64, ...string)) {
		stats := s.eventLog.Stats()
		show(float64(stats.Full), "full")
		show(float64(stats.Late), "late")
		show(float64(stats.Closed), "closed")
	})
}

// showRelay makes visible how facts get from the outbox to the stream.
func (s *service) showRelay(r *telemetry.Registry) {
	r.Gauge("freshet_relay_pending", "Facts in the outbox, as of the last look.", func() float64 { return float64(s.relay.Stats().Pending) })
	r.Gauge("freshet_relay_lag_seconds", "How long ago the oldest of them came about, 0 when none waits.", func() float64 { return s.relay.Stats().Oldest.Seconds() })
	r.Gauges("freshet_relay_dead_letters", "Facts that were given up, by whether a newer one of the item was delivered since.", []string{"superseded"},
		func(show func(float64, ...string)) {
			stats := s.relay.Stats()
			show(float64(stats.Dead), "no")
			show(float64(stats.Stale), "yes")
		})
	r.Counters("freshet_relay_attempts_total", "Facts that this process tried to deliver and that did not fail for the stream's sake.", nil, func(show func(float64, ...string)) {
		show(float64(s.relay.Stats().Attempts))
	})
	r.Counters("freshet_relay_failures_total", "What failed: batches of facts for the stream's or the database's sake, facts for their own.", []string{"of"},
		func(show func(float64, ...string)) {
			stats := s.relay.Stats()
			show(float64(stats.Broken), "stores")
			show(float64(stats.Failed), "fact")
		})
}

func (s *service) tallyLag() float64 {
	if since := s.counter.Lag().Since; !since.IsZero() {
		return max(0, time.Since(since).Seconds())
	}
	return 0
}

func (s *service) trainedAt() float64 {
	how := s.current.Training()
	if how.Version == 0 {
		return 0
	}
	return float64(how.At.UnixMilli()) / 1000
}

// showStudies makes visible what feeds learn from choices, and where what was learned is kept.
func (s *service) showStudies(r *telemetry.Registry) {
	learning := s.plans.Current().Learning()
	r.Gauges("freshet_blend_weight", "What a feature adds to an item's value, as the feed learned it from choices, for viewers of whom so many likes are known.", []string{"feed", "feature", "likes"},
		func(show func(float64, ...string)) {
			for _, p := range learning {
				for _, feature := range p.Definition().Learned {
					for _, a := range recommend.Acquaintances() {
						show(p.Blend().Weight(a, feature), p.Definition().Name, feature, a.String())
					}
				}
			}
		})
	r.Gauges("freshet_blend_steps", "Choices that a feed's weights were learned from, by all instances.", []string{"feed"}, func(show func(float64, ...string)) {
		for _, p := range learning {
			show(float64(p.Blend().Learned().Steps), p.Definition().Name)
		}
	})
	r.Gauges("freshet_study_choices", "What became of choices of viewers that could be studied.", []string{"outcome"}, func(show func(float64, ...string)) {
		stats := s.student.Stats()
		show(float64(stats.Found), "found")
		show(float64(stats.Missed), "missed")
		show(float64(stats.Sampled), "sampled_out")
		show(float64(stats.Capped), "capped")
		show(float64(stats.Hurried), "hurried")
	})
	r.Gauge("freshet_study_viewers", "Viewers whose last acts are remembered for studying.", func() float64 { return float64(s.student.Stats().Viewers) })
	r.Gauge("freshet_study_bytes", "Bytes that remembering them takes, about.", func() float64 { return float64(s.student.Stats().Bytes) })
	r.Gauge("freshet_snapshot_offset", "Offset in the event log of the snapshot that this process wrote last, 0 for none.", func() float64 { return float64(s.notebook.Stats().UpTo) })
	r.Gauge("freshet_snapshot_bytes", "Its size.", func() float64 { return float64(s.notebook.Stats().Bytes) })
	r.Gauge("freshet_snapshot_timestamp_seconds", "When it was written, in Unix time, 0 for none.", func() float64 {
		if at := s.notebook.Stats().At; !at.IsZero() {
			return float64(at.UnixMilli()) / 1000
		}
		return 0
	})
}
