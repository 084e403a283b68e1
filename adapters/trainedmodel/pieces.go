package trainedmodel

import (
	"context"
	"math/rand/v2"

	"github.com/freshet/freshet/application/training"
)

// library holds what viewers liked, in order, one after the other.
type library struct {
	items  []uint32
	fans   []float64 // by item
	pieces []piece
	count  int // examples in all pieces
}

// piece is a part of what one viewer liked: each item but the last is followed by what is to be expected.
type piece struct{ begin, from, to int } // of the viewer, and of the piece, in library.items; to is before the last

// collect cuts what viewers liked into pieces of at most so many examples.
func collect(ctx context.Context, t training.Task, longest int) (*library, error) {
	l := &library{fans: make([]float64, t.Items)}
	viewers := 0
	for liked := range t.Liked {
		if viewers++; viewers%1000 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for _, i := range liked {
			l.fans[i]++
		}
		if len(liked) < 2 {
			continue
		}
		begin := len(l.items)
		l.items = append(l.items, liked...)
		last := len(l.items) - 1
		for from := begin; from < last; from += longest {
			p := piece{begin, from, min(last, from+longest)}
			l.pieces = append(l.pieces, p)
			l.count += p.to - p.from
		}
	}
	return l, nil
}

// deal calls do with batches of pieces in an order of its own every time they were all there, until there were as many
// examples. A batch is full once it has so many.
func (l *library) deal(chance *rand.Rand, examples, full int, do func(batch []piece, examples int) error) error {
	for dealt := 0; dealt < examples; {
		chance.Shuffle(len(l.pieces), func(a, b int) { l.pieces[a], l.pieces[b] = l.pieces[b], l.pieces[a] })
		for at := 0; at < len(l.pieces) && dealt < examples; {
			from, n := at, 0
			for ; at < len(l.pieces) && n < full; at++ {
				n += l.pieces[at].to - l.pieces[at].from
			}
			if err := do(l.pieces[from:at], n); err != nil {
				return err
			}
			dealt += n
		}
	}
	return nil
}
