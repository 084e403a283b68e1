package trainedmodel

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// EASE is a training.Trainer that makes no recurrent part, by EASEᴿ (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019):
// of all item-to-item models in which no item speaks for itself, the one that best restores what each viewer liked,
// with a penalty of lambda on the squares of its weights. With X the matrix of viewers and items, 1 where one
// liked the other, and P = (XᵀX + λI)⁻¹, the weight of item i for item j is −P_ij / P_jj.
//
// For n items it takes 8n² bytes while it computes, and what it returns: 4n², or 128 MB where rows are cut. That is
// 128 + 64 MB for 4,000 items, 800 + 128 MB for 10,000. It takes n³ operations: of one core of a small server 5 seconds
// for 4,000 items, about 80 for 10,000.
type EASE struct{}

// Train implements training.Trainer.
func (EASE) Train(ctx context.Context, t training.Task) ([]recommend.LinearRow, *recommend.Recurrent, error) {
	rows, err := ease(ctx, t)
	return rows, nil, err
}

func ease(ctx context.Context, t training.Task) ([]recommend.LinearRow, error) {
	if t.Items == 0 {
		return nil, nil
	}
	m := newSymmetric(t.Items)
	if err := m.gather(ctx, t); err != nil {
		return nil, err
	}
	workers := max(1, t.Workers)
	if err := m.invert(workers, t.Step); err != nil {
		return nil, err
	}
	return m.weights(ctx, workers, rowWeights)
}

// gather adds up how many viewers liked two items both, and the penalty.
func (s symmetric) gather(ctx context.Context, t training.Task) error {
	var sorted []uint32
	viewers := 0
	for liked := range t.Liked {
		if viewers++; viewers%1000 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		sorted = append(sorted[:0], liked...)
		slices.Sort(sorted)
		for k, i := range sorted {
			row := s.data[int(i)*s.n : (int(i)+1)*s.n]
			for _, j := range sorted[k:] {
				row[j]++
			}
		}
	}
	for i := range s.n {
		s.data[i*s.n+i] += t.Lambda
	}
	return nil
}

// rowWeights is how many weights of a row are kept, the strongest: a page folds a hundred rows in, and with the others
// its viewers were served no better (see docs/performance.md).
const rowWeights = 512

// weights turns the negated inverse into rows of at most share weights, whole ones where that is all.
func (s symmetric) weights(ctx context.Context, workers, share int) ([]recommend.LinearRow, error) {
	rows := make([]recommend.LinearRow, s.n)
	scale := make([]float64, s.n)
	for j := range scale {
		scale[j] = -1 / s.data[j*s.n+j]
	}
	s.mirror(workers)
	rooms := sync.Pool{New: func() any { return &room{make([]float32, s.n), make([]uint32, s.n)} }}
	const some = 256
	for from := 0; from < s.n; from += some {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		each(workers, min(some, s.n-from), func(k int) {
			i := from + k
			room := rooms.Get().(*room)
			defer rooms.Put(room)
			for j, v := range s.data[i*s.n : (i+1)*s.n] {
				room.weights[j] = float32(v * scale[j])
			}
			room.weights[i] = 0
			if share < s.n {
				rows[i] = strongest(room.weights, share, room.sizes)
			} else {
				rows[i].Weights = slices.Clone(room.weights)
			}
		})
	}
	return rows, nil
}

// room is what one row is made in.
type room struct {
	weights []float32
	sizes   []uint32
}

// strongest keeps the most weights farthest from 0, of equal ones those of the more popular items. sizes is as long as
// weights, and is written over.
func strongest(weights []float32, most int, sizes []uint32) recommend.LinearRow {
	for j, w := range weights {
		sizes[j] = size(w)
	}
	slices.Sort(sizes)
	least := max(1, sizes[len(sizes)-most])
	equal := most // places for weights of exactly the least size
	for _, w := range weights {
		if size(w) > least {
			equal--
		}
	}
	row := recommend.LinearRow{To: make([]uint32, 0, most), Weights: make([]float32, 0, most)}
	for j, w := range weights {
		n := size(w)
		if n == least {
			equal--
		}
		if n > least || n == least && equal >= 0 {
			row.To, row.Weights = append(row.To, uint32(j)), append(row.Weights, w)
		}
	}
	return row
}

// size orders weights by their distance from 0, which has size 0.
func size(w float32) uint32 { return math.Float32bits(w) &^ (1 << 31) }
