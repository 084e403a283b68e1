package recommend

// scanBlock is how many items of a shelf are looked at in one call.
const scanBlock = 128

// scanDepth is how far down a shelf a source looks for items that may be shown.
const scanDepth = 4096

// block is what one look at a shelf finds.
type block struct {
	ords   [scanBlock]Ordinal
	traits [scanBlock]*Traits
}

// newestOn offers the newest items of the shelf that may be shown, up to limit, to take, with their
// rank among those; it stops when take says false. It starts at rank skip and returns the rank after
// the last item looked at and whether the shelf goes on. take must not look at another shelf.
func (r *run) newestOn(s Shelf, skip, depth, limit int, take func(rank int, at Ordinal, t *Traits)) (next int, more bool) {
	return r.scan(func(skip int, into []Ordinal) int { return r.view.Newest(s, skip, into) }, skip, depth, limit, take)
}

// trendingOn is newestOn for the most popular items.
func (r *run) trendingOn(s Shelf, limit int, take func(rank int, at Ordinal, t *Traits)) {
	r.scan(func(skip int, into []Ordinal) int { return r.signals.Trending(s, r.Now, skip, into) }, 0, scanDepth, limit, take)
}

func (r *run) scan(list func(int, []Ordinal) int, skip, depth, limit int, take func(int, Ordinal, *Traits)) (int, bool) {
	ords, traits := &r.block.ords, &r.block.traits
	rank := 0
	for end := skip + depth; skip < end && rank < limit; {
		block := min(scanBlock, 2*(limit-rank)+8) // most may be shown
		n := list(skip, ords[:block])
		r.view.Describe(ords[:n], traits[:n])
		for i := range n {
			skip++
			t := traits[i]
			if t == nil {
				continue
			}
			if dropped := r.reject(ords[i], t); dropped != kept {
				r.passOver(ords[i], dropped)
				continue
			}
			take(rank, ords[i], t)
			if rank++; rank == limit {
				return skip, true
			}
		}
		if n < block {
			return skip, false
		}
	}
	return skip, true
}

// passOver remembers, for explain, an item that a source would have proposed had a filter let it.
func (r *run) passOver(at Ordinal, dropped filterID) {
	if r.Debug {
		*r.passed.at(uint64(at)) = float32(dropped)
	}
}

// shelf is the narrowest list that holds everything the query may show.
func (r *run) shelf() Shelf {
	if r.tag != 0 {
		return Shelf{Field: TagField, Term: r.tag}
	}
	return Everything
}

// byRank turns a rank among limit into a score: 1 for the first, falling to near 0.
func byRank(rank, limit int) float32 { return 1 - float32(rank)/float32(limit+1) }
