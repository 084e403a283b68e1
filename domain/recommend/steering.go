package recommend

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// How far a decision on an item reaches its author and its tags, next to one on the author or tag itself.
const (
	itemToAuthor = 0.8
	itemToTags   = 0.6
)

// decisions resolves follows, mutes, blocks and tuning to terms and ordinals.
func (r *run) decisions() {
	r.steered.reset(64)
	r.steer[AuthorField].reset(64)
	r.steer[TagField].reset(64)
	r.moreA, r.moreT = r.moreA[:0], r.moreT[:0]
	r.stance = r.stanceOf(r.Knowledge.Viewer)
	for _, d := range r.stance.decisions {
		r.decide(d)
	}
}

func (r *run) decide(d audience.Decision) {
	way := float32(d.Direction)
	switch d.Target.Kind {
	case audience.OnAuthor:
		r.lean(AuthorField, r.term(AuthorField, d.Target.ID), way)
	case audience.OnTag:
		r.lean(TagField, r.term(TagField, d.Target.ID), way)
	case audience.OnItem:
		r.ids = append(r.ids[:0], catalog.ItemID(d.Target.ID))
		at := r.locate(r.ids)[:1]
		if at[0] == Nowhere {
			return
		}
		if d.Direction == audience.Less {
			*r.steered.at(uint64(at[0])) = 1
		}
		var traits [1]*Traits
		r.view.Describe(at, traits[:])
		r.lean(AuthorField, traits[0].Author, way*itemToAuthor)
		for _, tag := range traits[0].Tags {
			r.lean(TagField, tag, way*itemToTags)
		}
	}
}

// lean adds to what decisions say of a term; a decision on the term itself outweighs those that
// only reach it through items, because it is stronger than any one of them.
func (r *run) lean(f Field, t Term, way float32) {
	if t == 0 {
		return
	}
	v := r.steer[f].at(uint64(t))
	*v = max(-2, min(2, *v+way))
	if way > 0 {
		if f == AuthorField {
			r.moreA = append(r.moreA, t)
		} else {
			r.moreT = append(r.moreT, t)
		}
	}
}
