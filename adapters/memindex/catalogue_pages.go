package memindex

import (
	"encoding/binary"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// A page begins with three lengths: items, their terms, their text in bytes. Then come a record for each item, the terms
// (tags, words, labels) and the texts.
const (
	pageHead    = 12
	recordBytes = 76
)

func (w *framer) page(v *view, items []recommend.Ordinal, as *[recommend.NumFields]written) {
	terms, text := 0, 0
	for _, o := range items {
		e := v.entries.get(uint32(o))
		terms, text = terms+len(e.Tags)+len(e.Words)+len(e.Labels), text+len(e.text)
	}
	w.u32(uint32(len(items)))
	w.u32(uint32(terms))
	w.u32(uint32(text))
	for _, o := range items {
		e := v.entries.get(uint32(o))
		w.u64(uint64(e.Number))
		w.u64(uint64(e.Published))
		w.u64(uint64(e.Expires))
		w.u64(e.version)
		w.u64(uint64(e.changed))
		w.u32(as[recommend.AuthorField].of(e.Author))
		w.u32(as[recommend.LangField].of(e.Lang))
		w.u32(as[recommend.RegionField].of(e.Region))
		w.u32(e.Duration)
		w.u32(uint32(len(e.text)))
		w.u32(uint32(len(e.Tags)))
		w.u32(uint32(len(e.Words)))
		w.u32(uint32(len(e.Labels)))
		w.u32(uint32(e.State))
	}
	for _, o := range items {
		e := v.entries.get(uint32(o))
		for _, t := range e.Tags {
			w.u32(as[recommend.TagField].of(t))
		}
		for _, t := range e.Words {
			w.u32(as[recommend.WordField].of(t))
		}
		for _, t := range e.Labels {
			w.u32(as[recommend.LabelField].of(t))
		}
	}
	for _, o := range items {
		w.buf = append(w.buf, v.entries.get(uint32(o)).text...)
	}
	w.end()
}

// page is some items that lie together: one slab of entries, one of terms, one of text. Each stays in memory as long as
// one of its items is as it was; items that changed since are held apart, so all pages together hold back at most what
// they took at first, until the next start.
type page struct {
	entries []entry
	version uint64 // the sum
	bytes   int
}

// readPage makes a page of so many items. Terms are below the limits of their fields.
func readPage(frame []byte, items int, limits *[recommend.NumFields]uint32) (p page, err error) {
	b, err := opened(frame)
	if err != nil {
		return p, err
	}
	if len(b) < pageHead || int(binary.LittleEndian.Uint32(b)) != items {
		return p, ErrCatalogueDamaged
	}
	terms, long := int(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint32(b[8:]))
	if b = b[pageHead:]; len(b) != items*recordBytes+4*terms+long {
		return p, ErrCatalogueDamaged
	}
	r := pageReader{records: b, terms: b[items*recordBytes:][:4*terms], text: string(b[len(b)-long:]), room: make([]recommend.Term, terms), limits: limits}
	p.entries = make([]entry, items)
	for i := range p.entries {
		e := &p.entries[i]
		if !r.read(e) {
			return page{}, ErrCatalogueDamaged
		}
		p.version += e.version
		p.bytes += e.bytes()
	}
	if len(r.text) > 0 || len(r.terms) > 0 {
		return page{}, ErrCatalogueDamaged
	}
	return p, nil
}

type pageReader struct {
	records, terms []byte
	text           string
	room           []recommend.Term // where terms go
	limits         *[recommend.NumFields]uint32
}

// read fills the next entry and reports whether it is one that an index may hold.
func (r *pageReader) read(e *entry) bool {
	b := r.records[:recordBytes]
	r.records = r.records[recordBytes:]
	u32, u64 := binary.LittleEndian.Uint32, binary.LittleEndian.Uint64
	e.Number, e.Published, e.Expires = catalog.Number(u64(b)), int64(u64(b[8:])), int64(u64(b[16:]))
	e.version, e.changed = u64(b[24:]), int64(u64(b[32:]))
	author, lang, region := u32(b[40:]), u32(b[44:]), u32(b[48:])
	if e.Number == 0 || author >= r.limits[recommend.AuthorField] || lang >= r.limits[recommend.LangField] || region >= r.limits[recommend.RegionField] {
		return false
	}
	e.Author, e.Lang, e.Region, e.Duration = recommend.Term(author), recommend.Term(lang), recommend.Term(region), u32(b[52:])
	long, tags, words, labels, state := int(u32(b[56:])), int(u32(b[60:])), int(u32(b[64:])), int(u32(b[68:])), u32(b[72:])
	if long > len(r.text) || state > uint32(catalog.Removed) || 4*(tags+words+labels) > len(r.terms) {
		return false
	}
	e.State, e.text, r.text = catalog.State(state), r.text[:long], r.text[long:]
	var ok [3]bool
	e.Tags, ok[0] = r.list(tags, recommend.TagField)
	e.Words, ok[1] = r.list(words, recommend.WordField)
	e.Labels, ok[2] = r.list(labels, recommend.LabelField)
	return ok[0] && ok[1] && ok[2] && wellPacked(e.text)
}

func (r *pageReader) list(n int, f recommend.Field) ([]recommend.Term, bool) {
	if n == 0 {
		return nil, true
	}
	list := r.room[:n:n]
	r.room = r.room[n:]
	for i := range list {
		t := binary.LittleEndian.Uint32(r.terms[4*i:])
		if t == 0 || t >= r.limits[f] {
			return nil, false
		}
		list[i] = recommend.Term(t)
	}
	r.terms = r.terms[4*n:]
	return list, true
}

// wellPacked reports whether pack could have made the text.
func wellPacked(text string) bool {
	if len(text) < 5 {
		return false
	}
	id, title := int(text[1])<<8|int(text[2]), int(text[3])<<8|int(text[4])
	return id > 0 && id <= catalog.MaxIDBytes && title <= catalog.MaxTitleBytes && 5+id+title <= len(text)
}
