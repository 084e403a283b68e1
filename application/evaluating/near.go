package evaluating

import "math"

// How far back near looks, what an item counts by how many were liked since, and of how many earlier likes of the same
// viewer it counts the company.
const (
	nearLength  = 50
	nearDecay   = 0.9
	nearCompany = 2000
)

// near ranks items by their cosine similarity to what the viewer liked, by the viewers that liked both; the newer the
// liked item, the more it counts.
type near struct {
	rows   []row   // by item: with how many viewers it shares others
	fans   []int32 // by item
	inside []bool  // the catalogue
	scores []float32
}

// row counts by item; once it is no longer sparse, in a slice.
type row struct {
	few map[int32]int32
	all []int32
}

func newNear(items int) *near {
	return &near{rows: make([]row, items), fans: make([]int32, items), inside: make([]bool, items), scores: make([]float32, items)}
}

func (n *near) enter(item int32) { n.inside[item] = true }

func (n *near) learn(liked []int32, item int32) {
	n.fans[item]++
	for _, other := range liked[max(0, len(liked)-nearCompany):] {
		n.rows[item].add(other, len(n.rows))
		n.rows[other].add(item, len(n.rows))
	}
}

func (r *row) add(item int32, items int) {
	switch {
	case r.all != nil:
		r.all[item]++
	case r.few == nil:
		r.few = map[int32]int32{item: 1}
	default:
		if r.few[item]++; len(r.few) > items/16 {
			r.all = make([]int32, items)
			for i, c := range r.few {
				r.all[i] = c
			}
			r.few = nil
		}
	}
}

// rank is as popular's.
func (n *near) rank(met, liked []int32, item int32) (better, ties int) {
	clear(n.scores)
	weight := 1.0
	for k := len(liked) - 1; k >= max(0, len(liked)-nearLength); k-- {
		if fans := n.fans[liked[k]]; fans > 0 {
			n.rows[liked[k]].addTo(n.scores, float32(weight/math.Sqrt(float64(fans))))
		}
		weight *= nearDecay
	}
	for i, s := range n.scores {
		if s > 0 {
			n.scores[i] = s / float32(math.Sqrt(float64(n.fans[i])))
		}
	}
	for _, m := range met {
		n.scores[m] = -1
	}
	target := n.scores[item]
	for i, s := range n.scores {
		switch {
		case !n.inside[i]:
		case s > target:
			better++
		case s == target:
			ties++
		}
	}
	return better, ties
}

func (r *row) addTo(scores []float32, weight float32) {
	if r.all != nil {
		scores = scores[:len(r.all)]
		for i, c := range r.all {
			scores[i] += weight * float32(c)
		}
		return
	}
	for i, c := range r.few {
		scores[i] += weight * float32(c)
	}
}
