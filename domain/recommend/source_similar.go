package recommend

import "cmp"

// Of how many of the items liked last the source similar looks for others, on how many shelves each, and how far down.
const (
	similarLikes   = 5
	similarShelves = 3
	similarDepth   = scanBlock
)

// similar proposes new items that few have met and that have something rare in common with what the viewer liked
// last: a word of the title, a tag or the author. So an item has neighbours before anybody met it.
func similar(r *run, limit int) {
	r.kindred(fSimilar, limit, r.liked[:min(len(r.liked), similarLikes)], &r.likeness, 1, r.def.Explore.Met)
}

// kindred proposes for a source the newest items with something rare in common with the liked ones, as far as they
// are like all of likeness. Where met is above 0, only those met less often.
func (r *run) kindred(f feature, limit int, liked []past, l *likeness, loud, met float32) {
	if len(liked) == 0 {
		return
	}
	each := max(4, 2*limit/(len(liked)*similarShelves))
	r.kin = r.kin[:0]
	r.ends.reset(2 * limit)
	for k := range liked {
		why := because{becauseItem, uint32(liked[k].at)}
		r.told = rarest(r.tell(liked[k].traits, r.told[:0]), similarShelves)
		for _, t := range r.told {
			r.newestOn(t.shelf, 0, similarDepth, each, func(_ int, at Ordinal, o *Traits) {
				if place := r.ends.at(uint64(at)); *place == 0 {
					*place = 1
					r.kin = append(r.kin, kin{at, l.of(o), why})
				}
			})
		}
	}
	found := r.kin
	if met > 0 {
		found = r.unmet(found, met)
	}
	found = Top(found, limit, func(a, b kin) int { return cmp.Or(cmp.Compare(b.like, a.like), cmp.Compare(a.at, b.at)) })
	for _, x := range found {
		if x.like > 0 {
			r.pool.add(x.at, f, loud*x.like/found[0].like, x.why)
		}
	}
}

// kin is an item found for what it has in common with a liked one.
type kin struct {
	at   Ordinal
	like float32
	why  because
}

// unmet keeps those met less often than that.
func (r *run) unmet(list []kin, often float32) []kin {
	r.ords = sized(r.ords, len(list))
	for i := range list {
		r.ords[i] = list[i].at
	}
	r.trials = sized(r.trials, len(list))
	r.signals.Trials(r.ords, r.trials)
	n := 0
	for i, x := range list {
		if r.trials[i].Met < often {
			list[n] = x
			n++
		}
	}
	return list[:n]
}

// rarest moves the traits that the fewest other items have to the front and returns up to n of them; what no other
// item has is none of them.
func rarest(list []trait, n int) []trait {
	shared := list[:0]
	for _, t := range list {
		if t.carried > 1 && t.weight > 0 {
			shared = append(shared, t)
		}
	}
	return Top(shared, n, func(a, b trait) int {
		return cmp.Or(cmp.Compare(a.carried, b.carried), cmp.Compare(carrierKey(a.shelf.Field, a.shelf.Term), carrierKey(b.shelf.Field, b.shelf.Term)))
	})
}
