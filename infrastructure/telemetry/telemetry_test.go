package telemetry_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/telemetry"
)

func TestLoopsLogOnlyWhatChanged(t *testing.T) {
	var out strings.Builder
	loops := telemetry.NewLoops(telemetry.NewRegistry("test"), slog.New(slog.NewTextHandler(&out, nil)))
	down := errors.New("down")
	for _, err := range []error{nil, down, down, nil, nil} {
		loops.Observe("relay", 1, err, time.Millisecond)
	}
	require.Equal(t, 1, strings.Count(out.String(), "fails"))
	require.Equal(t, 1, strings.Count(out.String(), "works again"))
}

func TestRegistryShowsWhatItIsGiven(t *testing.T) {
	r := telemetry.NewRegistry("v1")
	r.Gauge("answer", "The answer.", func() float64 { return 42 })
	families, err := r.Gather()
	require.NoError(t, err)
	shown := map[string]float64{}
	for _, f := range families {
		if g := f.GetMetric()[0].GetGauge(); g != nil {
			shown[f.GetName()] = g.GetValue()
		}
	}
	require.Equal(t, 42.0, shown["answer"])
	require.Equal(t, 1.0, shown["freshet_build_info"])
}

func TestRegistryShowsValuesByLabels(t *testing.T) {
	r := telemetry.NewRegistry("v1")
	weight := 1.0
	r.Gauges("weight", "What each weighs.", []string{"kind", "of"}, func(show func(float64, ...string)) {
		show(weight, "heavy", "stones")
		show(-2, "light", "feathers")
	})
	for range 2 {
		families, err := r.Gather()
		require.NoError(t, err)
		shown := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if f.GetName() == "weight" {
					shown[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetGauge().GetValue()
				}
			}
		}
		require.Equal(t, map[string]float64{"heavy stones": weight, "light feathers": -2}, shown)
		weight++
	}
}

func TestRegistryShowsCountsAndSizes(t *testing.T) {
	r := telemetry.NewRegistry("v1")
	r.Counters("done", "What was done.", []string{"how"}, func(show func(float64, ...string)) { show(3, "well"); show(1, "badly") })
	r.Histogram("size", "How big.", func() (uint64, float64, map[float64]uint64) { return 4, 118, map[float64]uint64{1: 1, 10: 3} })
	families, err := r.Gather()
	require.NoError(t, err)
	shown := map[string]string{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if n := f.GetName(); n == "done" || n == "size" {
				shown[n] += strings.Join(strings.Fields(m.String()), " ") + ";"
			}
		}
	}
	require.Regexp(t, `"badly".*counter:\{ ?value:1.*"well".*value:3`, shown["done"])
	require.Regexp(t, `sample_count:4 sample_sum:118 .*cumulative_count:1 upper_bound:1\D.*cumulative_count:3 upper_bound:10\D`, shown["size"])
}
