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
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
	r.MustRegister(&gauges{prometheus.NewDesc(name, help, labels, nil), read})
}

type gauges struct {
	desc *prometheus.Desc
	read func(show func(value float64, labels ...string))
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	g.read(func(value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, labels...)
	})
}
