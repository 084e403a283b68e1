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

// byRehearsal ranks by a model whose places are those that are asked for.
func byRehearsal(m *recommend.Model) func() ranker {
	return func() ranker {
		var reading recommend.Reading
		next := make([]float32, len(m.Items()))
		return func(before []uint32, scores []float32) { rank(m, before, scores, next, &reading) }
	}
}

// byModel ranks by a model whose items are others, or have other places.
func byModel(m *recommend.Model, items []catalog.ItemID) func() ranker {
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
		alone := byRehearsal(m)()
		var known []uint32
		return func(before []uint32, scores []float32) {
			known = known[:0]
			for _, i := range before {
				if places[i] >= 0 {
					known = append(known, uint32(places[i]))
				}
			}
			alone(known, own)
			for i, place := range places {
				scores[i] = unknown
				if place >= 0 {
					scores[i] = own[place]
				}
			}
		}
	}
}

// rank fills what a model makes of each of its items after others were liked: its parts, each in standard deviations.
func rank(m *recommend.Model, before []uint32, scores, next []float32, reading *recommend.Reading) {
	clear(scores)
	weight := float32(1)
	for _, i := range slices.Backward(before) {
		m.Add(i, weight, scores)
		weight *= fade
	}
	recurrent := m.Recurrent()
	if recurrent == nil || len(before) == 0 {
		return
	}
	reading.Begin(recurrent)
	for _, i := range before {
		reading.Read(i)
	}
	reading.Expect()
	for i := range next {
		next[i] = reading.Logit(uint32(i))
	}
	standardise(scores)
	standardise(next)
	for i, x := range next {
		scores[i] += x
	}
}

// standardise makes the mean of scores 0, and their standard deviation 1, if they are not all equal.
func standardise(scores []float32) {
	var sum, squares float64
	for _, x := range scores {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(len(scores))
	mean := sum / n
	scale := 0.0
	if variance := squares/n - mean*mean; variance > 0 {
		scale = 1 / math.Sqrt(variance)
	}
	for i, x := range scores {
		scores[i] = float32((float64(x) - mean) * scale)
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
