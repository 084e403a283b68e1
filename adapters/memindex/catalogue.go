package memindex

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// Why a written index is not taken over.
var (
	ErrCatalogueDamaged = fault.New(fault.Internal, "catalogue_damaged", "the snapshot of the catalogue is damaged or of an unknown format")
	errNotEmpty         = fault.New(fault.Internal, "index_not_empty", "only an index that holds nothing takes over a snapshot")
)

// The first words of a written index; the second changes with its format.
const (
	catalogueMagic   = 0x54434c46
	catalogueVersion = 1
)

// lastChanged is how many of the items that changed last Save tells of.
const lastChanged = 32

// wordsKey changes with what words titles have: terms of an index that was written with others mean something else.
func wordsKey() uint64 {
	words := recommend.Words(norm.NFKC.String("The ﬁrst Words of 東京タワー, año 2026 – ภาษาไทย, 12345 x9y"), nil)
	return digest(fmt.Sprint(words, norm.Version, recommend.MaxWords))
}

// Save writes all items as the newest View shows them, for Restore: in the order of the shelf of all, the others after
// them, and of names only those that an item has. Before the first byte it tells head some of the items that changed last
// and the one with the highest number. Neither readers nor Apply are kept waiting.
func (x *Index) Save(to io.Writer, head func(last []catalog.Snapshot) error) error {
	v := x.view.Load()
	if err := head(v.lastChanged()); err != nil {
		return err
	}
	order := v.order()
	w := &framer{to: to}
	w.u32(catalogueMagic)
	w.u32(catalogueVersion)
	w.u64(wordsKey())
	w.u32(uint32(len(order)))
	w.u32(v.live())
	w.end()
	terms := v.renumber(order)
	for f := range terms {
		w.names(v.names[f].list, terms[f].used)
	}
	for page := range slices.Chunk(order, pageItems) {
		w.page(v, page, &terms)
	}
	return w.err
}

// live is how many items are published.
func (v *view) live() uint32 {
	if v.all == nil {
		return 0
	}
	return v.all.count
}

// order is every ordinal: those on the shelf of all as they are there, then the others.
func (v *view) order() []recommend.Ordinal {
	order := make([]recommend.Ordinal, v.n)
	at := v.all.copyTo(0, order)
	for o := range v.n {
		if v.entries.get(o).State != catalog.Published {
			order[at] = recommend.Ordinal(o)
			at++
		}
	}
	return order[:at]
}

// lastChanged are items as far as they tell whose state they are of: the ones that changed last, and the highest number.
func (v *view) lastChanged() []catalog.Snapshot {
	var last []*entry
	var newest *entry
	for o := range v.n {
		e := v.entries.get(o)
		if newest == nil || e.Number > newest.Number {
			newest = e
		}
		if len(last) == lastChanged && e.changed <= last[0].changed {
			continue
		}
		at, _ := slices.BinarySearchFunc(last, e, func(a, b *entry) int { return cmp.Compare(a.changed, b.changed) })
		last = slices.Insert(last, at, e)
		if len(last) > lastChanged {
			last = slices.Delete(last, 0, 1)
		}
	}
	if newest != nil && !slices.Contains(last, newest) {
		last = append(last, newest)
	}
	told := make([]catalog.Snapshot, len(last))
	for i, e := range last {
		told[i] = catalog.Snapshot{ID: e.id(), Number: e.Number, State: e.State, Version: e.version, ChangedAt: timeOf(e.changed)}
	}
	return told
}

// written are the terms of one field as they are numbered in a file.
type written struct {
	as   []uint32         // by term; 0: no item has it
	used []recommend.Term // by number in the file, from 1 on
}

func (t *written) of(term recommend.Term) uint32 {
	if term != 0 && t.as[term] == 0 {
		t.used = append(t.used, term)
		t.as[term] = uint32(len(t.used))
	}
	return t.as[term]
}

// renumber numbers the terms that items have, in the order of the items.
func (v *view) renumber(order []recommend.Ordinal) (terms [recommend.NumFields]written) {
	for f := range terms {
		terms[f].as = make([]uint32, max(1, len(v.names[f].list)))
	}
	for _, o := range order {
		e := v.entries.get(uint32(o))
		terms[recommend.AuthorField].of(e.Author)
		terms[recommend.LangField].of(e.Lang)
		terms[recommend.RegionField].of(e.Region)
		for _, t := range e.Tags {
			terms[recommend.TagField].of(t)
		}
		for _, t := range e.Words {
			terms[recommend.WordField].of(t)
		}
		for _, t := range e.Labels {
			terms[recommend.LabelField].of(t)
		}
	}
	return terms
}
