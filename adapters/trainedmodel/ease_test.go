package trainedmodel

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

func onwards(int, int) error { return nil }

func task(items int, lambda float64, liked ...[]uint32) training.Task {
	return training.Task{Items: items, Lambda: lambda, Liked: slices.Values(liked), Workers: 2, Step: onwards}
}

// by is EASE as the paper has it, by a general inverse.
func by(items int, lambda float64, liked [][]uint32) *mat.Dense {
	gram := mat.NewDense(items, items, nil)
	for i := range items {
		gram.Set(i, i, lambda)
	}
	for _, l := range liked {
		for _, i := range l {
			for _, j := range l {
				gram.Set(int(i), int(j), gram.At(int(i), int(j))+1)
			}
		}
	}
	var p, b mat.Dense
	if err := p.Inverse(gram); err != nil {
		panic(err)
	}
	b.Apply(func(i, j int, v float64) float64 {
		if i == j {
			return 0
		}
		return -v / p.At(j, j)
	}, &p)
	return &b
}

func draw(r *rand.Rand, items, viewers int) (liked [][]uint32) {
	for range viewers {
		var l []uint32
		for _, i := range r.Perm(items)[:r.IntN(min(items, 60)+1)] {
			l = append(l, uint32(i))
		}
		liked = append(liked, l)
	}
	return liked
}

func TestTheModelIsWhatThePaperSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, items := range []int{1, 2, 63, 64, 65, 127, 128, 129, 200, 256, 300} {
		liked := draw(r, items, 150)
		for _, workers := range []int{0, 1, 3} {
			k := task(items, 20, liked...)
			k.Workers = workers
			rows, _, err := EASE{}.Train(t.Context(), k)
			require.NoError(t, err)
			want := by(items, 20, liked)
			require.Len(t, rows, items)
			for i, row := range rows {
				require.Nil(t, row.To)
				require.Len(t, row.Weights, items)
				require.Zero(t, row.Weights[i], "no item speaks for itself")
				for j, w := range row.Weights {
					require.InDelta(t, want.At(i, j), w, 1e-6, "%d items, %d for %d", items, i, j)
				}
			}
		}
	}
}

func TestWhatIsLikedTogetherSpeaksForEachOther(t *testing.T) {
	rows, _, err := EASE{}.Train(t.Context(), task(4, 1, []uint32{0, 1}, []uint32{1, 0}, []uint32{0, 1}, []uint32{2}, []uint32{3, 2}))
	require.NoError(t, err)
	require.Positive(t, rows[0].Weights[1])
	require.Greater(t, rows[0].Weights[1], rows[2].Weights[3])
	require.InDelta(t, 0, rows[0].Weights[2], 1e-9)
}

func TestTheSameLikesMakeTheSameModelInAnyOrderOfViewers(t *testing.T) {
	liked := draw(rand.New(rand.NewPCG(3, 4)), 150, 80)
	one, _, err := EASE{}.Train(t.Context(), task(150, 5, liked...))
	require.NoError(t, err)
	slices.Reverse(liked)
	k := task(150, 5, liked...)
	k.Workers = 1
	two, _, err := EASE{}.Train(t.Context(), k)
	require.NoError(t, err)
	require.Equal(t, one, two)
}

func TestNoItemsMakeNoModel(t *testing.T) {
	rows, _, err := EASE{}.Train(t.Context(), task(0, 1))
	require.NoError(t, err)
	require.Empty(t, rows)
}

func TestTrainingEndsWhereItIsToldTo(t *testing.T) {
	broken := errors.New("stop")
	liked := draw(rand.New(rand.NewPCG(5, 6)), 300, 50)
	steps := 0
	k := task(300, 5, liked...)
	k.Step = func(done, total int) error {
		require.Equal(t, 3, total)
		require.Equal(t, steps, done)
		steps++
		if done == 2 {
			return broken
		}
		return nil
	}
	_, _, err := EASE{}.Train(t.Context(), k)
	require.ErrorIs(t, err, broken)
	require.Equal(t, 3, steps)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	_, _, err = EASE{}.Train(ctx, task(300, 5, slices.Repeat(liked, 20)...))
	require.ErrorIs(t, err, broken)
}

