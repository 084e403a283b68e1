package comparing

import (
	"math"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
)

// Likeness is how much alike two ways to make the same pages are. What cannot be said is not a number.
type Likeness struct {
	Identical int     // pages with the same items in the same order
	SameFirst int     // pages that begin with the same item
	Overlap   float64 // the share of a page's items that are on the other, too; mean over pages
	Tau       float64 // Kendall's, of the items on both; mean over the pages that have two such
	Move      float64 // how many places an item that is on both lies from where it was; mean over such items
}

// alike is a Likeness in the making.
type alike struct {
	pages, identical, first int
	overlap, tau, move      mean
}

type mean struct{ sum, n float64 }

func (m *mean) add(v float64) { m.sum, m.n = m.sum+v, m.n+1 }

func (m *mean) value() float64 { return m.sum / m.n }

// note compares two lists for one page.
func (a *alike) note(was, is []catalog.Number) {
	a.pages++
	longest := max(len(was), len(is))
	if longest == 0 {
		a.identical++
		a.first++
		a.overlap.add(1)
		return
	}
	if slices.Equal(was, is) {
		a.identical++
	}
	if len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		a.first++
	}
	var now []int // places of the common items, in the order of the first list
	for i, n := range was {
		if j := slices.Index(is, n); j >= 0 {
			a.move.add(math.Abs(float64(i - j)))
			now = append(now, j)
		}
	}
	a.overlap.add(float64(len(now)) / float64(longest))
	if n := len(now); n > 1 {
		agree := 0
		for i := range now {
			for _, earlier := range now[:i] {
				if earlier < now[i] {
					agree++
				} else {
					agree--
				}
			}
		}
		a.tau.add(float64(agree) / float64(n*(n-1)/2))
	}
}

func (a *alike) likeness() Likeness {
	return Likeness{a.identical, a.first, a.overlap.value(), a.tau.value(), a.move.value()}
}
