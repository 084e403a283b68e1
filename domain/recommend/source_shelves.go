package recommend

// trending proposes what is most popular now, within the narrowing.
func trending(r *run, limit int) {
	why := because{}
	shelf := r.shelf()
	switch {
	case r.tag != 0:
		why = because{becauseTag, uint32(r.tag)}
	case r.lang != 0 && r.lang != noSuchTerm:
		shelf, why = Shelf{Field: LangField, Term: r.lang}, because{becauseLang, uint32(r.lang)}
	case r.region != 0 && r.region != noSuchTerm:
		shelf, why = Shelf{Field: RegionField, Term: r.region}, because{becauseRegion, uint32(r.region)}
	}
	r.trendingOn(shelf, limit, func(rank int, at Ordinal, _ *Traits) {
		r.pool.add(at, fTrending, byRank(rank, limit), why)
	})
}

// newest proposes what was published last, within the narrowing.
func newest(r *run, limit int) {
	r.newestOn(r.shelf(), 0, 1<<20, limit, func(rank int, at Ordinal, _ *Traits) {
		r.pool.add(at, fFresh, byRank(rank, limit), because{})
	})
}

// tuned proposes items by the authors and with the tags the viewer asked more of.
func tuned(r *run, limit int) {
	n := min(len(r.moreA), 20) + min(len(r.moreT), 20)
	if n == 0 {
		return
	}
	each := max(4, limit/(2*n))
	for _, a := range r.moreA[:min(len(r.moreA), 20)] {
		drawFrom(r, fTuned, Shelf{Field: AuthorField, Term: a}, each, 1, because{becauseAuthor, uint32(a)})
	}
	for _, t := range r.moreT[:min(len(r.moreT), 20)] {
		drawFrom(r, fTuned, Shelf{Field: TagField, Term: t}, each, 1, because{becauseTag, uint32(t)})
	}
}
