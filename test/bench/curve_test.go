package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/cli/load"
)

func TestThePlotShowsEveryCurveByItself(t *testing.T) {
	golden(t, "plot.svg", plot([]Curve{
		{"items < all", []Point{{X: 10, Label: "10", CPU: 150}, {X: 1000, Label: "1,000", CPU: 410}}},
		{"viewers", []Point{{X: 1, Label: "1", CPU: 3}}},
		{"nothing", nil},
		{"more", []Point{{X: 0, Label: "0", CPU: 0}}},
	}))
}

func TestTheEndOfAScaleIsARoundFigure(t *testing.T) {
	for x, want := range map[float64]float64{0: 1, 0.03: 0.05, 1: 1, 1.1: 2, 150: 200, 410: 500, 501: 1000} {
		require.InDelta(t, want, roundUp(x), 1e-9, "%v", x)
	}
}

func TestTheExponentLeavesOutSizesOfNothing(t *testing.T) {
	linear := Curve{Points: []Point{{X: 0, CPU: 7}, {X: 10, CPU: 5}, {X: 1000, CPU: 500}}}
	require.InDelta(t, 1, linear.power(), 1e-9)
	flat := Curve{Points: []Point{{X: 1, CPU: 5}, {X: 100, CPU: 5}}}
	require.Zero(t, flat.power())
	require.Zero(t, Curve{Points: []Point{{X: 0, CPU: 1}, {X: 5, CPU: 2}}}.power(), "one size says nothing of growth")
	require.Zero(t, Curve{}.power())
}

func TestCPUIsSharedOutAmongPagesOrElseRequests(t *testing.T) {
	r := &load.Report{OK: 30, Processes: []load.Used{{Name: "service 0", User: 1, System: 0.5}, {Name: "service 1", User: 0.5}, {Name: "redis", User: 3}}}
	require.InDelta(t, 2e6/30, cpu(r, "service"), 1e-6)
	r.Pages.Served = 20
	require.InDelta(t, 1e5, cpu(r, "service"), 1e-6)
	require.InDelta(t, 1.5e5, cpu(r, "redis"), 1e-6)
	require.Zero(t, cpu(r, "sql"))
}

func TestTheWorldIsTheSameEveryTimeAndReadsAsJSON(t *testing.T) {
	w := world{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	one, err := w.items(t.TempDir(), 0, 50)
	require.NoError(t, err)
	two, err := w.items(t.TempDir(), 40, 50)
	require.NoError(t, err)
	whole, err := os.ReadFile(one)
	require.NoError(t, err)
	end, err := os.ReadFile(two)
	require.NoError(t, err)
	require.True(t, bytes.HasSuffix(whole, end), "an item does not depend on the file it is in")
	n := 0
	for s := bufio.NewScanner(bytes.NewReader(whole)); s.Scan(); n++ {
		require.True(t, json.Valid(s.Bytes()), s.Text())
	}
	require.Equal(t, 50, n)
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		require.True(t, json.Valid(w.event(r, "e", "v", 10, w.now)))
	}
}
