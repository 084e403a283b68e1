package comparing

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// mostListed is how many items and authors a report names.
const mostListed = 20

// Moved is an item that the change moves. Off the page counts as the place behind its last.
type Moved struct {
	Item          catalog.ItemID
	Places        int // it gains, over all pages; negative: it loses
	Pages         int // on which it moves
	Entered, Left int // of them, pages that it comes to and leaves
}

// Share is how many of all places something has, before and after.
type Share struct {
	Name             string
	Current, Changed float64
}

// Variety is how unlike a page's items are. What cannot be said is not a number.
type Variety struct {
	Diversity     float64 // one minus the Jaccard similarity of the tags of two items; mean over pages
	Concentration float64 // the Herfindahl index of authors over all places: 1 is one author, near 0 is many
}

// shift sums up what the change moves.
type shift struct {
	moved            map[catalog.Number]*Moved
	sources, authors map[string]*[2]float64
	places           [2]float64
	diversity        [2]mean
}

func newShift() *shift {
	return &shift{moved: map[catalog.Number]*Moved{}, sources: map[string]*[2]float64{}, authors: map[string]*[2]float64{}}
}

// note takes in a page as the two sides make it.
func (s *shift) note(current, changed []recommend.Pick) {
	for i := range current {
		s.move(&current[i], i, indexOf(changed, current[i].Item.Number), len(current), len(changed))
	}
	for j := range changed {
		if indexOf(current, changed[j].Item.Number) < 0 {
			s.move(&changed[j], -1, j, len(current), len(changed))
		}
	}
	for side, picks := range [2][]recommend.Pick{current, changed} {
		s.places[side] += float64(len(picks))
		for i := range picks {
			count(s.sources, picks[i].Reason.Source, side)
			if author := picks[i].Item.Details.Author; author != "" {
				count(s.authors, string(author), side)
			}
		}
		if d, ok := recommend.Diversity(picks); ok {
			s.diversity[side].add(d)
		}
	}
}

func indexOf(picks []recommend.Pick, n catalog.Number) int {
	return slices.IndexFunc(picks, func(p recommend.Pick) bool { return p.Item.Number == n })
}

func (s *shift) move(p *recommend.Pick, from, to, currentLen, changedLen int) {
	if from == to {
		return
	}
	m := s.moved[p.Item.Number]
	if m == nil {
		m = &Moved{Item: p.Item.ID}
		s.moved[p.Item.Number] = m
	}
	m.Pages++
	if from < 0 {
		m.Entered++
		from = currentLen
	}
	if to < 0 {
		m.Left++
		to = changedLen
	}
	m.Places += from - to
}

func count(of map[string]*[2]float64, name string, side int) {
	if of[name] == nil {
		of[name] = &[2]float64{}
	}
	of[name][side]++
}

// gaining lists the items that gain most places in all; sign -1: those that lose most.
func (s *shift) gaining(sign int) []Moved {
	var all []Moved
	for _, m := range s.moved {
		if sign*m.Places > 0 {
			all = append(all, *m)
		}
	}
	slices.SortFunc(all, func(a, b Moved) int {
		return cmp.Or(sign*cmp.Compare(b.Places, a.Places), cmp.Compare(b.Pages, a.Pages), cmp.Compare(a.Item, b.Item))
	})
	return all[:min(len(all), mostListed)]
}

// shares lists everything by name.
func (s *shift) shares(of map[string]*[2]float64) []Share {
	var all []Share
	for _, name := range slices.Sorted(maps.Keys(of)) {
		n := of[name]
		all = append(all, Share{name, n[0] / max(1, s.places[0]), n[1] / max(1, s.places[1])})
	}
	return all
}

// shifted lists the authors whose share changes most.
func (s *shift) shifted() []Share {
	all := slices.DeleteFunc(s.shares(s.authors), func(a Share) bool { return a.Current == a.Changed })
	slices.SortStableFunc(all, func(a, b Share) int {
		return cmp.Compare(math.Abs(b.Changed-b.Current), math.Abs(a.Changed-a.Current))
	})
	return all[:min(len(all), mostListed)]
}

func (s *shift) variety(side int) Variety {
	var squares, all float64
	for _, n := range s.authors {
		squares, all = squares+n[side]*n[side], all+n[side]
	}
	return Variety{s.diversity[side].value(), squares / (all * all)}
}
