package memindex

import (
	"slices"

	"github.com/freshet/freshet/domain/recommend"
)

// postingBytes is about what one place on one shelf takes.
const postingBytes = 6

// eachShelf calls do for every shelf the item belongs on while it is published.
func eachShelf(e *entry, do func(recommend.Shelf)) {
	do(recommend.Everything)
	on := func(f recommend.Field, t recommend.Term) {
		if t != 0 {
			do(recommend.Shelf{Field: f, Term: t})
		}
	}
	on(recommend.AuthorField, e.Author)
	on(recommend.LangField, e.Lang)
	on(recommend.RegionField, e.Region)
	for _, t := range e.Tags {
		on(recommend.TagField, t)
	}
	for _, t := range e.Words {
		on(recommend.WordField, t)
	}
}

// onShelf reports whether the item belongs on the shelf while it is published.
func onShelf(t *recommend.Traits, s recommend.Shelf) bool {
	if s.All {
		return true
	}
	if s.Term == 0 {
		return false
	}
	switch s.Field {
	case recommend.AuthorField:
		return t.Author == s.Term
	case recommend.TagField:
		return slices.Contains(t.Tags, s.Term)
	case recommend.WordField:
		return slices.Contains(t.Words, s.Term)
	case recommend.LangField:
		return t.Lang == s.Term
	case recommend.RegionField:
		return t.Region == s.Term
	}
	return false
}
