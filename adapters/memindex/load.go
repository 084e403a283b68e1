package memindex

import (
	"cmp"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Load takes a whole catalogue: what next hands over until that is nothing, in any order, and returns how much was news.
// It is Apply of all of it, in half the time on an index that holds nothing: shelves are made at the end, at once. The next
// View after it shows it all; until then, and when next fails, nothing has changed. Nothing that next hands over is kept.
func (x *Index) Load(next func() ([]catalog.Snapshot, error)) (applied int, err error) {
	y := x.draft()
	y.room = &slab{}
	y.begin()
	for {
		items, err := next()
		if err != nil {
			x.loaded.Store(0)
			return 0, err
		}
		if len(items) == 0 {
			break
		}
		for i := range items {
			if y.enter(&items[i]) {
				applied++
			}
		}
		x.loaded.Store(int64(y.n))
	}
	y.finish()
	defer x.loaded.Store(0)
	if x.become(y) {
		return applied, nil
	}
	return x.Apply(y.snapshots()), nil // somebody else wrote, too
}

// draft is an index that may become x.
func (x *Index) draft() *Index {
	y := New()
	y.seed, y.words.most = x.seed, x.words.most
	y.view.Store(&view{seed: x.seed})
	return y
}

// become takes over what y holds, if x holds nothing itself.
func (x *Index) become(y *Index) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.n > 0 {
		return false
	}
	x.batch, x.version, x.n, x.live, x.bytes = y.batch, y.version, y.n, y.live, y.bytes
	x.ids, x.numbers, x.names, x.entries, x.times = y.ids, y.numbers, y.names, y.entries, y.times
	x.all, x.shelves, x.words = y.all, y.shelves, y.words
	v := x.publish()
	x.view.Store(v)
	x.counts.settle(v, 0)
	return true
}

// enter is apply without shelves, while nobody reads.
func (x *Index) enter(s *catalog.Snapshot) bool {
	if unfit(s) {
		return false
	}
	hash := hashOf(x.seed, string(s.ID))
	at := x.find(hash, s.ID)
	var old *entry
	if at != recommend.Nowhere {
		if old = x.entries.get(uint32(at)); old.version >= s.Version {
			return false
		}
	}
	e := x.entry(s)
	if old == nil {
		at = recommend.Ordinal(x.n)
		x.n++
		x.times = append(x.times, 0)
	} else {
		x.version -= old.version
		x.bytes -= old.bytes()
	}
	x.version += e.version
	x.bytes += e.bytes()
	x.times[at] = e.Published
	x.entries.set(uint32(at), e)
	x.register(hash, at, old, e)
	return true
}

// register enters an item under its id and its number.
func (x *Index) register(hash uint32, at recommend.Ordinal, old, e *entry) {
	if old == nil {
		x.ids.add(hash, uint32(at))
	}
	if old == nil || old.Number != e.Number {
		x.numbers.add(scramble(uint64(e.Number)), uint32(at))
	}
}

// finish puts what was entered on its shelves.
func (x *Index) finish() {
	var order []recommend.Ordinal
	for o := range x.n {
		if x.entries.get(o).State == catalog.Published {
			order = append(order, recommend.Ordinal(o))
		}
	}
	slices.SortFunc(order, func(a, b recommend.Ordinal) int {
		if by := cmp.Compare(x.times[b], x.times[a]); by != 0 {
			return by
		}
		switch e, f := x.entries.get(uint32(a)), x.entries.get(uint32(b)); {
		case e.comesBefore(f):
			return -1
		case f.comesBefore(e):
			return 1
		}
		return 0
	})
	x.live = len(order)
	x.shelve(order)
}

// snapshots are all items of a draft.
func (x *Index) snapshots() []catalog.Snapshot {
	v := x.publish()
	all := make([]recommend.Ordinal, v.n)
	for o := range all {
		all[o] = recommend.Ordinal(o)
	}
	items, copies := make([]*catalog.Snapshot, v.n), make([]catalog.Snapshot, v.n)
	v.Items(all, items)
	for i, s := range items {
		copies[i] = *s
	}
	return copies
}
