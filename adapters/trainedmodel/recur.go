package trainedmodel

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// How a recurrent model is trained.
const (
	recurDims   = 64
	recurHidden = 128
	recurNoise  = 256   // items drawn for a batch, which stand for all that were not chosen
	recurBatch  = 2048  // examples, or as many as a smaller library has in a tenth
	leastBatch  = 256   // examples
	recurPiece  = 400   // examples of one viewer in a batch
	recurWarm   = 60    // items of the viewer that are read before a piece, and not learned from
	recurPasses = 40    // over all examples, at most
	recurRate   = 0.005 // of the first steps, a quarter of that where it goes on; the last ones have a tenth of it
	recurBlind  = 0.2   // of the items read are not seen, so that no viewer is learned by heart
)

// recur makes the recurrent part: what a viewer liked next is to be the likeliest of all, by the softmax of the logits, of
// which a draw of items stands for the sum over all others (Jean et al., "On Using Very Large Target Vocabulary for Neural
// Machine Translation", ACL 2015). The slopes run back through the whole piece. What it draws follows from the task alone.
//
// For n items it takes some 1.3 KB of each, 30 MB for a batch, and 4 bytes of each like; an example takes some 370,000
// operations, some 30 µs of one core of a small server.
func recur(ctx context.Context, t training.Task) (*recommend.Recurrent, error) {
	l, err := collect(ctx, t, recurPiece)
	if err != nil || l.count == 0 {
		return nil, err
	}
	examples := min(t.Examples, recurPasses*l.count)
	rate := recurRate
	if t.Begun != nil {
		examples, rate = max(1, examples/8), recurRate/4
	}
	full := min(recurBatch, max(leastBatch, l.count/10))
	shape := recommend.RecurrentShape{Items: t.Items, Dims: recurDims, Hidden: recurHidden}
	c := newCourse(shape, l, full+recurPiece, t.Workers)
	if t.Begun != nil && t.Begun.RecurrentShape == shape {
		for i, part := range t.Begun.Parts() {
			copy(c.model.Parts()[i], part)
		}
	}
	steps, done := max(1, examples/full), 0
	err = l.deal(c.chance, examples, full, func(batch []piece, n int) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.learn(batch)
		c.steps++
		c.improve(rate * (1 - 0.9*min(1, float64(c.steps)/float64(steps))))
		done += n
		return t.Step(min(done, examples), examples)
	})
	if err != nil {
		return nil, err
	}
	return c.model, nil
}

// course is a model in training, and a desk for a batch.
type course struct {
	model   *recommend.Recurrent
	workers int
	steps   int
	chance  *rand.Rand
	library *library
	noise   *noise

	vectors, biases, inner, shifts, outer, across *tuned
	rates, shares                                 []float32

	desk
}

// newCourse has room for batches of so many examples.
func newCourse(shape recommend.RecurrentShape, l *library, most, workers int) *course {
	m := recommend.NewRecurrent(shape)
	c := &course{
		model: m, workers: max(1, workers), chance: rand.New(rand.NewPCG(1, 2)), library: l, noise: newNoise(l.fans, recurNoise),
		vectors: tune(m.Vectors), biases: tune(m.Biases), inner: tune(m.Inner), shifts: tune(m.Shifts), outer: tune(m.Outer), across: tune(m.Across),
		desk: newDesk(m.RecurrentShape, most),
	}
	c.rates, c.shares = recommend.RecurrentRates(m.Dims)
	state := math.Sqrt(float64(m.State()))
	c.scatter(m.Vectors, 1/math.Sqrt(float64(m.Dims)))
	c.scatter(m.Inner, 1/state)
	c.scatter(m.Outer, 1/math.Sqrt(float64(m.Hidden)))
	c.scatter(m.Across, 0.3/state)
	return c
}

func (c *course) scatter(numbers []float32, spread float64) {
	for i := range numbers {
		numbers[i] = float32(c.chance.NormFloat64() * spread)
	}
}

// improve takes a step with all numbers.
func (c *course) improve(rate float64) {
	const part = 1 << 14
	for _, p := range []*tuned{c.vectors, c.biases, c.inner, c.shifts, c.outer, c.across} {
		each(c.workers, tiles(len(p.at), part), func(k int) {
			p.step(k*part, min(len(p.at), (k+1)*part), c.steps, rate)
		})
	}
}
