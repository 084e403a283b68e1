package recommend

import (
	"cmp"
	"math"
)

// How far sequence looks back, and how many successors of each liked item it looks at: many of the last few.
const (
	sequenceLength = 20
	historyLooks   = 60
)

var sequenceWidth = []struct{ upTo, links int }{{5, 256}, {sequenceLength, 128}, {historyLooks, 32}}

// sequence proposes what other viewers turned to after the items this viewer liked last; the newer
// the liked item, the more it says.
func sequence(r *run, limit int) {
	n := min(len(r.liked), historyLooks)
	if n == 0 || r.succession.n > 0 {
		return // asked again, it would say the same
	}
	r.anchors = sized(r.anchors, n)
	for k := range n {
		r.anchors[k] = r.liked[k].at
	}
	from := 0
	for _, w := range sequenceWidth {
		if from >= n {
			break
		}
		r.links = r.signals.After(r.anchors[from:min(n, w.upTo)], w.links, r.links[:0])
		for i := range r.links {
			l := &r.links[i]
			l.From += from
			r.succession.add(l, l.Strength*r.liked[l.From].worth)
		}
		from = w.upTo
	}
	r.sums = r.succession.sums(r.sums[:0])
	r.proposeBest(fSequence, limit, func(from int) because { return because{becauseItem, uint32(r.anchors[from])} })
}

// recencies are what a liked item counts by how many were liked since.
var recencies = func() (w [sequenceLength]float32) {
	for k := range w {
		w[k] = float32(math.Pow(0.7, float64(k)))
	}
	return w
}()

// follow fills what succession says of a candidate.
func (r *run) follow(c *candidate) {
	x := &c.features
	s := r.succession.of(c.at)
	x[fSequence] = s.recent
	x[fSequenceLog], x[fSuccessorLog], x[fHistoryLog] = trace(s.recent), trace(s.last), trace(s.flat)
}

// trace is the logarithm of a strength; what nothing leads to is worth about as much as the weakest link.
func trace(strength float32) float32 { return float32(Log(float64(strength) + 1e-4)) }

// addLinks sums the links that end at the same item and proposes the best that may be shown, scaled so that the best
// of all is 1.
func addLinks(r *run, f feature, limit int, links []Link, weigh func(from int) float32, why func(from int) because) {
	r.ends.reset(len(links))
	r.sums = r.sums[:0]
	for _, l := range links {
		v := l.Strength * weigh(l.From)
		at := r.ends.at(uint64(l.To))
		if *at == 0 {
			r.sums = append(r.sums, sum{to: l.To, from: l.From})
			*at = float32(len(r.sums))
		}
		s := &r.sums[int(*at)-1]
		s.score += v
		if v > s.strongest {
			s.strongest, s.from = v, l.From
		}
	}
	r.proposeBest(f, limit, why)
}

// proposeBest proposes the best of r.sums that may be shown, scaled so that the best of all is 1.
func (r *run) proposeBest(f feature, limit int, why func(from int) because) {
	n := 2*limit + len(r.Served)
	if len(r.sums) > 2*n {
		r.floats = sized(r.floats, len(r.sums))
		for i := range r.sums {
			r.floats[i] = r.sums[i].score
		}
		least, upTo := r.sizes.of(r.floats, n), 0
		for _, s := range r.sums {
			if s.score >= least {
				r.sums[upTo] = s
				upTo++
			}
		}
		r.sums = r.sums[:upTo]
	}
	best := Top(r.sums, n, func(a, b sum) int {
		if a.score != b.score {
			return descending(a.score, b.score)
		}
		return cmp.Compare(a.to, b.to)
	})
	r.ords = sized(r.ords, len(best))
	for i := range best {
		r.ords[i] = best[i].to
	}
	r.traits = sized(r.traits, len(best))
	r.view.Describe(r.ords, r.traits)
	taken := 0
	for i, s := range best {
		if taken == limit || s.score <= 0 {
			break
		}
		if r.traits[i] == nil {
			continue // it came after this page began
		}
		if dropped := r.reject(s.to, r.traits[i]); dropped != kept {
			r.passOver(s.to, dropped)
			continue
		}
		r.pool.add(s.to, f, s.score/best[0].score, why(s.from))
		taken++
	}
}

// sum is what all links to one item say together, and the one that says most.
type sum struct {
	to        Ordinal
	score     float32
	from      int
	strongest float32
}
