package mysqlstore

import "slices"

// GroupSizes are the upper bounds, in events, by which GroupStats counts transactions.
var groupSizes = [...]int{1, 10, 50, 100, 200, 500, 1000, 2000, 5000, 10_000}

// GroupStats are what a GroupedLog did since it was made, and what it holds now.
type GroupStats struct {
	Waiting, UnderWay  int            // events in the queue, and in the transaction under way
	Groups, Events     uint64         // transactions committed, and the events that their callers appended, duplicates included
	Sizes              map[int]uint64 // how many of Groups had at most so many events
	Failed             uint64         // transactions that failed
	Full, Late, Closed uint64         // callers refused: no room, waited too long, the log was closed
	sizes              [len(groupSizes)]uint64
}

// Stats reports.
func (g *GroupedLog) Stats() GroupStats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Waiting = g.waiting
	s.Sizes = make(map[int]uint64, len(groupSizes))
	sum := uint64(0)
	for i, size := range groupSizes {
		sum += s.sizes[i]
		s.Sizes[size] = sum
	}
	return s
}

func (g *GroupedLog) committed(events int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.stats.Failed++
		return
	}
	g.stats.Groups++
	g.stats.Events += uint64(events)
	if i, _ := slices.BinarySearch(groupSizes[:], events); i < len(groupSizes) {
		g.stats.sizes[i]++
	}
}

func (g *GroupedLog) refused(count *uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*count++
}
