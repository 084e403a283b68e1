package memindex

import (
	"slices"
	"sync"

	"github.com/freshet/freshet/domain/recommend"
)

// Shelves of a whole catalogue are made at once, of the published items in shelf order, so that each shelf is in order when
// they are put on it one after the other.

// shelve makes all shelves. The order is theirs from then on.
func (x *Index) shelve(order []recommend.Ordinal) {
	var wait sync.WaitGroup
	for f := range recommend.NumFields {
		if f != recommend.LabelField {
			wait.Go(func() { x.shelveField(f, order) })
		}
	}
	wait.Wait()
	if len(order) > 0 {
		b := builder{batch: x.batch}
		x.all = b.root(order)
	}
}

func (x *Index) shelveField(f recommend.Field, order []recommend.Ordinal) {
	n := len(x.names[f].list)
	if n == 0 {
		return
	}
	ends := make([]uint32, n) // how many items have each term; then where its part of list ends
	x.eachTerm(f, order, func(_ recommend.Ordinal, t recommend.Term) { ends[t]++ })
	if f == recommend.WordField {
		for t, n := range ends {
			x.words.carriers.set(uint32(t), n)
		}
	}
	total := uint32(0)
	for t, n := range ends {
		if f == recommend.WordField && tooCommon(int(n), x.live) {
			n = 0
		}
		ends[t], total = total, total+n
	}
	starts := append(slices.Clone(ends), total)
	list := make([]recommend.Ordinal, total)
	x.eachTerm(f, order, func(o recommend.Ordinal, t recommend.Term) {
		at := ends[t]
		if at == starts[t+1] || at > starts[t] && list[at-1] == o {
			return // a word without a shelf, or an item that has a tag twice
		}
		list[at] = o
		ends[t]++
	})
	b := builder{batch: x.batch}
	for t := range ends {
		var root *node
		switch part := list[starts[t]:ends[t]]; {
		case len(part) > 0:
			root = b.root(part)
		case f == recommend.WordField && tooCommon(int(x.words.carriers.get(uint32(t))), x.live):
			root = crowded
		}
		x.shelves[f].set(uint32(t), root)
	}
}

// eachTerm goes through the terms that the items have in a field, item by item.
func (x *Index) eachTerm(f recommend.Field, order []recommend.Ordinal, do func(recommend.Ordinal, recommend.Term)) {
	for _, o := range order {
		e := x.entries.get(uint32(o))
		var one recommend.Term
		var more []recommend.Term
		switch f {
		case recommend.AuthorField:
			one = e.Author
		case recommend.LangField:
			one = e.Lang
		case recommend.RegionField:
			one = e.Region
		case recommend.TagField:
			more = e.Tags
		case recommend.WordField:
			more = e.Words
		}
		if one != 0 {
			do(o, one)
		}
		for _, t := range more {
			do(o, t)
		}
	}
}

// slabNodes is how many nodes of shelves are allocated at once.
const slabNodes = 128

// builder makes shelves of ordinals that are in order already.
type builder struct {
	batch uint32
	slab  []node
}

func (b *builder) node() *node {
	if len(b.slab) == 0 {
		b.slab = make([]node, slabNodes)
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	n.batch = b.batch
	return n
}

// root makes a shelf; its leaves are parts of the list, which belongs to them from now on.
func (b *builder) root(list []recommend.Ordinal) *node {
	var w shelver
	var level []*node
	for part := range evenly(list, maxItems) {
		n := b.node()
		n.items = part
		level = append(level, w.refresh(n))
	}
	for len(level) > 1 {
		var above []*node
		for part := range evenly(level, maxKids) {
			n := b.node()
			n.kids = part
			above = append(above, w.refresh(n))
		}
		level = above
	}
	return level[0]
}

// evenly cuts a list into as few parts as hold at most so many each, nearly equal.
func evenly[T any](list []T, most int) func(func([]T) bool) {
	return func(yield func([]T) bool) {
		parts := (len(list) + most - 1) / most
		for i := range parts {
			from, to := i*len(list)/parts, (i+1)*len(list)/parts
			if !yield(list[from:to:to]) {
				return
			}
		}
	}
}
