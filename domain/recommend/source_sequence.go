package recommend

import (
	"cmp"
	"math"
)

// sequence proposes what other viewers turned to after the items this viewer liked last; the newer
// the liked item, the more it says.
func sequence(r *run, limit int) {
	n := min(len(r.liked), 20)
	if n == 0 {
		return
	}
	ords := make([]Ordinal, n)
	for k := range n {
		ords[k] = r.liked[k].at
	}
	r.links = r.signals.After(ords, 64, r.links[:0])
	addLinks(r, fSequence, limit, func(from int) float32 {
		return r.liked[from].worth * float32(math.Pow(0.75, float64(from)))
	}, func(from int) because { return because{becauseItem, uint32(ords[from])} })
}

// addLinks sums the links that end at the same item and proposes the best, scaled so that the best is 1.
func addLinks(r *run, f feature, limit int, weigh func(from int) float32, why func(from int) because) {
	type sum struct {
		to        Ordinal
		score     float32
		from      int
		strongest float32
	}
	var places table
	places.reset(len(r.links))
	sums := make([]sum, 0, len(r.links))
	for _, l := range r.links {
		v := l.Strength * weigh(l.From)
		at := places.at(uint64(l.To))
		if *at == 0 {
			sums = append(sums, sum{to: l.To, from: l.From})
			*at = float32(len(sums))
		}
		s := &sums[int(*at)-1]
		s.score += v
		if v > s.strongest {
			s.strongest, s.from = v, l.From
		}
	}
	best := topBy(sums, limit, func(a, b sum) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.to, b.to))
	})
	if len(best) == 0 {
		return
	}
	top := best[0].score
	for _, s := range best {
		if s.score > 0 {
			r.pool.add(s.to, f, s.score/top, r.weights[f], why(s.from))
		}
	}
}
