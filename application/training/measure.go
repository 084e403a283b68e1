package training

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/freshet/freshet/domain/recommend"
)

const (
	mostTested = 10_000 // viewers, spread evenly over all
	first      = 10     // places that count
	fade       = 0.97   // what a like counts against the next one
)

// measure looks how a model that was made without each viewer's last item ranks that item among all it knows, but for
// the viewer's others. The model is alone, the newer a like the more it counts: that says how good the model is, and not
// how good a feed is that listens to others too.
func (r *run) measure(ctx context.Context, rows []recommend.LinearRow, h *histories) (tested int, hr, ndcg float64, err error) {
	var liked [][]uint32
	for i := range h.all {
		if len(h.all[i].liked) > 1 {
			liked = append(liked, h.all[i].liked)
		}
	}
	tested = min(mostTested, len(liked))
	hits, gains := make([]float64, tested), make([]float64, tested)
	const some = 250
	for from := 0; from < tested; from += some {
		if err := r.step(ctx, Measuring, int64(from), int64(tested)); err != nil {
			return 0, 0, 0, err
		}
		to := min(tested, from+some)
		var next atomic.Int64
		next.Store(int64(from))
		var all sync.WaitGroup
		for range max(1, r.options.Workers) {
			all.Go(func() {
				scores := make([]float32, len(rows))
				for i := int(next.Add(1)) - 1; i < to; i = int(next.Add(1)) - 1 {
					hits[i], gains[i] = regain(rows, liked[i*len(liked)/tested], scores)
				}
			})
		}
		all.Wait()
	}
	for i := range hits {
		hr, ndcg = hr+hits[i], ndcg+gains[i]
	}
	if tested > 0 {
		hr, ndcg = hr/float64(tested), ndcg/float64(tested)
	}
	return tested, hr, ndcg, r.step(ctx, Measuring, int64(tested), int64(tested))
}

// regain ranks the last of what was liked by the others. Where items tie with it, it gets what their places are worth
// on average.
func regain(rows []recommend.LinearRow, liked []uint32, scores []float32) (hit, gain float64) {
	clear(scores)
	before, last := liked[:len(liked)-1], liked[len(liked)-1]
	weight := float32(1)
	for _, i := range slices.Backward(before) {
		add(rows[i], weight, scores)
		weight *= fade
	}
	for _, i := range before {
		scores[i] = float32(math.Inf(-1))
	}
	better, ties := 0, 0
	for _, s := range scores {
		switch {
		case s > scores[last]:
			better++
		case s == scores[last]:
			ties++ // the item itself among them
		}
	}
	for place := better; place < min(first, better+ties); place++ {
		hit++
		gain += 1 / math.Log2(float64(place+2))
	}
	return hit / float64(ties), gain / float64(ties)
}

// add adds a part of the row to a score for each item.
func add(row recommend.LinearRow, part float32, to []float32) {
	if row.To == nil {
		for i, w := range row.Weights {
			to[i] += part * w
		}
		return
	}
	for k, i := range row.To {
		to[i] += part * row.Weights[k]
	}
}
