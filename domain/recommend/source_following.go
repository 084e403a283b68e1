package recommend

import "cmp"

// Of whoever follows more authors than followMany, the newest of all items are looked through first, so many, before each
// author's are: what is found there is what would be found by each.
const (
	followMany = 64
	followScan = scanDepth
)

// following proposes the newest items of the authors the viewer follows.
func following(r *run, limit int) {
	follows := len(r.stance.follows.list)
	if follows == 0 {
		return
	}
	each := max(4, 2*limit/follows)
	if follows <= followMany || !r.followedOfAll(limit, each) {
		r.followedByAuthor(each)
	}
	all := Top(r.followed, limit, func(a, b followed) int {
		return cmp.Or(cmp.Compare(b.published, a.published), cmp.Compare(b.at, a.at))
	})
	for i, f := range all {
		r.pool.add(f.at, fFollowing, byRank(i, limit), because{becauseAuthor, uint32(f.author)})
	}
}

// followed is an item by somebody the viewer follows.
type followed struct {
	at        Ordinal
	published int64
	author    Term
}

// followedOfAll finds limit items among the newest of all, at most each by one author, or reports that there are fewer.
func (r *run) followedOfAll(limit, each int) bool {
	r.followed = r.followed[:0]
	r.by.reset(limit)
	for skip, more := 0, true; more && skip < followScan; {
		skip, more = r.newestOn(Everything, skip, scanBlock, scanBlock, func(_ int, at Ordinal, t *Traits) {
			if len(r.followed) == limit || !r.stance.follows.has(t.Author) {
				return
			}
			if n := r.by.at(uint64(t.Author)); *n < float32(each) {
				*n++
				r.followed = append(r.followed, followed{at, t.Published, t.Author})
			}
		})
		if len(r.followed) == limit {
			return true
		}
	}
	return false
}

// followedByAuthor looks at each author's newest items.
func (r *run) followedByAuthor(each int) {
	r.followed = r.followed[:0]
	for _, a := range r.stance.follows.list {
		if a != 0 {
			r.newestOn(Shelf{Field: AuthorField, Term: a}, 0, scanDepth, each, func(_ int, at Ordinal, t *Traits) {
				r.followed = append(r.followed, followed{at, t.Published, a})
			})
		}
	}
}
