package recommend

// How far down the catalogue a page looks for more: a little way before caps give way, far before
// it sets two items of one author side by side. Past poolSize candidates it takes only what fits.
const (
	supplyDepth  = 1 << 13
	deepestDepth = 1 << 18
	poolSize     = 4000
)

// choice is among how many times as many items a page is chosen at least, as far as the catalogue has them: there has to be
// something else for a viewer who asks for less of something.
const choice = 3

// topUp lets the source fresh go on where all proposed too few to choose among; what is only to be explored does not count.
func (r *run) topUp() {
	least, n := choice*r.Want, 0
	for i := range r.pool.list {
		if r.pool.list[i].from != onlyExplore {
			n++
		}
	}
	if r.def.Supply != FromCatalogue || n >= least || !r.counts(fFresh) {
		return
	}
	r.newestOn(r.shelf(), 0, supplyDepth, least, func(_ int, at Ordinal, _ *Traits) {
		if r.pool.find(at) == nil {
			r.pool.add(at, fFresh, 0, because{})
		}
	})
}

// widen adds candidates beyond what the sources proposed, newest first, and reports whether there
// are any.
func (a *arranger) widen() bool {
	const batch = 200
	before := len(a.pool.list)
	for a.def.Supply == FromCatalogue && a.supplyAt < a.depth && len(a.pool.list) == before {
		next, more := a.newestOn(a.shelf(), a.supplyAt, a.depth-a.supplyAt, batch, func(_ int, at Ordinal, t *Traits) {
			switch c := a.pool.find(at); {
			case c != nil && c.from != onlyExplore:
			case c != nil, len(a.pool.list) < poolSize, a.breaksBy(t)&a.on == 0: // what was only to be explored is supply, too
				a.pool.add(at, fFresh, 0, because{})
			default:
				a.picky = true
			}
		})
		if a.supplyAt = next; !more {
			a.supplyAt = deepestDepth
		}
	}
	if len(a.pool.list) == before {
		return false
	}
	a.admit()
	return true
}

// admit filters, scores and ranks what was added to the pool.
func (a *arranger) admit() {
	a.filter()
	a.score()
	if a.awake != rested {
		a.oldestFirst()
	}
	a.rank()
}
