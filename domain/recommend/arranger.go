package recommend

import (
	"cmp"
	"math"
	"math/rand/v2"
)

// caps are the rules of arrangement that give way only when nothing else can fill a place.
type caps uint8

const (
	exploreShare caps = 1 << iota
	tagShare
	authorShare
	authorAdjacent

	everyCap = exploreShare | tagShare | authorShare | authorAdjacent
)

// arranger fills one page greedily: at each place the candidate that is worth most after fatigue,
// among those the caps allow. Greedy with early stopping is exact for this objective, because
// fatigue only ever lowers a value.
type arranger struct {
	*run
	on       caps // the caps in force
	relief   int  // how many reliefs have been granted
	relaxed  []string
	picks    []pick
	pins     []pinned // that wait for their place, the first first
	next     Term     // author of the item after the next place, where that is pinned
	owed     int      // places set aside for exploring and not yet used
	authorsN table
	tagsN    table
	supplyAt int  // how far down the catalogue widen has looked
	depth    int  // how far it may look
	picky    bool // it has passed over items that the caps did not allow
	metAt    table

	draws    rand.PCG
	thompson *rand.Rand // by draws

	order  []ranked
	sorted int // so many of them are in order

	few, fewer, ranks, ends []int // scratch
	why                     []Reason
	text                    []byte
	curves                  []curve

	mostByAuthor, mostByTag float32 // of the page, while the shares hold
}

// pick is one item at its place.
type pick struct {
	place  int // in the pool
	final  float32
	kept   purpose // what the place was kept for
	chance float32 // of what was explored

	supposed float32 // of what the query supposes there, where something was explored
}

func (a *arranger) arrange() {
	a.on, a.picky = everyCap, false
	a.relief, a.relaxed, a.picks, a.owed = 0, nil, a.picks[:0], 0
	a.supplyAt, a.depth = 0, supplyDepth
	a.authorsN.reset(256)
	a.tagsN.reset(512)
	a.mostByAuthor, a.mostByTag = a.most(a.def.Arrange.AuthorShare), a.most(a.def.Arrange.TagShare)
	a.hold()
	a.rank()
	a.due()
	for len(a.picks) < a.Want && (a.reserved() || a.fill() || a.pin()) {
	}
}

// fill gives the next place to the best candidate; when there is none, rules give way until there is. Where nothing
// helps, pins move up.
func (a *arranger) fill() bool {
	i, v, ok := a.best(0)
	for !ok && (a.widen() || a.relax()) {
		i, v, ok = a.best(0)
	}
	if ok {
		a.noteRelief(&a.pool.list[i])
		a.place(pick{place: i, final: v})
	}
	a.on, a.relief = everyCap, 0
	return ok
}

// rank lists the eligible candidates. They are sorted as far as somebody looks at them: rarely far.
func (a *arranger) rank() {
	a.order, a.sorted = a.order[:0], 0
	list := a.pool.list
	for i := range list {
		if c := &list[i]; c.dropped == kept && !c.picked {
			a.order = append(a.order, ranked{c.value, int32(i)})
		}
	}
}

// ranked is the place in the pool of a candidate of that value.
type ranked struct {
	value float32
	place int32
}

// ranks is how many more candidates are sorted when one more is looked at.
const ranks = 64

// at is the place of the k-th candidate, best first; ties go to the newer item, then the higher number.
func (a *arranger) at(k int) int {
	for k >= a.sorted {
		rest := a.order[a.sorted:]
		if a.def.Order == ByNewest {
			Top(rest, ranks, a.newer)
		} else {
			Top(rest, ranks, a.better)
		}
		a.sorted += min(ranks, len(rest))
	}
	return int(a.order[k].place)
}

func (a *arranger) better(x, y ranked) int {
	if x.value != y.value {
		return descending(x.value, y.value)
	}
	return a.newer(x, y)
}

func (a *arranger) newer(x, y ranked) int {
	t, o := a.pool.list[x.place].traits, a.pool.list[y.place].traits
	return cmp.Or(cmp.Compare(o.Published, t.Published), cmp.Compare(o.Number, t.Number))
}

// best is the allowed candidate that is worth most now, of those that one of the sources proposed; 0: of all.
func (a *arranger) best(from uint16) (place int, value float32, ok bool) {
	value = -math.MaxFloat32
	for k := range a.order {
		i := a.at(k)
		c := &a.pool.list[i]
		if c.picked || c.held || from != 0 && c.from&from == 0 {
			continue
		}
		if a.def.Order == ByNewest {
			if a.allows(c) {
				return i, c.value, true
			}
			continue
		}
		if ok && c.value <= value {
			return place, value, true
		}
		if a.allows(c) {
			if v := c.value - a.fatigue(c.traits); !ok || v > value {
				place, value, ok = i, v, true
			}
		}
	}
	return place, value, ok
}

// allows reports whether the caps in force let the candidate take the next place.
func (a *arranger) allows(c *candidate) bool { return a.breaks(c)&a.on == 0 }

// breaks says which caps the candidate would break at the next place.
func (a *arranger) breaks(c *candidate) caps {
	if c.from == onlyExplore {
		return a.breaksBy(c.traits) | exploreShare
	}
	return a.breaksBy(c.traits)
}

// breaksBy says which caps the author and the tags would break at the next place.
func (a *arranger) breaksBy(t *Traits) (broken caps) {
	if t.Author != 0 {
		if t.Author == a.last || t.Author == a.next {
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
	return a.spread * (f + a.def.Arrange.TagFatigue*mean(&a.tiredT, t.Tags))
}

// place puts an item at the next place.
func (a *arranger) place(p pick) {
	c := &a.pool.list[p.place]
	c.picked = true
	a.picks = append(a.picks, p)
	t := c.traits
	a.last = t.Author
	if !c.held {
		a.count(t)
	}
	if t.Author != 0 {
		a.tiredA.add(uint64(t.Author), 1)
	}
	for _, tag := range t.Tags {
		a.tiredT.add(uint64(tag), 1)
	}
	a.approach()
}

// count takes an item into the shares of the page.
func (a *arranger) count(t *Traits) {
	if t.Author != 0 {
		a.authorsN.add(uint64(t.Author), 1)
	}
	for _, tag := range t.Tags {
		a.tagsN.add(uint64(tag), 1)
	}
}
