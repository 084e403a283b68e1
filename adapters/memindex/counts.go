package memindex

import (
	"strings"
	"sync"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// countsPage is how many items' counts lie together; waitingCounts how many counts of items that
// are not in the index yet are kept for their arrival.
const (
	countsPage    = 512
	waitingCounts = 1 << 20
)

// counts are the numbers shown with items, by ordinal.
type counts struct {
	mu      sync.RWMutex
	pages   []*[countsPage]engagement.Counts
	waiting map[catalog.ItemID]engagement.Counts
}

// SetCounts replaces what is shown of the items. Counts of an item that has not arrived are kept
// for it, up to a million such items; past that they are dropped until they are set again.
func (x *Index) SetCounts(of map[catalog.ItemID]engagement.Counts) {
	c := &x.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	v := x.view.Load()
	for id, n := range of {
		if at := v.find(id); at != recommend.Nowhere {
			delete(c.waiting, id)
			c.set(at, n)
		} else if _, known := c.waiting[id]; known || len(c.waiting) < waitingCounts {
			if c.waiting == nil {
				c.waiting = make(map[catalog.ItemID]engagement.Counts)
			}
			c.waiting[catalog.ItemID(strings.Clone(string(id)))] = n
		}
	}
}

// CountsOf fills what is shown of the items; zero where nothing is known.
func (x *Index) CountsOf(items []catalog.ItemID, into []engagement.Counts) {
	c := &x.counts
	c.mu.RLock()
	defer c.mu.RUnlock()
	v := x.view.Load()
	for i, id := range items {
		into[i] = engagement.Counts{}
		if at := v.find(id); at != recommend.Nowhere {
			into[i] = c.get(at)
		}
		if n, ok := c.waiting[id]; ok {
			into[i] = n
		}
	}
}

func (c *counts) get(at recommend.Ordinal) engagement.Counts {
	if page := int(at / countsPage); page < len(c.pages) && c.pages[page] != nil {
		return c.pages[page][at%countsPage]
	}
	return engagement.Counts{}
}

func (c *counts) set(at recommend.Ordinal, n engagement.Counts) {
	page := int(at / countsPage)
	for len(c.pages) <= page {
		c.pages = append(c.pages, nil)
	}
	if c.pages[page] == nil {
		c.pages[page] = new([countsPage]engagement.Counts)
	}
	c.pages[page][at%countsPage] = n
}

// settle moves what waited for the items that the view has from the ordinal on to their places.
func (c *counts) settle(v *view, from uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for o := from; o < v.n && len(c.waiting) > 0; o++ {
		id := v.entries.get(o).id()
		if n, ok := c.waiting[id]; ok {
			delete(c.waiting, id)
			c.set(recommend.Ordinal(o), n)
		}
	}
}
