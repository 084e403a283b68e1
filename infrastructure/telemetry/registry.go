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
