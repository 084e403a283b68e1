package memindex

import (
	"math"

	"github.com/freshet/freshet/domain/recommend"
)

// charts are the trending lists: of all items, and of those with a tag, a language or a region.
type charts struct {
	most   int
	all    chart
	fields [recommend.NumFields][]*chart
	places int // in all lists
}

// chart has a list per window.
type chart [windows]list

// list holds the items with the highest keys, in order: highest first, ties by lower slot.
type list struct {
	keys  []float64
	slots []uint32
}

// find returns the lists of a shelf, nil where nothing is trending.
func (c *charts) find(s recommend.Shelf) *chart {
	if s.All {
		return &c.all
	}
	if s.Field < recommend.NumFields && int(s.Term) < len(c.fields[s.Field]) {
		return c.fields[s.Field][s.Term]
	}
	return nil
}

// climb is an item whose keys grew. A list that the item was on before its shelves changed may still
// hold it with an older key, which sinks.
type climb struct {
	slot    uint32
	was, is [windows]float64
}

// moved tells the lists of an item's shelves.
func (c *charts) moved(t *recommend.Traits, by climb) {
	c.move(&c.all, &by)
	c.moveOn(recommend.LangField, t.Lang, &by)
	c.moveOn(recommend.RegionField, t.Region, &by)
	for _, tag := range t.Tags {
		c.moveOn(recommend.TagField, tag, &by)
	}
}

func (c *charts) moveOn(f recommend.Field, t recommend.Term, by *climb) {
	if t == 0 {
		return
	}
	for len(c.fields[f]) <= int(t) {
		c.fields[f] = append(c.fields[f], nil)
	}
	if c.fields[f][t] == nil {
		c.fields[f][t] = new(chart)
	}
	c.move(c.fields[f][t], by)
}

func (c *charts) move(on *chart, by *climb) {
	for w := range on {
		before := len(on[w].slots)
		on[w].move(by.slot, by.was[w], by.is[w], c.most)
		c.places += len(on[w].slots) - before
	}
}

func (x *list) move(slot uint32, was, is float64, most int) {
	n := len(x.slots)
	if n == most && x.keys[n-1] > is {
		return
	}
	from := n
	if !math.IsInf(was, -1) {
		from = x.holds(slot, was)
	}
	to := x.place(slot, is, from)
	switch {
	case from < n:
	case to == most:
		return
	case n == most:
		from--
	default:
		x.keys, x.slots = append(x.keys, 0), append(x.slots, 0)
	}
	copy(x.keys[to+1:from+1], x.keys[to:from])
	copy(x.slots[to+1:from+1], x.slots[to:from])
	x.keys[to], x.slots[to] = is, slot
}

// place returns how many of the first n come before a slot with a key.
func (x *list) place(slot uint32, key float64, n int) int {
	low, high := 0, n
	for low < high {
		mid := int(uint(low+high) >> 1)
		if k := x.keys[mid]; k > key || (k == key && x.slots[mid] < slot) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// holds returns where a slot with a key is, or the length.
func (x *list) holds(slot uint32, key float64) int {
	if at := x.place(slot, key, len(x.keys)); at < len(x.slots) && x.slots[at] == slot {
		return at
	}
	return len(x.slots)
}

func (c *charts) bytes() int {
	n := 12 * c.places
	for _, f := range c.fields {
		n += len(f) * 152
	}
	return n
}
