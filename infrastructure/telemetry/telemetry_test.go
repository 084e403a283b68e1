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
