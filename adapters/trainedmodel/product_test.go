package trainedmodel

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
	"pgregory.net/rapid"
)

func anyMatrix(r *rand.Rand, rows, cols int) blas32.General {
	m := matrix(rows, cols, make([]float32, rows*cols))
	for i := range m.Data {
		m.Data[i] = r.Float32()
	}
	return m
}

func TestProductsAreThoseOfTheWholeMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 300)
		m, k, n := size.Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "inner"), size.Draw(t, "columns")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := plain(anyMatrix(r, m, k)), plain(anyMatrix(r, k, n))
		if rapid.Bool().Draw(t, "left turned") {
			a = turned(anyMatrix(r, k, m))
		}
		if rapid.Bool().Draw(t, "right turned") {
			b = turned(anyMatrix(r, n, k))
		}
		keep := rapid.SampledFrom([]float32{0, 1}).Draw(t, "keep")
		whole, tiled := anyMatrix(r, m, n), matrix(m, n, make([]float32, m*n))
		copy(tiled.Data, whole.Data)
		blas32.Gemm(a.transpose(), b.transpose(), 1, a.General, b.General, keep, whole)
		multiply(rapid.IntRange(1, 4).Draw(t, "workers"), a, b, keep, tiled)
		require.InDeltaSlice(t, whole.Data, tiled.Data, 1e-4)
	})
}

// TestNoMoreProcessorsComputeThanWereGiven counts goroutines, of which gonum would start one for each processor.
func TestNoMoreProcessorsComputeThanWereGiven(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	r := rand.New(rand.NewPCG(1, 2))
	a, b, into := anyMatrix(r, 2048, 192), anyMatrix(r, 192, 128), anyMatrix(r, 2048, 128)
	for _, workers := range []int{1, 3} {
		most := 0
		for range 20 {
			before, ended := runtime.NumGoroutine(), make(chan struct{})
			go func() {
				defer close(ended)
				multiply(workers, plain(a), plain(b), 0, into)
			}()
			for runtime.NumGoroutine() > before {
				most = max(most, runtime.NumGoroutine()-before)
				runtime.Gosched()
			}
			<-ended
		}
		require.Greater(t, most, 1)
		require.LessOrEqual(t, most, workers+1, "the workers, and who waits for them")
	}
}
