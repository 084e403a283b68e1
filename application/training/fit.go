package training

import (
	"context"
	"iter"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Fit makes a model of the events and nothing else: it measures, keeps and replaces none. It fails with ErrTooLittle.
func Fit(ctx context.Context, events iter.Seq[*engagement.Logged], w engagement.Weights, t Trainer, o Options, version uint64) (*recommend.Model, error) {
	h := newHistories(w, o.Viewers)
	for e := range events {
		h.take(e)
	}
	items, err := h.choose(min(o.Items, recommend.MaxModelItems), none)
	if err != nil {
		return nil, err
	}
	if len(items) < 2 {
		return nil, ErrTooLittle
	}
	rows, recurrent, err := t.Train(ctx, Task{
		Items: len(items), Liked: h.whole, Lambda: o.Lambda, Examples: o.Examples, Workers: max(1, o.Workers),
		Step: func(int, int) error { return context.Cause(ctx) },
	})
	if err != nil {
		return nil, err
	}
	return recommend.NewModel(version, items, rows, recurrent), nil
}
