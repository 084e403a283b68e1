package recommend

import "cmp"

// affinityTerms is how many of the viewer's best tags and authors affinity draws on.
const affinityTerms = 6

// affinity proposes popular and new items with the tags and by the authors the viewer likes most.
func affinity(r *run, limit int) {
	r.strong = strongest(&r.tags, r.strong[:0])
	n := len(r.strong)
	r.strong = strongest(&r.authors, r.strong)
	tags, authors := r.strong[:n], r.strong[n:]
	each := max(4, limit/(2*max(1, len(tags)+len(authors))))
	for _, w := range tags {
		drawFrom(r, fAffinity, Shelf{Field: TagField, Term: w.term}, each, w.weight, because{becauseTag, uint32(w.term)})
	}
	for _, w := range authors {
		drawFrom(r, fAffinity, Shelf{Field: AuthorField, Term: w.term}, each, w.weight, because{becauseAuthor, uint32(w.term)})
	}
}

type weighted struct {
	term   Term
	weight float32
}

// strongest appends the best terms with a positive weight, best first.
func strongest(t *table, to []weighted) []weighted {
	from := len(to)
	for i := range t.slots {
		if s := &t.slots[i]; s.stamp == t.stamp && s.val > 0 {
			to = append(to, weighted{Term(s.key), s.val})
		}
	}
	best := Top(to[from:], affinityTerms, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.term, b.term))
	})
	return to[:from+len(best)]
}

// drawFrom proposes the most popular and the newest items of a shelf, each of them up to each.
func drawFrom(r *run, f feature, s Shelf, each int, weight float32, why because) {
	take := func(rank int, at Ordinal, _ *Traits) {
		r.pool.add(at, f, weight*byRank(rank, each), why)
	}
	r.trendingOn(s, each, take)
	r.newestOn(s, 0, scanDepth, each, take)
}
