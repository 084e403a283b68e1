package recommend

// How the source explore looks around: how many items of a shelf at the top and elsewhere, how many of the proposals
// lie elsewhere, and how many may be by one author.
const (
	exploreScan      = 512
	exploreElsewhere = 4 // one in so many
	exploreOfAuthor  = 3
)

// explore proposes what few viewers have met: the newest, and some from anywhere, so that what nobody met when it was
// new is not lost for ever. No author can flood it.
func explore(r *run, limit int) {
	r.by.reset(limit)
	left := r.lookFor(0, limit-limit/exploreElsewhere)
	r.lookFor(r.anywhere(), left+limit/exploreElsewhere)
}

// lookFor proposes up to limit items of the shelf that few have met, from rank skip on, and returns how many it did
// not find.
func (r *run) lookFor(skip, limit int) (left int) {
	for end, more := skip+exploreScan, true; more && skip < end && limit > 0; {
		r.around = r.around[:0]
		block := min(scanBlock, 2*limit) // where most are known, several
		skip, more = r.newestOn(r.shelf(), skip, block, block, func(_ int, at Ordinal, t *Traits) {
			r.around = append(r.around, authored{at, t.Author})
		})
		r.ords = sized(r.ords, len(r.around))
		for i := range r.around {
			r.ords[i] = r.around[i].at
		}
		r.trials = sized(r.trials, len(r.around))
		r.signals.Trials(r.ords, r.trials)
		for i, f := range r.around {
			if r.trials[i].Met >= r.def.Explore.Met || f.author != 0 && r.by.get(uint64(f.author)) >= exploreOfAuthor || limit == 0 {
				continue
			}
			r.by.add(uint64(f.author), 1)
			r.pool.add(f.at, fExplore, r.trials[i].mean(), because{})
			limit--
		}
	}
	return limit
}

type authored struct {
	at     Ordinal
	author Term
}

// anywhere is a rank on the shelf, drawn.
func (r *run) anywhere() int {
	var one [1]Ordinal
	at := r.rand.IntN(max(1, r.view.Len()))
	for at > 0 && r.view.Newest(r.shelf(), at, one[:]) == 0 {
		at /= 2
	}
	return at
}