func TestOnlyTheStrongestWeightsOfManyAreKept(t *testing.T) {
	liked := draw(rand.New(rand.NewPCG(7, 8)), 130, 200)
	m := newSymmetric(130)
	require.NoError(t, m.gather(t.Context(), task(130, 5, liked...)))
	require.NoError(t, m.invert(2, onwards))
	whole, err := m.weights(t.Context(), 2, 130)
	require.NoError(t, err)
	some, err := m.weights(t.Context(), 2, 129)
	require.NoError(t, err)
	for i := range whole {
		require.Nil(t, whole[i].To)
		require.Len(t, some[i].To, 129)
		require.Len(t, some[i].Weights, 129)
	}
	few, err := m.weights(t.Context(), 2, 10)
	require.NoError(t, err)
	for i, row := range few {
		require.Len(t, row.To, 10)
		require.IsIncreasing(t, row.To)
		least := float32(math.Inf(1))
		for k, j := range row.To {
			require.Equal(t, whole[i].Weights[j], row.Weights[k])
			least = min(least, abs(row.Weights[k]))
		}
		for j, w := range whole[i].Weights {
			if !slices.Contains(row.To, uint32(j)) {
				require.LessOrEqual(t, abs(w), least)
			}
		}
	}
}

func abs(w float32) float32 { return float32(math.Abs(float64(w))) }

func TestTheStrongest(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []float32
		most    int
		to      []uint32
	}{
		{"all there is", []float32{1, 2, 3}, 3, []uint32{0, 1, 2}},
		{"far below 0 is strong too", []float32{1, -3, 2}, 2, []uint32{1, 2}},
		{"of equals the first", []float32{2, 1, -1, 1}, 2, []uint32{0, 1}},
		{"nothing says nothing", []float32{0, 0, 0.5, 0}, 3, []uint32{2}},
		{"nothing at all", []float32{0, 0}, 1, []uint32{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := strongest(c.weights, c.most, make([]uint32, len(c.weights)))
			require.Equal(t, c.to, row.To)
			for k, j := range row.To {
				require.Equal(t, c.weights[j], row.Weights[k])
			}
		})
	}
}

func TestWeightsAreNumbersWhateverIsLiked(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		items := rapid.IntRange(1, 12).Draw(r, "items")
		liked := rapid.SliceOfN(rapid.SliceOfDistinct(rapid.Uint32Range(0, uint32(items-1)), rapid.ID[uint32]), 0, 30).Draw(r, "liked")
		rows, _, err := EASE{}.Train(t.Context(), task(items, rapid.SampledFrom([]float64{1e-6, 1, 500, 1e6}).Draw(r, "lambda"), liked...))
		require.NoError(r, err)
		for _, row := range rows {
			for _, w := range row.Weights {
				require.False(r, math.IsNaN(float64(w)) || math.IsInf(float64(w), 0))
			}
		}
	})
}

var _ training.Trainer = EASE{}

var kept []recommend.LinearRow

func BenchmarkTrain(b *testing.B) {
	for _, size := range []struct {
		name    string
		items   int
		workers int
	}{{"1000 items, one core", 1000, 1}, {"4000 items, one core", 4000, 1}, {"4000 items, all cores", 4000, runtime.GOMAXPROCS(0)}} {
		b.Run(size.name, func(b *testing.B) {
			k := task(size.items, 500, draw(rand.New(rand.NewPCG(1, 1)), size.items, 2000)...)
			k.Workers = size.workers
			for b.Loop() {
				kept, _, _ = EASE{}.Train(b.Context(), k)
			}
		})
	}
}
