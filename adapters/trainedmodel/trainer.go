package trainedmodel

import (
	"context"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// Trainer is the training.Trainer of whole models: a linear part as EASE makes it, and a recurrent one.
type Trainer struct{}

// easeShare is how much of the work, in percent, the linear part is said to be.
const easeShare = 15

// Train implements training.Trainer.
func (Trainer) Train(ctx context.Context, t training.Task) ([]recommend.LinearRow, *recommend.Recurrent, error) {
	if t.Items == 0 || t.Examples == 0 {
		return EASE{}.Train(ctx, t)
	}
	linear, recurrent := t, t
	linear.Step = func(done, total int) error { return t.Step(easeShare*done/max(1, total), 100) }
	recurrent.Step = func(done, total int) error { return t.Step(easeShare+(100-easeShare)*done/max(1, total), 100) }
	rows, err := ease(ctx, linear)
	if err != nil {
		return nil, nil, err
	}
	next, err := recur(ctx, recurrent)
	return rows, next, err
}
