package recommend

import (
	"cmp"
	"slices"
)

// purpose is what a place was kept for.
type purpose uint8

// The purposes that are not sources.
const (
	noPurpose purpose = 0
	forPin    purpose = 0xff
)

func forSource(f feature) purpose { return purpose(f) + 1 }

func (p purpose) source() (feature, bool) {
	return feature(p - 1), p != noPurpose && p != forPin
}

// pinned is an item of the pool that has its place on this page.
type pinned struct {
	position int // from 1
	place    int // in the pool
}

// hold takes the items of the pins in force out of the running and counts them in the shares of the page.
func (a *arranger) hold() {
	a.pins, a.next = a.pins[:0], 0
	if len(a.def.Pins) == 0 {
		return
	}
	a.ids = a.ids[:0]
	for i := range a.def.Pins {
		a.ids = append(a.ids, a.def.Pins[i].Item)
	}
	ords := a.locate(a.ids)
	a.traits = sized(a.traits, len(ords))
	a.view.Describe(ords, a.traits)
	for i := range a.def.Pins {
		p := &a.def.Pins[i]
		if !p.in(a.Query) || a.traits[i] == nil || a.holds(p.Position) {
			continue
		}
		if dropped := a.reject(ords[i], a.traits[i]); dropped != kept && dropped < byServed {
			a.passOver(ords[i], dropped)
			continue
		}
		if place := a.pool.ensure(ords[i]); !slices.ContainsFunc(a.pins, func(o pinned) bool { return o.place == place }) {
			a.pins = append(a.pins, pinned{p.Position, place})
		}
	}
	slices.SortFunc(a.pins, func(x, y pinned) int { return cmp.Compare(x.position, y.position) })
	a.filter()
	a.score()
	for _, p := range a.pins {
		c := &a.pool.list[p.place]
		c.held, c.dropped = true, kept
		a.count(c.traits)
	}
	a.approach()
}

func (a *arranger) holds(position int) bool {
	return slices.ContainsFunc(a.pins, func(o pinned) bool { return o.position == position })
}

// approach notes by whom the item after the next place is, when that is known.
func (a *arranger) approach() {
	a.next = 0
	if len(a.pins) > 0 && a.pins[0].position == len(a.picks)+2 {
		a.next = a.pool.list[a.pins[0].place].traits.Author
	}
}

// reserved gives the next place to what it is kept for, and reports whether there was anything.
func (a *arranger) reserved() bool {
	place := len(a.picks) + 1
	a.spend(place)
	if len(a.pins) > 0 && a.pins[0].position <= place {
		return a.pin()
	}
	for i := range a.def.Slots {
		if s := &a.def.Slots[i]; s.holds(place) && a.give(s.Source) {
			return true
		}
	}
	if a.owed > 0 && a.explore(place) {
		a.owed--
		return true
	}
	return false
}

// pin puts the first of the items that wait for their place at the next one, and reports whether one waits.
func (a *arranger) pin() bool {
	if len(a.pins) == 0 {
		return false
	}
	i := a.pins[0].place
	a.pins = a.pins[1:]
	c := &a.pool.list[i]
	a.place(pick{place: i, final: c.value - a.fatigue(c.traits), kept: forPin})
	return true
}

// give gives the next place to the best of a source's candidates.
func (a *arranger) give(source string) bool {
	f, _ := sourceByName(source)
	if f == fExplore {
		return a.explore(len(a.picks) + 1)
	}
	i, v, ok := a.best(1 << f)
	if ok {
		a.place(pick{place: i, final: v, kept: forSource(f)})
	}
	return ok
}
