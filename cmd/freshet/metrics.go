package main

import (
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/freshet/freshet/ports/job"
)

func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "freshet_build_info", Help: "1; the label says which version runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	r.MustRegister(info)
	return r
}

// observeService shows what the read models hold.
func observeService(r *prometheus.Registry, s *service) {
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	gauge("freshet_index_items", "Items in this instance's index, removed ones included.", func() float64 { return float64(s.index.Stats().Items) })
	gauge("freshet_index_live_items", "Items of the index that are published.", func() float64 { return float64(s.index.Stats().Live) })
	gauge("freshet_index_bytes", "Bytes the index takes, about.", func() float64 { return float64(s.index.Stats().Bytes) })
	gauge("freshet_model_offset", "Offset in the event log up to which this instance has learned.", func() float64 { return float64(s.learner.Model()) })
}

// observeJobs counts the runs of background loops and logs each first failure in a row.
func observeJobs(r *prometheus.Registry, log *slog.Logger) job.Observer {
	done := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_job_done_total", Help: "Things done by background loops."}, []string{"job"})
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_job_failures_total", Help: "Failed runs of background loops."}, []string{"job"})
	seconds := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_job_seconds_total", Help: "Time spent in background loops."}, []string{"job"})
	r.MustRegister(done, failed, seconds)
	var mu sync.Mutex
	failing := map[string]bool{}
	return func(name string, did int, err error, took time.Duration) {
		done.WithLabelValues(name).Add(float64(did))
		seconds.WithLabelValues(name).Add(took.Seconds())
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			failed.WithLabelValues(name).Inc()
			if !failing[name] {
				log.Warn("a background loop fails", "job", name, "error", err.Error())
			}
			failing[name] = true
		case failing[name]:
			log.Info("a background loop works again", "job", name)
			failing[name] = false
		}
	}
}
