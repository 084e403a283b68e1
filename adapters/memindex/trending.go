package memindex

import (
	"cmp"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// newestOfAuthor is how many of an author's newest items can be trending among them.
const newestOfAuthor = 256

// ranked is an item on its way into a trending list.
type ranked struct {
	slot  uint32
	item  recommend.Ordinal
	score float32
}

func byScore(a, b ranked) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return cmp.Compare(a.slot, b.slot)
}

// ranking is scratch memory of Trending.
type ranking struct {
	slots []uint32
	seen  slotSet
	list  []ranked
	ords  [newestOfAuthor]recommend.Ordinal
}

// slotSet is a set of slots: open addressing with linear probing, at most half full.
type slotSet []uint32

// clear empties it and makes room for n.
func (s *slotSet) clear(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if size > cap(*s) {
		*s = make(slotSet, size)
		return
	}
	*s = (*s)[:size]
	clear(*s)
}

// add reports whether the slot is new.
func (s slotSet) add(slot uint32) bool {
	mask := uint32(len(s) - 1)
	for i := slot * 2654435769 >> 8 & mask; ; i = (i + 1) & mask {
		switch s[i] {
		case slot + 1:
			return false
		case 0:
			s[i] = slot + 1
			return true
		}
	}
}

var rankings = sync.Pool{New: func() any { return new(ranking) }}

// Trending implements recommend.Signals, in the order of Popularity; ties by who came first. Of an
// author the newest few hundred items can be on the list, of other shelves the Options.Top that are
// highest by any of the half-lives. Hidden and removed items are not on it.
func (l *Learner) Trending(s recommend.Shelf, now time.Time, skip int, into []recommend.Ordinal) int {
	if len(into) == 0 {
		return 0
	}
	skip = max(0, skip)
	l.mu.RLock()
	defer l.mu.RUnlock()
	v := l.index.view.Load()
	asked := question{s, l.turns, v.version, l.fame.moment(now.UnixMilli())}
	said := l.answers.to(asked, skip+len(into))
	if said == nil {
		said = l.rank(v, asked, skip+len(into))
	}
	return copy(into, said.items[min(skip, len(said.items)):])
}

// rank answers with at least so many items, where there are as many.
func (l *Learner) rank(v *view, asked question, want int) *answer {
	scratch := rankings.Get().(*ranking)
	defer rankings.Put(scratch)
	s := asked.shelf
	scratch.list = scratch.list[:0]
	want = max(want, leastAnswer)
	if !s.All && s.Field == recommend.AuthorField {
		scratch.author(l, v, s, asked.at)
		want = len(scratch.list) + 1
	} else if c := l.charts.find(s); c != nil {
		scratch.chart(l, v, s, c, asked.at, want)
	}
	said := &answer{question: asked, whole: len(scratch.list) < want}
	said.items = make([]recommend.Ordinal, min(want, len(scratch.list)))
	for i := range said.items {
		said.items[i] = scratch.list[i].item
	}
	l.answers.keep(said)
	return said
}

func (x *ranking) author(l *Learner, v *view, s recommend.Shelf, at int64) {
	x.slots = x.slots[:0]
	for _, o := range x.ords[:v.Newest(s, 0, x.ords[:])] {
		if slot := l.items.known(o); slot != nobody {
			x.slots = append(x.slots, slot)
		}
	}
	x.rank(l, v, s, at, len(x.slots))
}

// chart finds the first items of a shelf in exact order without looking at all: popularity is a
// sum over the windows, so what is in none of the parts looked at so far cannot be more popular
// than the ends of those parts together (Fagin's threshold algorithm).
func (x *ranking) chart(l *Learner, v *view, s recommend.Shelf, c *chart, at int64, want int) {
	shares := l.fame.shares()
	for depth := want + want/4; ; depth *= 2 {
		x.slots = x.slots[:0]
		x.seen.clear(windows * depth)
		rest, more := 0.0, false
		for w := range c {
			n := min(depth, len(c[w].slots))
			for _, slot := range c[w].slots[:n] {
				if x.seen.add(slot) {
					x.slots = append(x.slots, slot)
				}
			}
			if n < len(c[w].slots) {
				rest, more = rest+shares[w]*worthOf(c[w].keys[n], w, at), true
			}
		}
		x.rank(l, v, s, at, want)
		if !more || (len(x.list) >= want && float64(x.list[want-1].score) > rest) {
			return
		}
	}
}

// rank lists those of the slots that are on the shelf, the first so many in order.
func (x *ranking) rank(l *Learner, v *view, s recommend.Shelf, at int64, want int) {
	x.list = x.list[:0]
	shares := l.fame.shares()
	for _, slot := range x.slots {
		item := l.items.face(slot).item
		e := v.entries.get(uint32(item))
		if score := shares.of(l.items.at(slot), at); score > 0 && e.State == catalog.Published && onShelf(&e.Traits, s) {
			x.list = append(x.list, ranked{slot, item, score})
		}
	}
	recommend.Top(x.list, want, byScore)
}
