package recommend_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/recommend"
)

func TestLogarithmsAreThoseOfPackageMath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := math.Exp2(rapid.Float64Range(-1000, 1000).Draw(t, "octave"))
		require.InDelta(t, math.Log(x), recommend.Log(x), 1e-11+1e-15*math.Abs(math.Log(x)))
	})
	require.InDelta(t, 0, recommend.Log(1), 1e-11)
}

func TestPowersOfTwoAreThoseOfPackageMath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1000, 999).Draw(t, "x")
		require.InEpsilon(t, math.Exp2(x), recommend.Exp2(x), 1e-9)
	})
	for _, x := range []float64{-1, 0, 1, 10, -10} {
		require.Equal(t, math.Exp2(x), recommend.Exp2(x), "whole powers are exact")
	}
	require.Zero(t, recommend.Exp2(-1001))
	require.Zero(t, recommend.Exp2(math.Inf(-1)))
}

// BenchmarkCurves has those of package math beside it.
func BenchmarkCurves(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var xs [1024]float64
	for i := range xs {
		xs[i] = rnd.Float64() * 100
	}
	for name, f := range map[string]func(float64) float64{"Log": recommend.Log, "math.Log": math.Log, "Exp2": recommend.Exp2, "math.Exp2": math.Exp2} {
		b.Run(name, func(b *testing.B) {
			sum := 0.0
			for i := 0; b.Loop(); i++ {
				sum += f(xs[i%len(xs)])
			}
			_ = sum
		})
	}
}
