package memindex

import (
	"unsafe"

	"github.com/freshet/freshet/domain/recommend"
)

// How much a slab allocates at once.
const (
	slabEntries = 256
	slabTerms   = 8192
	slabText    = 32 << 10
)

// slab hands out the parts of entries that come together, many from one allocation. An allocation stays in memory while
// one of its entries does: slabs are for catalogues that are read as a whole, and nil hands out each part by itself.
type slab struct {
	entries []entry
	terms   []recommend.Term
	text    []byte
}

func (s *slab) entry() *entry {
	if s == nil {
		return new(entry)
	}
	if len(s.entries) == 0 {
		s.entries = make([]entry, slabEntries)
	}
	e := &s.entries[0]
	s.entries = s.entries[1:]
	return e
}

func (s *slab) list(n int) []recommend.Term {
	if s == nil || n > slabTerms/8 {
		return make([]recommend.Term, n)
	}
	if len(s.terms) < n {
		s.terms = make([]recommend.Term, slabTerms)
	}
	list := s.terms[:n:n]
	s.terms = s.terms[n:]
	return list
}

// room is n bytes that become a string by asString, and are not changed after that.
func (s *slab) room(n int) []byte {
	if s == nil || n > slabText/8 {
		return make([]byte, 0, n)
	}
	if len(s.text) < n {
		s.text = make([]byte, slabText)
	}
	room := s.text[:0:n]
	s.text = s.text[n:]
	return room
}

func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
