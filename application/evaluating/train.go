package evaluating

import (
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// When the long-term model is made anew while events come in: when there are so many, and so much more than it knows.
const (
	firstTrained = 2000
	trainedAgain = 1.25
)

// trained is the long-term model of a run; it implements recommend.Models.
type trained struct {
	now  atomic.Pointer[recommend.Model]
	runs int
	upTo int // events
	took time.Duration
}

// Model implements recommend.Models.
func (t *trained) Model() *recommend.Model { return t.now.Load() }

// bytes is what the model's weights take.
func (t *trained) bytes() (n int) {
	m := t.Model()
	if m == nil {
		return 0
	}
	for place := range m.Items() {
		row := m.Row(place)
		n += 4*len(row.Weights) + 4*len(row.To)
	}
	if r := m.Recurrent(); r != nil {
		for _, part := range r.Parts() {
			n += 4 * len(part)
		}
	}
	return n
}

// due reports that a service would have trained anew.
func (r *run) due() bool {
	return r.learned >= firstTrained && float64(r.learned) >= trainedAgain*float64(r.trained.upTo)
}

// train makes the model anew of the lines. Where they are too few for one, there is none.
func (r *run) train(lines iter.Seq[*line]) error {
	t := &r.trained
	began := time.Now()
	model, err := training.Fit(r.ctx, func(yield func(*engagement.Logged) bool) {
		var e engagement.Logged
		for l := range lines {
			e.Offset, e.Received, e.Event = e.Offset+1, l.At, r.o.taught(l.Event)
			if !yield(&e) {
				return
			}
		}
	}, r.weights, r.subject.Trainer, r.subject.Training, uint64(t.runs+1))
	t.upTo = r.learned
	if errors.Is(err, training.ErrTooLittle) {
		return nil
	}
	if err != nil {
		return err
	}
	t.now.Store(model)
	t.runs++
	t.took += time.Since(began)
	return nil
}
