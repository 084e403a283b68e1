package training

import (
	"iter"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// regain ranks the last of what was liked by the others. Where items tie with it, it gets what their places are worth
// on average; what is not ranked has no place.
func regain(rank ranker, liked []uint32, scores []float32) (hit, gain float64) {
	before, last := liked[:len(liked)-1], liked[len(liked)-1]
	rank(before, scores)
	for _, i := range before {
		scores[i] = unknown
	}
	if scores[last] == unknown {
		return 0, 0
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

// byRows ranks by the rows of what was liked, one for each item.
func byRows(rows []recommend.LinearRow) ranker {
	return func(before []uint32, scores []float32) {
		clear(scores)
		weight := float32(1)
		for _, i := range slices.Backward(before) {
			add(rows[i], weight, scores)
			weight *= fade
		}
	}
}

// byModel ranks by a model whose items are others, or have other places.
func byModel(m *recommend.Linear, items []catalog.ItemID) func() ranker {
	if m == nil {
		return func() ranker { return func([]uint32, []float32) {} } // there is nothing to be ranked
	}
	theirs := make(map[catalog.ItemID]int, len(m.Items()))
	for place, id := range m.Items() {
		theirs[id] = place
	}
	places := make([]int, len(items))
	for i, id := range items {
		places[i] = -1
		if place, known := theirs[id]; known {
			places[i] = place
		}
	}
	return func() ranker {
		own := make([]float32, len(m.Items()))
		return func(before []uint32, scores []float32) {
			clear(own)
			weight := float32(1)
			for _, i := range slices.Backward(before) {
				if places[i] >= 0 {
					add(m.Row(places[i]), weight, own)
				}
				weight *= fade
			}
			for i, place := range places {
				scores[i] = unknown
				if place >= 0 {
					scores[i] = own[place]
				}
			}
		}
	}
}

// byFame ranks by how many like an item.
func byFame(liked iter.Seq[[]uint32], items int) func() ranker {
	fans := make([]float32, items)
	for one := range liked {
		for _, i := range one {
			fans[i]++
		}
	}
	return func() ranker { return func(_ []uint32, scores []float32) { copy(scores, fans) } }
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

func mean(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range of {
		sum += x
	}
	return sum / float64(len(of))
}
