package mysqlstore

import (
	"context"

	"github.com/freshet/freshet/domain/fault"
)

// work stores one group after the other until nobody waits.
func (g *GroupedLog) work() {
	for group := g.next(); len(group) > 0; group = g.next() {
		g.commit(group)
	}
}

// next takes the callers of the next transaction from the queue; none ends the work.
func (g *GroupedLog) next() (group []*caller) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.UnderWay = 0
	for at := g.queue.Front(); at != nil; at = g.queue.Front() {
		c := at.Value.(*caller)
		if len(group) > 0 && g.stats.UnderWay+len(c.events) > g.opts.Size {
			break
		}
		g.take(c)
		g.stats.UnderWay += len(c.events)
		group = append(group, c)
	}
	if len(group) == 0 {
		g.working = false
		g.quiet.Broadcast()
	}
	return group
}

// commit stores the group and answers its callers. No caller's context reaches the transaction, which is everybody's.
func (g *GroupedLog) commit(group []*caller) {
	parcels, events := make([]*parcel, len(group)), 0
	for i, c := range group {
		parcels[i] = &c.parcel
		events += len(c.events)
	}
	err := g.store(context.Background(), parcels)
	g.committed(events, err)
	if err != nil && len(group) > 1 && !fault.Is(err, fault.Unavailable) {
		g.commitEach(group)
		return
	}
	for _, c := range group {
		c.answer(err)
	}
}

// commitEach stores each caller's events alone, for the database refuses something of one of them. Once it does not answer
// at all, those who are left hear so.
func (g *GroupedLog) commitEach(group []*caller) {
	var gone error
	for _, c := range group {
		err := gone
		if err == nil {
			err = g.store(context.Background(), []*parcel{&c.parcel})
			g.committed(len(c.events), err)
		}
		if fault.Is(err, fault.Unavailable) {
			gone = err
		}
		c.answer(err)
	}
}

func (c *caller) answer(err error) {
	if err != nil {
		c.fresh = nil
	}
	c.err = err
	close(c.answered)
}
