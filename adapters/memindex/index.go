package memindex

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Index is the catalogue in memory: recommend.Index. Readers never wait; writers take turns.
type Index struct {
	view      atomic.Pointer[view]
	counts    counts
	followers followers

	writing sync.Mutex
	seed    maphash.Seed
	batch   uint32
	version uint64
	n       uint32 // items, the batch under way included
	live    int    // items that are published
	bytes   int    // of entries and postings
	ids     table
	numbers table
	names   [recommend.NumFields]dictionary
	entries draft[*entry]
	times   []int64 // when each item was published
	all     *node
	shelves [recommend.NumFields]draft[*node]
	words   words

	room   *slab        // of a catalogue that is read as a whole
	loaded atomic.Int64 // items that Load has, while it runs
}

// New is an empty index.
func New() *Index {
	x := &Index{seed: maphash.MakeSeed(), words: words{most: maxVocabulary}}
	x.view.Store(&view{seed: x.seed})
	return x
}

// View implements recommend.Index.
func (x *Index) View() recommend.View { return x.view.Load() }

// Apply takes item snapshots in any order and returns how many were news; the next View shows them
// all. A snapshot no newer than what is held changes nothing, also when what is held is removed.
// Nothing in items is kept.
func (x *Index) Apply(items []catalog.Snapshot) (applied int) {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.begin()
	for i := range items {
		if x.apply(&items[i]) {
			applied++
		}
	}
	if applied > 0 {
		known := x.view.Load().n
		v := x.publish()
		x.view.Store(v)
		x.counts.settle(v, known)
	}
	return applied
}

func (x *Index) begin() {
	x.batch++
	seen := x.view.Load()
	x.entries.begin(int(seen.n))
	for f := range x.shelves {
		x.shelves[f].begin(len(seen.names[f].list))
	}
	x.words.begin(len(seen.names[recommend.WordField].list))
}

func (x *Index) publish() *view {
	v := &view{version: x.version, n: x.n, seed: x.seed, ids: x.ids.slots, numbers: x.numbers.slots,
		entries: x.entries.vector, all: x.all, carriers: x.words.carriers.vector}
	for f := range x.names {
		v.names[f] = x.names[f].readable()
		v.shelves[f] = x.shelves[f].vector
	}
	return v
}

func (x *Index) apply(s *catalog.Snapshot) bool {
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
	x.version += s.Version
	if old == nil {
		at = recommend.Ordinal(x.n)
		x.n++
	} else {
		x.version -= old.version
	}
	x.reshelve(at, old, e)
	x.register(hash, at, old, e)
	return true
}

// unfit reports that no item is like that.
func unfit(s *catalog.Snapshot) bool {
	return s.Number == 0 || s.ID == "" || len(s.ID) > catalog.MaxIDBytes || len(s.Details.Title) > catalog.MaxTitleBytes
}

func (x *Index) find(hash uint32, id catalog.ItemID) recommend.Ordinal {
	p := look(x.ids.slots, hash)
	for o, ok := p.next(); ok; o, ok = p.next() {
		if x.entries.get(o).id() == id {
			return recommend.Ordinal(o)
		}
	}
	return recommend.Nowhere
}

func (x *Index) entry(s *catalog.Snapshot) *entry {
	d := &s.Details
	e := x.room.entry()
	e.text, e.version, e.changed = pack(s, x.room), s.Version, s.ChangedAt.UnixMilli()
	e.Number, e.State, e.Published = s.Number, s.State, d.PublishedAt.UnixMilli()
	if !d.ExpiresAt.IsZero() {
		e.Expires = d.ExpiresAt.UnixMilli()
		if e.Expires == 0 {
			e.Expires = -1 // the epoch itself, which as 0 would mean never
		}
	}
	e.Duration = uint32(min(d.Duration.Milliseconds(), 1<<32-1))
	e.Author = x.term(recommend.AuthorField, string(d.Author))
	e.Lang = x.term(recommend.LangField, d.Lang)
	e.Region = x.term(recommend.RegionField, d.Region)
	words := x.wordsOf(s)
	tags, marks := len(d.Tags), len(d.Tags)+len(words)
	if n := marks + len(d.Labels); n > 0 {
		terms := x.room.list(n)
		for i, name := range d.Tags {
			terms[i] = x.term(recommend.TagField, name)
		}
		copy(terms[tags:], words)
		for i, name := range d.Labels {
			terms[marks+i] = x.term(recommend.LabelField, name)
		}
		e.Tags, e.Words, e.Labels = terms[:tags:tags], terms[tags:marks:marks], terms[marks:]
	}
	return e
}

// term finds or makes the term of a name, and the place of its shelf.
func (x *Index) term(f recommend.Field, name string) recommend.Term {
	d := &x.names[f]
	known := len(d.list)
	t := d.learn(x.seed, name)
	if f != recommend.LabelField {
		for ; known < len(d.list); known++ {
			x.shelves[f].set(uint32(known), nil)
		}
	}
	return t
}

// reshelve puts e in old's place, on the shelves and in the list of entries; old is nil for a new item.
func (x *Index) reshelve(at recommend.Ordinal, old, e *entry) {
	if old == nil {
		x.times = append(x.times, e.Published)
	}
	w := shelver{batch: x.batch, entries: &x.entries.vector, published: x.times}
	moved := old == nil || old.Published != e.Published || old.Number != e.Number
	if old != nil && old.State == catalog.Published {
		x.live--
		eachShelf(old, func(s recommend.Shelf) {
			if moved || e.State != catalog.Published || !onShelf(&e.Traits, s) {
				x.replace(s, func(root *node) *node { return w.remove(root, at) })
			}
		})
	}
	x.recount(old, e)
	x.entries.set(uint32(at), e)
	x.times[at] = e.Published
	if e.State == catalog.Published {
		x.live++
		eachShelf(e, func(s recommend.Shelf) {
			if moved || old.State != catalog.Published || !onShelf(&old.Traits, s) {
				x.replace(s, func(root *node) *node { return w.insert(root, at) })
			}
		})
	}
	x.bytes += e.bytes()
	if old != nil {
		x.bytes -= old.bytes()
	}
}

// replace changes the root of a shelf.
func (x *Index) replace(s recommend.Shelf, change func(*node) *node) {
	if s.All {
		x.all = change(x.all)
		return
	}
	roots := &x.shelves[s.Field]
	old := roots.get(uint32(s.Term))
	if old == crowded {
		return
	}
	if root := change(old); root != old {
		roots.set(uint32(s.Term), root)
	}
}

// Stats says what the index holds.
type Stats struct {
	Items int // hidden and removed ones included; while Load runs, those that it has
	Live  int // published ones, whether expired or not
	Terms int // of all fields
	Bytes int // an estimate
}

// Stats tells what is held now.
func (x *Index) Stats() Stats {
	x.writing.Lock()
	defer x.writing.Unlock()
	s := Stats{Items: int(x.n), Live: x.live}
	if x.n == 0 {
		s.Items = int(x.loaded.Load())
	}
	s.Bytes = x.bytes + 8*(len(x.ids.slots)+len(x.numbers.slots)+int(x.n))
	for f := range x.names {
		d := &x.names[f]
		s.Terms += max(0, len(d.list)-1)
		s.Bytes += d.bytes + 8*len(d.table.slots) + 8*len(d.list)
	}
	s.Bytes += 4 * len(x.names[recommend.WordField].list)
	return s
}
