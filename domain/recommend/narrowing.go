package recommend

import "github.com/freshet/freshet/domain/catalog"

// narrow resolves the narrowing, the anchor and what is excluded.
func (r *run) narrow() {
	r.tag, r.lang, r.region = r.term(TagField, r.Tag), r.term(LangField, r.Lang), r.term(RegionField, r.Region)
	r.exclude.reset(len(r.Exclude) + 1)
	for _, at := range r.locate(r.Exclude) {
		if at != Nowhere {
			r.exclude.add(uint64(at), 1)
		}
	}
	r.anchor = Nowhere
	if r.Anchor != "" {
		r.ids = append(r.ids[:0], r.Anchor)
		if at := r.locate(r.ids)[0]; at != Nowhere {
			r.anchor = at
			r.exclude.add(uint64(at), 1)
		}
	}
}

// noSuchTerm stands for a name that no item has: nothing matches it.
const noSuchTerm = ^Term(0)

func (r *run) term(f Field, name string) Term {
	if name == "" {
		return 0
	}
	if t := r.termsOf(f, append(r.names[:0], name))[0]; t != 0 {
		return t
	}
	return noSuchTerm
}

// termsOf returns scratch space that the next call overwrites.
func (r *run) termsOf(f Field, names []string) []Term {
	r.names = names
	r.terms = sized(r.terms, len(names))
	r.view.Terms(f, names, r.terms)
	return r.terms
}

// locate returns scratch space that the next call overwrites.
func (r *run) locate(ids []catalog.ItemID) []Ordinal {
	r.ords = sized(r.ords, len(ids))
	r.view.Locate(ids, r.ords)
	return r.ords
}
