package recommend

import (
	"cmp"
	"math"
	"math/rand/v2"
)

// exploreMet is how many meetings an item needs before it counts as explored.
const exploreMet = 20

// explore proposes new items that few viewers have met, by a draw from the posterior of their
// quality (Thompson sampling; Thompson 1933, Chapelle and Li 2011): a promising or unknown item
// may win, one that fared badly seldom does.
func explore(r *run, limit int) {
	look := 4 * limit
	type drawn struct {
		at   Ordinal
		draw float32
	}
	draws := make([]drawn, 0, look)
	r.newestOn(r.shelf(), 0, scanDepth, look, func(_ int, at Ordinal, _ *Traits) {
		draws = append(draws, drawn{at: at})
	})
	ords := make([]Ordinal, len(draws))
	for i := range draws {
		ords[i] = draws[i].at
	}
	r.trials = sized(r.trials, len(draws))
	r.signals.Trials(ords, r.trials)
	n := 0
	for i, t := range r.trials {
		if t.Met < exploreMet {
			draws[n] = drawn{ords[i], beta(r.rand, 1+t.Liked, 1+max(0, t.Met-t.Liked))}
			n++
		}
	}
	for _, d := range topBy(draws[:n], limit, func(a, b drawn) int { return cmp.Or(cmp.Compare(b.draw, a.draw), cmp.Compare(a.at, b.at)) }) {
		r.pool.add(d.at, fExplore, d.draw, because{})
	}
}

// beta draws from Beta(a, b), a and b at least 1, as a ratio of two gamma draws.
func beta(rnd *rand.Rand, a, b float32) float32 {
	x, y := gamma(rnd, float64(a)), gamma(rnd, float64(b))
	return float32(x / (x + y))
}

// gamma draws from Gamma(shape, 1), shape at least 1 (Marsaglia and Tsang 2000).
func gamma(rnd *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rnd.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := 1 - rnd.Float64(); math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
