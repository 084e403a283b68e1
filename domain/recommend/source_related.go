package recommend

// related proposes what viewers of the anchor turned to next, then items that share its author and
// its tags; for an anchor after which nothing is known, also items that share rare words.
func related(r *run, limit int) {
	if r.anchor == Nowhere {
		return
	}
	why := because{becauseItem, uint32(r.anchor)}
	at := []Ordinal{r.anchor}
	r.links = r.signals.After(at, limit, r.links[:0])
	addLinks(r, fRelated, limit, r.links, func(int) float32 { return 1 }, func(int) because { return why })

	var traits [1]*Traits
	r.view.Describe(at, traits[:])
	t := traits[0]
	if len(r.links) == 0 {
		one := []past{{at[0], t, 1}}
		r.twin.like(r, one)
		r.kindred(fRelated, limit/2, one, &r.twin, 0.8, 0)
	}
	each := max(4, limit/(2*(len(t.Tags)+1)))
	if t.Author != 0 {
		drawFrom(r, fRelated, Shelf{Field: AuthorField, Term: t.Author}, each, 0.5, why)
	}
	for _, tag := range t.Tags {
		shelf := Shelf{Field: TagField, Term: tag}
		take := func(rank int, at Ordinal, o *Traits) {
			r.pool.add(at, fRelated, 0.6*overlap(t.Tags, o.Tags)*(0.5+0.5*byRank(rank, each)), why)
		}
		r.trendingOn(shelf, each, take)
		r.newestOn(shelf, 0, scanDepth, each, take)
	}
}

// overlap is the Jaccard similarity of two small sets.
func overlap(a, b []Term) float32 {
	both := 0
	for _, t := range a {
		if has(b, t) {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float32(both) / float32(len(a)+len(b)-both)
}
