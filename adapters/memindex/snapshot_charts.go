package memindex

import (
	"cmp"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/recommend"
)

// named is a chart with the name of what it is of.
type named struct {
	field recommend.Field
	name  string
	on    *chart
}

// save sorts by name: equal knowledge gives equal bytes, in whatever order names came about.
func (c *charts) save(w *encoder, v *view) {
	c.all.save(w)
	var held []named
	for f, charts := range c.fields {
		for t, on := range charts {
			if on != nil {
				held = append(held, named{recommend.Field(f), v.names[f].name(recommend.Term(t)), on})
			}
		}
	}
	slices.SortFunc(held, func(a, b named) int { return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.name, b.name)) })
	w.u32(uint32(len(held)))
	for _, n := range held {
		w.u32(uint32(n.field))
		w.text(n.name)
		n.on.save(w)
	}
}

func (c *chart) save(w *encoder) {
	for i := range c {
		w.u32(uint32(len(c[i].slots)))
		for k, slot := range c[i].slots {
			w.u32(slot)
			w.key(c[i].keys[k])
		}
	}
}

// restoreCharts leaves out those of names that no item has any more: nothing of what was on them could be shown.
func restoreCharts(r *decoder, v *view, most, items int) charts {
	c := charts{most: most}
	c.all = c.restore(r, items)
	for range r.count(math.MaxInt32, ErrDamaged) {
		f := recommend.Field(r.between(0, int(recommend.NumFields)-1))
		name := r.text(math.MaxUint16)
		on := c.restore(r, items)
		if r.err != nil {
			return c
		}
		term := v.names[f].term(hashOf(v.seed, name), name)
		if term == 0 {
			c.places -= on.places()
			continue
		}
		for len(c.fields[f]) <= int(term) {
			c.fields[f] = append(c.fields[f], nil)
		}
		if c.fields[f][term] != nil {
			r.fail(ErrDamaged)
			return c
		}
		c.fields[f][term] = &on
	}
	return c
}

func (c *charts) restore(r *decoder, items int) (on chart) {
	for w := range on {
		x := &on[w]
		for range r.count(c.most, ErrDamaged) {
			if r.err != nil {
				return on
			}
			x.slots = append(x.slots, r.between(0, items-1))
			x.keys = append(x.keys, r.key())
		}
	}
	c.places += on.places()
	return on
}

func (c *chart) places() (n int) {
	for w := range c {
		n += len(c[w].slots)
	}
	return n
}
