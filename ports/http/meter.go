package http

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meter counts requests by route template, so that ids never become labels.
type meter struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	pages    *prometheus.CounterVec
	entry    *prometheus.CounterVec
}

var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5, 10}

func newMeter(r prometheus.Registerer) *meter {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_requests_total", Help: "HTTP requests answered, by method, route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "freshet_http_request_duration_seconds", Help: "Time from a request's head to its answer.", Buckets: buckets,
		}, []string{"method", "route"}),
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_pages_total", Help: "Pages served over HTTP, by feed and by how degraded they were.",
		}, []string{"feed", "rung"}),
		entry: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_batch_entries_total", Help: "Entries of batches, by what they were and what became of them.",
		}, []string{"batch", "status"}),
	}
	return m.registered(r)
}

// newShadowMeter counts marked requests under names of their own, so that what is said of real ones stays true during a load test.
func newShadowMeter(r prometheus.Registerer) *meter {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_shadow_requests_total", Help: "HTTP requests of shadow traffic answered, by method, route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "freshet_http_shadow_request_duration_seconds", Help: "Time from the head of a request of shadow traffic to its answer.", Buckets: buckets,
		}, []string{"method", "route"}),
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_shadow_pages_total", Help: "Pages served to shadow traffic over HTTP, by feed and by how degraded they were.",
		}, []string{"feed", "rung"}),
		entry: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "freshet_http_shadow_batch_entries_total", Help: "Entries of batches of shadow traffic, by what they were and what became of them.",
		}, []string{"batch", "status"}),
	}
	return m.registered(r)
}

func (m *meter) registered(r prometheus.Registerer) *meter {
	if r != nil {
		r.MustRegister(m.requests, m.seconds, m.pages, m.entry)
	}
	return m
}

func (m *meter) answered(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}
