package trainedmodel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// chains are viewers who start anywhere in a ring of items and go on step by step; the first half of the viewers goes
// upwards, and the second downwards.
func chains(items, viewers, long int) (liked [][]uint32) {
	r := rand.New(rand.NewPCG(3, 4))
	for v := range viewers {
		step, at := 1, r.IntN(items)
		if v >= viewers/2 {
			step = items - 1
		}
		var l []uint32
		for range long {
			l = append(l, uint32(at))
			at = (at + step) % items
		}
		liked = append(liked, l)
	}
	return liked
}

func recurring(items, examples, workers int, liked ...[]uint32) training.Task {
	return training.Task{Items: items, Lambda: 1, Examples: examples, Liked: slices.Values(liked), Workers: workers, Step: onwards}
}

// likeliest is what a model expects after others.
func likeliest(m *recommend.Recurrent, before ...uint32) (best uint32) {
	var r recommend.Reading
	r.Begin(m)
	for _, i := range before {
		r.Read(i)
	}
	r.Expect()
	for i := range uint32(m.Items) {
		if r.Logit(i) > r.Logit(best) {
			best = i
		}
	}
	return best
}

func TestWhatComesNextIsLearned(t *testing.T) {
	const items = 40
	m, err := recur(t.Context(), recurring(items, 100_000, 2, chains(items, 200, 12)...))
	require.NoError(t, err)
	right := 0
	for i := range uint32(items) {
		if likeliest(m, (i+items-2)%items, (i+items-1)%items, i) == (i+1)%items {
			right++
		}
		if likeliest(m, (i+2)%items, (i+1)%items, i) == (i+items-1)%items {
			right++
		}
	}
	require.Greater(t, right, 2*items*9/10, "what comes next depends on where the viewer came from")
}

// TestSlopesAreThoseOfTheLoss compares every kind of slope with what a small change of a number does to the loss.
func TestSlopesAreThoseOfTheLoss(t *testing.T) {
	const items = 9
	liked := [][]uint32{{0, 1, 2, 3, 4, 5, 6, 7, 8}, {8, 3, 1}, {2, 7, 5, 0}}
	l, err := collect(t.Context(), recurring(items, 1, 1, liked...), 5)
	require.NoError(t, err)
	c := newCourse(recommend.RecurrentShape{Items: items, Dims: 3, Hidden: 4}, l, l.count, 2)
	for _, p := range []*tuned{c.vectors, c.biases, c.inner, c.shifts, c.outer, c.across} {
		for i := range p.at {
			p.at[i] += float32(c.chance.NormFloat64() * 0.3)
		}
	}
	for i := range c.model.Shifts { // half of the units are off, none is near to where it turns
		c.model.Shifts[i] = float32(2 - 4*(i%2))
	}
	loss := func() (sum float64) {
		c.chance = rand.New(rand.NewPCG(5, 6))
		c.learn(l.pieces)
		for at, chosen := range c.chosen(l.pieces) {
			logit := func(item uint32) float64 {
				x := float64(c.model.Biases[item] - c.noise.log[item])
				for j, v := range c.model.Vectors[item*3:][:3] {
					x += float64(v) * float64(c.next[at*3+j])
				}
				return x
			}
			all := math.Exp(logit(chosen))
			for _, item := range c.drawn {
				if item != chosen {
					all += math.Exp(logit(item))
				}
			}
			sum += math.Log(all) - logit(chosen)
		}
		return sum / float64(l.count)
	}
	kinds := map[string]*tuned{"vectors": c.vectors, "biases": c.biases, "inner": c.inner, "shifts": c.shifts, "outer": c.outer, "across": c.across}
	settle := func() {
		for _, p := range kinds {
			clear(p.slope)
		}
	}
	loss()
	slopes := map[string][]float32{}
	for name, p := range kinds {
		slopes[name] = slices.Clone(p.slope)
	}
	for name, p := range kinds {
		t.Run(name, func(t *testing.T) {
			// Where vectors are read before a piece begins, nothing is learned of them: the pieces' own part is compared.
			for i := range p.at {
				if name == "vectors" && i/3 < 5 { // items that are read ahead of the second piece
					continue
				}
				const little = 1e-2
				was := p.at[i]
				p.at[i] = was + little
				above := loss()
				p.at[i] = was - little
				below := loss()
				p.at[i] = was
				settle()
				require.InDelta(t, (above-below)/(2*little), slopes[name][i], 2e-3, "%s %d", name, i)
			}
		})
	}
}

func TestARecurrentPartDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	liked := chains(30, 50, 20)
	one, err := recur(t.Context(), recurring(30, 5000, 1, liked...))
	require.NoError(t, err)
	for _, workers := range []int{0, 2, 5} {
		other, err := recur(t.Context(), recurring(30, 5000, workers, liked...))
		require.NoError(t, err)
		require.Equal(t, one, other, workers)
	}
}

func TestWhatWasBegunIsGoneOnWith(t *testing.T) {
	const items = 30
	liked := chains(items, 100, 12)
	begun, err := recur(t.Context(), recurring(items, 60_000, 2, liked...))
	require.NoError(t, err)
	shown := 0
	k := recurring(items, 8000, 2, liked...)
	k.Begun, k.Step = begun, func(_, total int) error { shown = total; return nil }
	was := slices.Clone(begun.Vectors)
	m, err := recur(t.Context(), k)
	require.NoError(t, err)
	require.Equal(t, 1000, shown, "an eighth of the examples")
	require.Equal(t, was, begun.Vectors, "what was begun stays as it was")
	require.NotEqual(t, was, m.Vectors)
	require.EqualValues(t, 13, likeliest(m, 10, 11, 12))
}

func TestWithoutAnythingToExpectThereIsNoRecurrentPart(t *testing.T) {
	for name, k := range map[string]training.Task{
		"nobody": recurring(3, 100, 1), "one like each": recurring(3, 100, 1, []uint32{0}, []uint32{2}), "not asked for": recurring(3, 0, 1, []uint32{0, 1, 2}),
	} {
		t.Run(name, func(t *testing.T) {
			rows, m, err := Trainer{}.Train(t.Context(), k)
			require.NoError(t, err)
			require.Len(t, rows, 3)
			require.Nil(t, m)
		})
	}
}

func TestTrainingEndsWhenItIsTold(t *testing.T) {
	liked := chains(30, 50, 20)
	enough := errors.New("enough")
	k := recurring(30, 100_000, 2, liked...)
	far := 0
	k.Step = func(done, total int) error {
		require.LessOrEqual(t, done, total)
		require.GreaterOrEqual(t, done, far)
		if far = done; done > total/2 {
			return enough
		}
		return nil
	}
	_, _, err := Trainer{}.Train(t.Context(), k)
	require.ErrorIs(t, err, enough)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	_, _, err = Trainer{}.Train(ctx, recurring(30, 1000, 2, liked...))
	require.ErrorIs(t, err, enough)
}

// BenchmarkRecur tells what an example costs.
func BenchmarkRecur(b *testing.B) {
	for _, items := range []int{500, 4000} {
		b.Run(fmt.Sprint(items, " items"), func(b *testing.B) {
			liked := chains(items, 400, 100)
			n := 0
			for b.Loop() {
				k := recurring(items, 40_000, 1, liked...)
				if _, err := recur(b.Context(), k); err != nil {
					b.Fatal(err)
				}
				n += 40_000
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/example")
		})
	}
}
