package recommend

import (
	"cmp"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/audience"
)

// caps are the rules of arrangement that give way only when nothing else can fill a place.
type caps uint8

const (
	tagShare caps = 1 << iota
	authorShare
	authorAdjacent

	everyCap = tagShare | authorShare | authorAdjacent
)

// reliefs are what gives way when a place cannot be filled, in this order. Caps give way for one
// place; what was roused from its rest stays awake for the page, worth less than all the others.
var reliefs = []struct {
	name string
	cap  caps
	rest restState
}{
	{name: "tag_share", cap: tagShare},
	{name: "author_share", cap: authorShare},
	{name: "served", rest: servedBefore},
	{name: "seen", rest: seenBefore},
	{name: "consumed", rest: consumedBefore},
	{name: "author_adjacent", cap: authorAdjacent},
}

// arranger fills one page greedily: at each place the candidate that is worth most after fatigue,
// among those the caps allow. Greedy with early stopping is exact for this objective, because
// fatigue only ever lowers a value.
type arranger struct {
	*run
	on       caps // the caps in force
	relief   int  // how many reliefs have been granted
	relaxed  []string
	picks    []int // places in the pool
	finals   []float32
	authorsN table
	tagsN    table
	supplyAt int  // how far down the catalogue widen has looked
	depth    int  // how far it may look
	picky    bool // it has passed over items that the caps did not allow
	metAt    table

	mostByAuthor, mostByTag float32 // of the page, while the shares hold
}

func (a *arranger) arrange() {
	a.on, a.picky = everyCap, false
	a.relief, a.relaxed, a.picks, a.finals = 0, nil, a.picks[:0], a.finals[:0]
	a.supplyAt, a.depth = 0, supplyDepth
	a.authorsN.reset(256)
	a.tagsN.reset(512)
	a.mostByAuthor, a.mostByTag = a.most(a.def.Arrange.AuthorShare), a.most(a.def.Arrange.TagShare)
	a.rank()
	for len(a.picks) < a.Want {
		if i, v, ok := a.best(); ok {
			a.pick(i, v)
			a.on, a.relief = everyCap, 0
			continue
		}
		if a.widen() {
			continue
		}
		if !a.relax() {
			return
		}
	}
}

// rank sorts the eligible candidates, best first; ties go to the newer item, then the higher number.
func (a *arranger) rank() {
	a.order = a.order[:0]
	list := a.pool.list
	for i := range list {
		if list[i].dropped == kept && !list[i].picked {
			a.order = append(a.order, i)
		}
	}
	byTime := func(x, y *candidate) int {
		return cmp.Or(cmp.Compare(y.traits.Published, x.traits.Published), cmp.Compare(y.traits.Number, x.traits.Number))
	}
	slices.SortFunc(a.order, func(i, j int) int {
		x, y := &list[i], &list[j]
		if a.def.Order == ByNewest {
			return byTime(x, y)
		}
		return cmp.Or(cmp.Compare(y.value, x.value), byTime(x, y))
	})
}

// best is the allowed candidate that is worth most now.
func (a *arranger) best() (place int, value float32, ok bool) {
	value = -math.MaxFloat32
	for _, i := range a.order {
		c := &a.pool.list[i]
		if c.picked {
			continue
		}
		if a.def.Order == ByNewest {
			if a.allows(c.traits) {
				return i, c.value, true
			}
			continue
		}
		if ok && c.value <= value {
			return place, value, true
		}
		if a.allows(c.traits) {
			if v := c.value - a.fatigue(c.traits); !ok || v > value {
				place, value, ok = i, v, true
			}
		}
	}
	return place, value, ok
}

// allows reports whether the caps in force let the item take the next place.
func (a *arranger) allows(t *Traits) bool { return a.breaks(t)&a.on == 0 }

// breaks says which caps the item would break at the next place.
func (a *arranger) breaks(t *Traits) (broken caps) {
	if t.Author != 0 {
		if t.Author == a.last {
			broken |= authorAdjacent
		}
		if a.authorsN.get(uint64(t.Author))+1 > a.mostByAuthor {
			broken |= authorShare
		}
	}
	for _, tag := range t.Tags {
		if tag != a.tag && a.tagsN.get(uint64(tag))+1 > a.mostByTag {
			return broken | tagShare
		}
	}
	return broken
}

// most is how many items of the page a share allows, at least one.
func (a *arranger) most(share float32) float32 {
	return max(1, float32(math.Floor(float64(share)*float64(a.Want)+1e-6)))
}

// fatigue is what the item loses because the viewer met its author and tags lately.
func (a *arranger) fatigue(t *Traits) float32 {
	f := a.def.Arrange.AuthorFatigue * a.tiredA.get(uint64(t.Author))
	if t.Author == 0 {
		f = 0
	}
	return f + a.def.Arrange.TagFatigue*mean(&a.tiredT, t.Tags)
}

func (a *arranger) pick(i int, value float32) {
	c := &a.pool.list[i]
	c.picked = true
	a.picks = append(a.picks, i)
	a.finals = append(a.finals, value)
	t := c.traits
	a.noteRelief(t)
	a.last = t.Author
	if t.Author != 0 {
		a.authorsN.add(uint64(t.Author), 1)
		a.tiredA.add(uint64(t.Author), 1)
	}
	for _, tag := range t.Tags {
		a.tagsN.add(uint64(tag), 1)
		a.tiredT.add(uint64(tag), 1)
	}
}

// How far down the catalogue a page looks for more: a little way before caps give way, far before
// it sets two items of one author side by side. Past poolSize candidates it takes only what fits.
const (
	supplyDepth  = 1 << 13
	deepestDepth = 1 << 18
	poolSize     = 4000
)

// widen adds candidates beyond what the sources proposed, newest first, and reports whether there
// are any.
func (a *arranger) widen() bool {
	const batch = 200
	before := len(a.pool.list)
	for a.def.Supply == FromCatalogue && a.supplyAt < a.depth && len(a.pool.list) == before {
		next, more := a.newestOn(a.shelf(), a.supplyAt, a.depth-a.supplyAt, batch, func(_ int, at Ordinal, t *Traits) {
			if len(a.pool.list) < poolSize || a.allows(t) {
				a.pool.add(at, fFresh, 0, a.weights[fFresh], because{})
			} else {
				a.picky = true
			}
		})
		if a.supplyAt = next; !more {
			a.supplyAt = deepestDepth
		}
	}
	if len(a.pool.list) == before {
		return false
	}
	a.admit()
	return true
}

// admit filters, scores and ranks what was added to the pool.
func (a *arranger) admit() {
	a.filter()
	a.score()
	if a.awake != rested {
		a.oldestFirst()
	}
	a.rank()
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
		if _, _, ok := a.best(); ok {
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

// noteRelief notes which rules give way for the item to take the next place.
func (a *arranger) noteRelief(t *Traits) {
	broken, state := a.breaks(t), restState(a.resting.get(uint64(t.Number)))
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
