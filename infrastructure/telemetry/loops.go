package telemetry

import (
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Loops measures background loops, and logs when one begins to fail and when it works again.
type Loops struct {
	done, failed, seconds *prometheus.CounterVec
	log                   *slog.Logger

	mu      sync.Mutex
	failing map[string]bool
}

// NewLoops registers the metrics; once a registry.
func NewLoops(r *Registry, log *slog.Logger) *Loops {
	counter := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"job"})
		r.MustRegister(c)
		return c
	}
	return &Loops{
		done:    counter("freshet_job_done_total", "Things done by background loops."),
		failed:  counter("freshet_job_failures_total", "Failed runs of background loops."),
		seconds: counter("freshet_job_seconds_total", "Time spent in background loops."),
		log:     log, failing: make(map[string]bool),
	}
}

// Observe takes in one run of the loop of that name.
func (l *Loops) Observe(name string, did int, err error, took time.Duration) {
	l.done.WithLabelValues(name).Add(float64(did))
	l.seconds.WithLabelValues(name).Add(took.Seconds())
	if err != nil {
		l.failed.WithLabelValues(name).Inc()
	}
	l.mu.Lock()
	was := l.failing[name]
	l.failing[name] = err != nil
	l.mu.Unlock()
	switch {
	case err != nil && !was:
		l.log.Warn("a background loop fails", "job", name, "error", err.Error())
	case err == nil && was:
		l.log.Info("a background loop works again", "job", name)
	}
}
