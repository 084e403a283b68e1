package recommend

import (
	"slices"

	"github.com/freshet/freshet/domain/audience"
)

// Exploring is the source, and the relief, of what few have met.
const Exploring = "explore"

// reliefs are what gives way when a place cannot be filled, in this order. Caps give way for one
// place; what was roused from its rest stays awake for the page, worth less than all the others.
var reliefs = []struct {
	name string
	cap  caps
	rest restState
}{
	{name: Exploring, cap: exploreShare},
	{name: "tag_share", cap: tagShare},
	{name: "author_share", cap: authorShare},
	{name: "served", rest: servedBefore},
	{name: "seen", rest: seenBefore},
	{name: "consumed", rest: consumedBefore},
	{name: "author_adjacent", cap: authorAdjacent},
}

// relax grants the next relief that helps and reports whether there was one.
func (a *arranger) relax() bool {
	for ; a.relief < len(reliefs); a.relief++ {
		r := reliefs[a.relief]
		switch {
		case r.rest != rested:
			a.rouse(r.rest)
		case r.cap == authorAdjacent && a.depth < deepestDepth:
			a.depth = deepestDepth
			a.lookAgain()
			return true
		default:
			a.on &^= r.cap
			a.lookAgain()
		}
		if a.fillable() {
			a.relief++
			return true
		}
	}
	return false
}

// lookAgain lets widen reconsider what the caps did not allow before.
func (a *arranger) lookAgain() {
	if a.picky {
		a.supplyAt, a.picky = 0, false
	}
}

// rouse ends the rest of items that got as far as s, and asks for those that were passed over.
func (a *arranger) rouse(s restState) {
	if a.awake >= s {
		return
	}
	a.wake(s)
	a.propose()
	a.admit()
	a.supplyAt, a.picky = 0, false
}

// fillable reports whether some candidate may take the next place.
func (a *arranger) fillable() bool {
	for {
		if _, _, ok := a.best(0); ok {
			return true
		}
		if !a.widen() {
			return false
		}
	}
}

// oldestFirst makes items whose rest was cut short worth less than all others, and among
// themselves the more the longer ago the viewer met them.
func (a *arranger) oldestFirst() {
	m := &a.Knowledge.Memory
	a.metAt.reset(len(m.Served) + len(m.Seen) + len(m.Consumed))
	for _, marks := range [][]audience.Mark{m.Served, m.Seen, m.Consumed} {
		for i := range marks {
			days := float32(a.Now.Sub(marks[i].At).Hours() / 24)
			*a.metAt.at(uint64(marks[i].Item)) = max(days, 1e-6)
		}
	}
	for i := range a.pool.list {
		c := &a.pool.list[i]
		state := restState(a.resting.get(uint64(c.traits.Number)))
		if c.dropped == kept && state != rested && !c.picked {
			c.value = a.metAt.get(uint64(c.traits.Number)) - 1e6*float32(state)
		}
	}
}

// noteRelief notes which rules give way for the candidate to take the next place.
func (a *arranger) noteRelief(c *candidate) {
	broken, state := a.breaks(c), restState(a.resting.get(uint64(c.traits.Number)))
	if broken == 0 && state == rested {
		return
	}
	for _, r := range reliefs {
		gave := r.cap&broken != 0 || (r.rest != rested && r.rest == state)
		if gave && !slices.Contains(a.relaxed, r.name) {
			a.relaxed = append(a.relaxed, r.name)
		}
	}
}
