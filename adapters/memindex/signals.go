package memindex

import (
	"cmp"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// smoothing keeps links from items that little is known of from being strong.
const smoothing = 5

// newestOfAuthor is how many of an author's newest items can be trending among them.
const newestOfAuthor = 256

// After implements recommend.Signals: at most Options.Neighbours for each item. The strength is
// C/(row+5) · (5/(5+p))^0.2, where C counts how often viewers turned from the one to the other, 0.9
// as much for each good act between, row is the sum of those counts and p the good acts on the other.
func (l *Learner) After(of []recommend.Ordinal, n int, into []recommend.Link) []recommend.Link {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for from, at := range of {
		slot := l.items.known(at)
		if slot == nobody {
			continue
		}
		r := l.items.at(slot).row
		if r == nil {
			continue
		}
		start := len(into)
		tos := r.tos[:min(len(r.tos), n+n/4)]
		counts, part := r.counts[:len(tos)], 1/(r.sum+smoothing)
		for i, to := range tos {
			share := counts[i] * part
			if share > 1 {
				share = 1
			}
			f := l.items.face(to - 1)
			if s := share * f.damp; s > 0 {
				into = append(into, recommend.Link{From: from, To: f.item, Strength: s})
			}
		}
		links := into[start:]
		for i := 1; i < len(links); i++ { // nearly in order already
			x, j := links[i], i
			for ; j > 0 && links[j-1].Strength < x.Strength; j-- {
				links[j] = links[j-1]
			}
			links[j] = x
		}
		into = into[:start+min(n, len(links))]
	}
	return into
}

// Popularity implements recommend.Signals: a mixture of counts with half-lives of an hour, a day
// and a week, weighted as the stream taught, in good acts as a day's half-life would count them.
func (l *Learner) Popularity(of []recommend.Ordinal, now time.Time, into []float32) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at := l.fame.moment(now.UnixMilli())
	shares := l.fame.shares()
	for i, o := range of {
		into[i] = 0
		if slot := l.items.known(o); slot != nobody {
			into[i] = shares.of(l.items.at(slot), at)
		}
	}
}

// Fame implements recommend.Signals. Unlike popularity it goes by the time asked for: after a silence, what was
// liked last is not what is liked now.
func (l *Learner) Fame(of []recommend.Ordinal, now time.Time, into []recommend.Fame) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at := now.UnixMilli()
	for i, o := range of {
		into[i] = recommend.Fame{Known: -1}
		slot := l.items.known(o)
		if slot == nobody {
			continue
		}
		r := l.items.at(slot)
		if r.total == 0 {
			continue
		}
		left := fades(max(0, at-r.praisedAt))
		for w := range into[i].Recent {
			into[i].Recent[w] = float32(float64(r.good[w]) * left[w])
		}
		into[i].Ever = r.total
		into[i].Known = max(0, time.Duration(at-r.bornAt)*time.Millisecond)
	}
}

// Trials implements recommend.Signals, with a half-life of 30 days before the newest event. A viewer
// who meets an item again within some two dozen others met it once.
func (l *Learner) Trials(of []recommend.Ordinal, into []recommend.Trial) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i, o := range of {
		into[i] = recommend.Trial{}
		if slot := l.items.known(o); slot != nobody {
			into[i] = l.items.at(slot).trial(l.fame.now)
		}
	}
}

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
	scratch := rankings.Get().(*ranking)
	defer rankings.Put(scratch)
	l.mu.RLock()
	defer l.mu.RUnlock()
	v := l.index.view.Load()
	at := l.fame.moment(now.UnixMilli())
	if !s.All && s.Field == recommend.AuthorField {
		scratch.author(l, v, s, at)
	} else if c := l.charts.find(s); c != nil {
		scratch.chart(l, v, s, c, at, skip+len(into))
	} else {
		return 0
	}
	n := 0
	for i := skip; i < len(scratch.list) && n < len(into); i++ {
		into[n] = scratch.list[i].item
		n++
	}
	return n
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
