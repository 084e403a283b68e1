package main

import "github.com/freshet/freshet/infrastructure/telemetry"

// show makes what the read models hold visible.
func (s *service) show(r *telemetry.Registry) {
	r.Gauge("freshet_index_items", "Items in this instance's index, removed ones included.", func() float64 { return float64(s.index.Stats().Items) })
	r.Gauge("freshet_index_live_items", "Items of the index that are published.", func() float64 { return float64(s.index.Stats().Live) })
	r.Gauge("freshet_index_bytes", "Bytes the index takes, about.", func() float64 { return float64(s.index.Stats().Bytes) })
	r.Gauge("freshet_model_offset", "Offset in the event log up to which this instance has learned.", func() float64 { return float64(s.learner.Model()) })
	r.Gauge("freshet_model_unknown_events", "Events not learned because their item is not in the index.", func() float64 { return float64(s.learner.Stats().Unknown) })
	r.Gauge("freshet_exposures_lost", "Served pages given up for lack of room while stores were out of reach.", func() float64 { return float64(s.local.Lost()) })
}
