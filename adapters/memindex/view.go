package memindex

import (
	"hash/maphash"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// view is what Index.View hands out. Only tables are shared with the writer, and those only grow:
// what they say of ordinals and terms past the view's own lengths is not looked at.
type view struct {
	version  uint64
	n        uint32
	seed     maphash.Seed
	ids      []uint64
	numbers  []uint64
	entries  vector[*entry]
	names    [recommend.NumFields]names
	all      *node
	shelves  [recommend.NumFields]vector[*node]
	carriers vector[uint32] // by word
}

// Version implements recommend.View.
func (v *view) Version() uint64 { return v.version }

// Len implements recommend.View.
func (v *view) Len() int { return int(v.n) }

// Locate implements recommend.View.
func (v *view) Locate(ids []catalog.ItemID, into []recommend.Ordinal) {
	for i, id := range ids {
		into[i] = v.find(id)
	}
}

func (v *view) find(id catalog.ItemID) recommend.Ordinal {
	p := look(v.ids, hashOf(v.seed, string(id)))
	for o, ok := p.next(); ok; o, ok = p.next() {
		if o < v.n && v.entries.get(o).id() == id {
			return recommend.Ordinal(o)
		}
	}
	return recommend.Nowhere
}

// LocateNumbers implements recommend.View.
func (v *view) LocateNumbers(numbers []catalog.Number, into []recommend.Ordinal) {
	for i, number := range numbers { // they lie far apart: found first and looked at then, their cache misses overlap
		into[i] = recommend.Nowhere
		p := look(v.numbers, scramble(uint64(number)))
		if o, ok := p.next(); ok {
			into[i] = recommend.Ordinal(o)
		}
	}
	for i, number := range numbers {
		if o := uint32(into[i]); o < v.n && v.entries.get(o).Number == number {
			continue
		}
		into[i] = recommend.Nowhere
		p := look(v.numbers, scramble(uint64(number)))
		for o, ok := p.next(); ok; o, ok = p.next() {
			if o < v.n && v.entries.get(o).Number == number {
				into[i] = recommend.Ordinal(o)
				break
			}
		}
	}
}

// Describe implements recommend.View.
func (v *view) Describe(at []recommend.Ordinal, into []*recommend.Traits) {
	for i, o := range at {
		into[i] = nil
		if uint32(o) < v.n {
			into[i] = &v.entries.get(uint32(o)).Traits
		}
	}
}

// IDs implements recommend.View.
func (v *view) IDs(at []recommend.Ordinal, into []catalog.ItemID) {
	for i, o := range at {
		into[i] = ""
		if uint32(o) < v.n {
			into[i] = v.entries.get(uint32(o)).id()
		}
	}
}

// Items implements recommend.View.
func (v *view) Items(at []recommend.Ordinal, into []*catalog.Snapshot) {
	held, words := 0, 0
	for _, o := range at {
		if uint32(o) < v.n {
			e := v.entries.get(uint32(o))
			held, words = held+1, words+len(e.Tags)+len(e.Labels)
		}
	}
	snapshots, text := make([]catalog.Snapshot, held), make([]string, words)
	for i, o := range at {
		into[i] = nil
		if uint32(o) < v.n {
			e := v.entries.get(uint32(o))
			n := len(e.Tags) + len(e.Labels)
			into[i] = &snapshots[0]
			e.restore(v, into[i], text[:n:n])
			snapshots, text = snapshots[1:], text[n:]
		}
	}
}

// Terms implements recommend.View.
func (v *view) Terms(f recommend.Field, names []string, into []recommend.Term) {
	for i, name := range names {
		into[i] = 0
		if name != "" {
			into[i] = v.names[f].term(hashOf(v.seed, name), name)
		}
	}
}

// Name implements recommend.View.
func (v *view) Name(f recommend.Field, t recommend.Term) string { return v.names[f].name(t) }

// Carriers implements recommend.View.
func (v *view) Carriers(f recommend.Field, terms []recommend.Term, into []uint32) {
	for i, t := range terms {
		into[i] = 0
		if f == recommend.WordField {
			if t != 0 && int(t) < len(v.names[f].list) {
				into[i] = v.carriers.get(uint32(t))
			}
		} else if shelf := v.shelf(recommend.Shelf{Field: f, Term: t}); shelf != nil {
			into[i] = shelf.count
		}
	}
}

// Newest implements recommend.View. Hidden and removed items are on no shelf, expired ones are.
func (v *view) Newest(s recommend.Shelf, skip int, into []recommend.Ordinal) int {
	return v.shelf(s).copyTo(max(0, skip), into)
}

func (v *view) shelf(s recommend.Shelf) *node {
	switch {
	case s.All:
		return v.all
	case s.Field == recommend.LabelField || s.Field >= recommend.NumFields || s.Term == 0 || int(s.Term) >= len(v.names[s.Field].list):
		return nil
	}
	return v.shelves[s.Field].get(uint32(s.Term))
}
