// Package telemetry holds what a process measures of itself, in Prometheus' terms.
package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Registry is one process's metrics, those of the Go runtime and of the process included.
type Registry struct{ *prometheus.Registry }

// NewRegistry begins with what every process measures and which version it is.
func NewRegistry(version string) *Registry {
	r := &Registry{prometheus.NewRegistry()}
	r.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC, collectors.MetricsScheduler)), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "freshet_build_info", Help: "1; the label says which version runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	r.MustRegister(info)
	return r
}

// Gauge shows a value that is read when it is asked for. A name is used once.
func (r *Registry) Gauge(name, help string, value func() float64) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Gauges shows several values of one name, told apart by labels, that are read when they are asked for. Read shows each
// combination of labels, which are in the order of their names, at most once.
func (r *Registry) Gauges(name, help string, labels []string, read func(show func(value float64, labels ...string))) {
	r.MustRegister(&values{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue, read})
}

// Counters is Gauges for values that only grow.
func (r *Registry) Counters(name, help string, labels []string, read func(show func(value float64, labels ...string))) {
	r.MustRegister(&values{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue, read})
}

// Histogram shows how many values were counted, what they come to, and how many of them were at most as big as each bound,
// read when it is asked for.
func (r *Registry) Histogram(name, help string, read func() (count uint64, sum float64, atMost map[float64]uint64)) {
	r.MustRegister(&histogram{prometheus.NewDesc(name, help, nil, nil), read})
}

type histogram struct {
	desc *prometheus.Desc
	read func() (uint64, float64, map[float64]uint64)
}

// Describe implements prometheus.Collector.
func (h *histogram) Describe(to chan<- *prometheus.Desc) { to <- h.desc }

// Collect implements prometheus.Collector.
func (h *histogram) Collect(to chan<- prometheus.Metric) {
	count, sum, atMost := h.read()
	to <- prometheus.MustNewConstHistogram(h.desc, count, sum, atMost)
}

type values struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(show func(value float64, labels ...string))
}

// Describe implements prometheus.Collector.
func (v *values) Describe(to chan<- *prometheus.Desc) { to <- v.desc }

// Collect implements prometheus.Collector.
func (v *values) Collect(to chan<- prometheus.Metric) {
	v.read(func(value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(v.desc, v.kind, value, labels...)
	})
}
