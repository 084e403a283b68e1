package recommend

import (
	"cmp"
	"slices"
	"weak"

	"github.com/freshet/freshet/domain/audience"
)

// stance is how a viewer stands to authors, in terms of one index, and what they decided. Once it is kept it is read-only.
type stance struct {
	follows   termSet
	muted     termSet             // or blocked
	decisions []audience.Decision // the newest first
	unknown   bool                // of some author no item was ever seen

	// Where it is kept: whose index it is of, and of which version that was.
	of      weak.Pointer[Definition]
	version uint64
}

const (
	keepMany  = 64 // how much a viewer decides for it to be kept from page to page
	mostFeeds = 4  // that it is kept for, the last ones used
)

// stanceOf takes what is kept with a viewer who decided much. Terms stay what they are in all later views, so that only names
// that were unknown may have become known.
func (r *run) stanceOf(v *audience.Viewer) *stance {
	if v == nil || v.Size() <= keepMany {
		r.own.fill(r, v)
		return &r.own
	}
	of, version := weak.Make(r.def), r.view.Version()
	kept, _ := v.Kept().([]*stance)
	for _, s := range kept {
		if s.of == of && s.version <= version && (!s.unknown || s.version == version) {
			return s
		}
	}
	s := &stance{of: of, version: version}
	s.fill(r, v)
	others := slices.DeleteFunc(slices.Clone(kept), func(o *stance) bool { return o.of == of })
	others = others[max(0, len(others)-mostFeeds+1):]
	v.Keep(append(others, s))
	return s
}

func (s *stance) fill(r *run, v *audience.Viewer) {
	s.follows.reset()
	s.muted.reset()
	s.decisions, s.unknown = s.decisions[:0], false
	if v == nil {
		return
	}
	for _, relation := range []audience.Relation{audience.Follows, audience.Mutes, audience.Blocks} {
		names, set := r.names[:0], &s.muted
		for _, t := range v.Ties(relation) {
			names = append(names, string(t.Author))
		}
		if relation == audience.Follows {
			set = &s.follows
		}
		for _, t := range r.termsOf(AuthorField, names) {
			s.unknown = s.unknown || t == 0
			set.list = append(set.list, t)
		}
	}
	s.follows.order()
	s.muted.order()
	s.decisions = append(s.decisions, v.Decisions()...)
	slices.SortFunc(s.decisions, func(a, b audience.Decision) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Target.Kind, b.Target.Kind), cmp.Compare(a.Target.ID, b.Target.ID))
	})
}

// termSet is terms in order, 0 for each whose name is unknown, and bits by which most others are told at once.
type termSet struct {
	list []Term
	bits []uint64
}

func (s *termSet) reset() { s.list, s.bits = s.list[:0], s.bits[:0] }

// order is called when the list is complete.
func (s *termSet) order() {
	slices.Sort(s.list)
	words := 1
	for words < len(s.list)/4 {
		words *= 2
	}
	s.bits = slices.Grow(s.bits[:0], words)[:words]
	clear(s.bits)
	for _, t := range s.list {
		word, bit := s.place(t)
		s.bits[word] |= bit
	}
}

func (s *termSet) place(t Term) (word int, bit uint64) {
	at := scatter(uint64(t))
	return int(at >> 6 & uint64(len(s.bits)-1)), 1 << (at & 63)
}

// has reports whether the term is one of them; 0 is none.
func (s *termSet) has(t Term) bool {
	if len(s.list) == 0 || t == 0 {
		return false
	}
	if word, bit := s.place(t); s.bits[word]&bit == 0 {
		return false
	}
	_, found := slices.BinarySearch(s.list, t)
	return found
}
