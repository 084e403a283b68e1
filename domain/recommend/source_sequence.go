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

// succession is what others turned to after what the viewer liked, by ordinal.
type succession struct {
	recent, last, flat table
}

func (s *succession) reset() {
	s.recent.reset(2048)
	s.last.reset(512)
	s.flat.reset(2048)
}

// sequence proposes what other viewers turned to after the items this viewer liked last; the newer
// the liked item, the more it says.
func sequence(r *run, limit int) {
	n := min(len(r.liked), historyLooks)
	if n == 0 || r.succession.recent.n > 0 {
		return // asked again, it would say the same
	}
	r.anchors = sized(r.anchors, n)
	for k := range n {
		r.anchors[k] = r.liked[k].at
	}
	r.links = r.links[:0]
	from := 0
	for _, w := range sequenceWidth {
		if from >= n {
			break
		}
		start := len(r.links)
		r.links = r.signals.After(r.anchors[from:min(n, w.upTo)], w.links, r.links)
		for i := start; i < len(r.links); i++ {
			r.links[i].From += from
		}
		from = w.upTo
	}
	r.near = r.near[:0]
	for _, l := range r.links {
		v := l.Strength * r.liked[l.From].worth
		r.succession.flat.add(uint64(l.To), v)
		if l.From < sequenceLength {
			r.succession.recent.add(uint64(l.To), v*recencies[l.From])
			r.near = append(r.near, l)
		}
		if l.From == 0 {
			r.succession.last.add(uint64(l.To), v)
		}
	}
	addLinks(r, fSequence, limit, r.near, func(from int) float32 { return r.liked[from].worth * recencies[from] },
		func(from int) because { return because{becauseItem, uint32(r.anchors[from])} })
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
	s, x := &r.succession, &c.features
	x[fSequence] = s.recent.get(uint64(c.at))
	x[fSequenceLog], x[fSuccessorLog], x[fHistoryLog] = trace(x[fSequence]), trace(s.last.get(uint64(c.at))), trace(s.flat.get(uint64(c.at)))
}

// trace is the logarithm of a strength; what nothing leads to is worth about as much as the weakest link.
func trace(strength float32) float32 { return float32(math.Log(float64(strength) + 1e-4)) }

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
	best := topBy(r.sums, 2*limit+len(r.Served), func(a, b sum) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.to, b.to))
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
