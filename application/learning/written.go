package learning

import (
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// written is a student's own part of a snapshot, read back.
type written struct {
	pace    pace
	stats   StudentStats
	courses []course // feed and blend are nil
	learned []recommend.Learned
	pupils  pupils
}

// mostWritten bounds how many courses and features a snapshot may speak of.
const mostWritten = 1000

// write puts down the student's own part, with a checksum. Items are named by id, viewers by a hash.
func (s *Student) write(to io.Writer) error {
	w := &ink{to: to, sum: crc32.NewIEEE()}
	w.u64(uint64(s.pace.second), uint64(s.pace.studies), s.stats.Choices, s.stats.Studied, s.stats.Found, s.stats.Missed,
		s.stats.Sampled, s.stats.Capped, s.stats.Hurried)
	w.u64(uint64(len(s.courses)))
	for i := range s.courses {
		c := &s.courses[i]
		w.text(c.name)
		w.text(c.key)
		w.u64(max(s.Model(), uint64(c.after)), c.choices, uint64(c.counted))
		var l recommend.Learned
		if c.blend != nil {
			l = c.blend.Learned()
		}
		w.u64(l.Steps)
		writeLeaning(w, l.Leaning)
		w.u64(uint64(len(l.Apart)))
		for _, name := range slices.Sorted(maps.Keys(l.Apart)) {
			w.text(name)
			writeLeaning(w, l.Apart[name])
		}
	}
	places := s.writeItems(w)
	w.u64(uint64(len(s.pupils.at)))
	for i := s.pupils.oldest; i != nobody; i = s.pupils.all[i].newer {
		p := &s.pupils.all[i]
		w.u64(p.key, uint64(p.own.since), uint64(p.own.choices), uint64(p.server.since), uint64(p.server.choices), uint64(len(p.acts)), uint64(len(p.met)))
		for _, a := range p.acts {
			w.u32(a.at, places[a.item], a.watched, a.duration, uint32(a.session)<<8|uint32(a.act))
		}
		for _, m := range p.met {
			w.u32(places[m.item()] | uint32(m&chosen))
		}
	}
	w.flush()
	w.u32(w.sum.Sum32())
	w.flush()
	return w.err
}

func writeLeaning(w *ink, l recommend.Leaning) {
	w.u64(uint64(len(l.Weights)))
	for _, name := range slices.Sorted(maps.Keys(l.Weights)) {
		w.text(name)
		w.u64(math.Float64bits(l.Weights[name]), math.Float64bits(l.Squares[name]))
	}
}

func readLeaning(r *eye) recommend.Leaning {
	l := recommend.Leaning{Weights: map[string]float64{}, Squares: map[string]float64{}}
	for range r.count(mostWritten) {
		name := r.text()
		l.Weights[name], l.Squares[name] = r.number(), r.number()
	}
	return l
}

// writeItems writes the ids of all items that pupils remember, and returns their places in the list.
func (s *Student) writeItems(w *ink) map[recommend.Ordinal]uint32 {
	places := map[recommend.Ordinal]uint32{}
	var order []recommend.Ordinal
	add := func(at recommend.Ordinal) {
		if _, known := places[at]; !known {
			places[at] = uint32(len(order))
			order = append(order, at)
		}
	}
	for i := s.pupils.oldest; i != nobody; i = s.pupils.all[i].newer {
		for _, a := range s.pupils.all[i].acts {
			add(a.item)
		}
		for _, m := range s.pupils.all[i].met {
			add(m.item())
		}
	}
	w.u64(uint64(len(order)))
	ids := make([]catalog.ItemID, len(order))
	s.index.View().IDs(order, ids)
	for _, id := range ids {
		w.text(string(id))
	}
	return places
}

// read reads what write wrote, and no further.
func (s *Student) read(from io.Reader) (*written, error) {
	r := &eye{from: from, sum: crc32.NewIEEE()}
	x := &written{pupils: newPupils(s.o.Viewers)}
	x.pace = pace{second: int64(r.u64()), studies: int(r.u64())}
	x.stats = StudentStats{Choices: r.u64(), Studied: r.u64(), Found: r.u64(), Missed: r.u64(), Sampled: r.u64(), Capped: r.u64(), Hurried: r.u64()}
	for range r.count(mostWritten) {
		c := course{name: r.text(), key: r.text(), after: engagement.Offset(r.u64()), choices: r.u64(), counted: engagement.Offset(r.u64())}
		l := recommend.Learned{Steps: r.u64(), Leaning: readLeaning(r), Apart: map[string]recommend.Leaning{}}
		for range r.count(mostWritten) {
			name := r.text()
			l.Apart[name] = readLeaning(r)
		}
		x.courses, x.learned = append(x.courses, c), append(x.learned, l)
	}
	items := x.readItems(r, s.index.View())
	for range r.count(s.o.Viewers) {
		x.readPupil(r, items)
		if r.err != nil {
			return nil, r.err
		}
	}
	sum := r.sum.Sum32()
	if r.u32() != sum && r.err == nil {
		return nil, ErrSnapshotDamaged
	}
	return x, r.err
}

func (x *written) readItems(r *eye, view recommend.View) []recommend.Ordinal {
	var (
		items []recommend.Ordinal
		id    [1]catalog.ItemID
		at    [1]recommend.Ordinal
	)
	for range r.count(view.Len()) {
		if id[0] = catalog.ItemID(r.text()); r.err != nil {
			return nil
		}
		view.Locate(id[:], at[:])
		if at[0] == recommend.Nowhere {
			r.fail(ErrSnapshotForeign)
			return nil
		}
		items = append(items, at[0])
	}
	return items
}

func (x *written) readPupil(r *eye, items []recommend.Ordinal) {
	key := r.u64()
	own, server := hour{int64(r.u64()), int(r.u64())}, hour{int64(r.u64()), int(r.u64())}
	acts, mets := r.count(audience.MaxActions), r.count(mostMet)
	if _, twice := x.pupils.at[key]; twice || r.err != nil {
		r.fail(ErrSnapshotDamaged)
		return
	}
	p := x.pupils.visitKey(key)
	p.own, p.server = own, server
	place := func(n uint32) recommend.Ordinal {
		if int(n) >= len(items) {
			r.fail(ErrSnapshotDamaged)
			return 0
		}
		return items[n]
	}
	for range acts {
		a := act{at: r.u32(), item: place(r.u32()), watched: r.u32(), duration: r.u32()}
		last := r.u32()
		a.session, a.act = uint16(last>>8), audience.Act(last)
		if r.err != nil {
			return
		}
		p.acts = pushed(p.acts, a, audience.MaxActions)
	}
	for range mets {
		n := r.u32()
		m := met(place(n&^uint32(chosen))) | met(n)&chosen
		if r.err != nil {
			return
		}
		p.met = pushed(p.met, m, mostMet)
	}
	x.pupils.places += p.bytes()
}

// adopt goes on from what was read. Feeds that began with other weights, or are new, know nothing of it.
func (s *Student) adopt(x *written) {
	s.pace, s.stats, s.pupils = x.pace, x.stats, x.pupils
	for i := range s.courses {
		c := &s.courses[i]
		for j, was := range x.courses {
			if c.blend != nil && was.name == c.name && was.key == c.key {
				c.after, c.choices, c.counted = was.after, was.choices, was.counted
				c.blend.Restore(x.learned[j])
			}
		}
	}
}
