package recommend

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Exploration is a feed's budget for showing what few have met yet, so that it gets a chance.
//
// Of any n places of a session that follow one another, at most share·n are there for exploring, rounded up, and at
// least share·n, rounded down, while there is something to explore. Which ones, and what is shown there, follows from
// the session's seed. What only the source explore proposes stands nowhere else while supply lasts.
type Exploration struct {
	Share float64 // of a session's places, to four digits; 0: none but what slots keep
	Met   float32 // an item met as often is explored
	// SmallAuthors is the share of exploring that is for authors whose newest items were together met less often than
	// AuthorMet, while it has such.
	SmallAuthors float64
	AuthorMet    float32
}

const (
	shares = 10_000 // how fine shares are
	// boldness is the share of exploring that goes by lot: it keeps every chance away from zero.
	boldness = 0.1
	// authorLook is how many of an author's newest items tell whether few have met them.
	authorLook = 8
)

func (e *Exploration) check(feed string) error {
	for _, c := range []struct {
		v, most float64
	}{{e.Share, 1}, {e.SmallAuthors, 1}, {float64(e.Met), 1e6}, {float64(e.AuthorMet), 1e6}} {
		if !(c.v >= 0 && c.v <= c.most) {
			return ErrDefinition.On("explore").Saying("feed %q: the shares of explore lie between 0 and 1, its meetings between 0 and 1000000", feed)
		}
	}
	return nil
}

// portion is how many of a session's first n places fall to a share; the seed says where it begins.
func portion(n int, share float64, seed uint64) int {
	return int((uint64(n)*inShares(share) + scatter(scatter(seed))>>32%shares) / shares)
}

func inShares(share float64) uint64 { return uint64(math.Round(share * shares)) }

// spend sets aside the place, counted from 1, for exploring when it is due.
func (a *arranger) spend(place int) {
	e := &a.def.Explore
	n := len(a.Served) + place
	a.owed += portion(n, e.Share, a.Seed) - portion(n-1, e.Share, a.Seed)
}

// due marks those who will be on the page for what they are worth.
func (a *arranger) due() {
	left := a.Want - len(a.pins)
	for k := range a.order {
		if left <= 0 {
			return
		}
		if c := &a.pool.list[a.at(k)]; c.from != onlyExplore && !c.held {
			c.due = true
			left--
		}
	}
}

// explore gives the next place to one of those that few have met and that would not be here for what they are worth:
// the one that a draw from the posteriors of their quality favours (Thompson sampling; Thompson 1933, Chapelle and Li
// 2011), or now and then any. It reports whether there was one.
func (a *arranger) explore(place int) bool {
	few, position := a.unknown(), uint64(len(a.Served)+place)
	if scatter(scatter(a.Seed)^position)>>32%shares < inShares(a.def.Explore.SmallAuthors) {
		if small := a.ofSmallAuthors(few); len(small) > 0 {
			few = small
		}
	}
	if len(few) == 0 {
		return false
	}
	a.ords = sized(a.ords, len(few))
	for k, i := range few {
		a.ords[k] = a.pool.list[i].at
	}
	a.trials = sized(a.trials, len(few))
	a.signals.Trials(a.ords, a.trials)
	k := a.draw(few, position)
	c := &a.pool.list[few[k]]
	a.place(pick{
		place: few[k], final: c.value - a.fatigue(c.traits), kept: forSource(fExplore),
		chance: a.chance(k), supposed: a.supposedOf(few),
	})
	return true
}

// chance is how likely the k-th of those with these trials is to be drawn.
func (a *arranger) chance(k int) float32 {
	return boldness/float32(len(a.trials)) + (1-boldness)*likeliest(a.trials, k, &a.curves)
}

// supposedOf is how likely what the query supposes at the next place is to be drawn.
func (a *arranger) supposedOf(few []int) float32 {
	if at := len(a.picks); at < len(a.Suppose) {
		for k, i := range few {
			if a.pool.list[i].traits.Number == a.Suppose[at] {
				return a.chance(k)
			}
		}
	}
	return 0
}

// supposed is how likely what the query supposes at the place of the k-th pick was to be there.
func (a *arranger) supposed(k int) float32 {
	p := &a.picks[k]
	if p.chance == 0 && k < len(a.Suppose) && a.pool.list[p.place].traits.Number == a.Suppose[k] {
		return 1
	}
	return p.supposed
}

// unknown lists the candidates that may be explored at the next place, by number: their order in the pool is another on
// every instance. What the viewer asked less of is not.
func (a *arranger) unknown() []int {
	a.few = a.few[:0]
	for i := range a.pool.list {
		c := &a.pool.list[i]
		if c.from&(1<<fExplore) == 0 || c.dropped != kept || c.picked || c.held || c.due || c.features[fSteered] < 0 {
			continue
		}
		if a.breaksBy(c.traits) == 0 {
			a.few = append(a.few, i)
		}
	}
	slices.SortFunc(a.few, func(i, j int) int {
		return cmp.Compare(a.pool.list[i].traits.Number, a.pool.list[j].traits.Number)
	})
	return a.few
}

func (a *arranger) ofSmallAuthors(few []int) []int {
	a.fewer = a.fewer[:0]
	for _, i := range few {
		if t := a.pool.list[i].traits; t.Author != 0 && a.small(t.Author) {
			a.fewer = append(a.fewer, i)
		}
	}
	return a.fewer
}

// small reports whether few have met what the author made last.
func (a *arranger) small(author Term) bool {
	var ords [authorLook]Ordinal
	var trials [authorLook]Trial
	n := a.view.Newest(Shelf{Field: AuthorField, Term: author}, 0, ords[:])
	a.signals.Trials(ords[:n], trials[:n])
	var met float32
	for _, t := range trials[:n] {
		met += t.Met
	}
	return met < a.def.Explore.AuthorMet
}

// draw chooses among few. What is drawn for an item follows from the seed, the place and the item alone: others that
// come or go do not change it.
func (a *arranger) draw(few []int, position uint64) int {
	if a.thompson == nil {
		a.thompson = rand.New(&a.draws)
	}
	rnd, lot := a.thompson, &a.draws
	lot.Seed(a.Seed, scatter(position))
	bold := rnd.Float64() < boldness
	best, most := 0, float32(-1)
	for k, i := range few {
		lot.Seed(a.Seed^scatter(position), scatter(uint64(a.pool.list[i].traits.Number)))
		var v float32
		if bold {
			v = rnd.Float32()
		} else {
			v = a.trials[k].draw(rnd)
		}
		if v > most {
			best, most = k, v
		}
	}
	return best
}
