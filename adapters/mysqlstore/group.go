package mysqlstore

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// GroupOptions bound what a GroupedLog holds. Zero values mean the defaults.
type GroupOptions struct {
	Waiting  int           // events that may wait for their transaction, 50,000; those of the one under way do not count
	Patience time.Duration // how long one caller's events may wait for it, 2 s
	Size     int           // events of one transaction, 2,000; one caller's are never parted
}

func (o GroupOptions) filled() GroupOptions {
	o.Waiting = cmp.Or(o.Waiting, 50_000)
	o.Patience = cmp.Or(o.Patience, 2*time.Second)
	o.Size = cmp.Or(o.Size, 2000)
	return o
}

// What a GroupedLog refuses. None of it is stored.
var (
	errFull    = fault.New(fault.Limited, "event_log_full", "too many events wait to be stored; send these again later")
	errBusy    = fault.New(fault.Unavailable, "event_log_busy", "the events waited too long to be stored and were not; send them again")
	errClosing = fault.New(fault.Unavailable, "event_log_closing", "this instance stops; send the events again")
)

// GroupedLog is an engagement.EventLog that stores what callers append at the same time in one transaction.
//
// One transaction is under way at a time. Who comes meanwhile waits for the next, together with all others who wait; who
// comes when there is none waits for nobody. Callers are served in the order in which they came, and each is answered
// after the commit. Beyond its bounds it refuses at once. Its owner closes it before the DB.
type GroupedLog struct {
	*EventLog
	opts GroupOptions

	mu      sync.Mutex
	queue   *list.List // of *caller
	waiting int        // events in queue
	working bool       // work runs
	closed  bool
	quiet   sync.Cond // working turned false
	stats   GroupStats
}

// NewGroupedLog appends to log.
func NewGroupedLog(log *EventLog, o GroupOptions) *GroupedLog {
	g := &GroupedLog{EventLog: log, opts: o.filled(), queue: list.New()}
	g.quiet.L = &g.mu
	return g
}

// caller is one Append that waits for its answer.
type caller struct {
	parcel
	err      error
	answered chan struct{} // closed when fresh and err are set
	queued   *list.Element // nil: no longer in the queue
}

// Append implements engagement.EventLog. When ctx ends while the events are on their way, they may or may not be stored,
// which is nothing to the other callers.
func (g *GroupedLog) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	if len(events) == 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, errUnavailable.Because(err)
	}
	// The caller may leave, and use the slice for something else, before we have done with it.
	c := &caller{parcel: parcel{events: slices.Clone(events), received: received}, answered: make(chan struct{})}
	if err := g.enter(c); err != nil {
		return nil, err
	}
	patience := time.NewTimer(g.opts.Patience)
	defer patience.Stop()
	for {
		select {
		case <-c.answered:
			return c.fresh, c.err
		case <-ctx.Done():
			g.leave(c)
			return nil, errUnavailable.Because(ctx.Err())
		case <-patience.C:
			if g.leave(c) {
				g.refused(&g.stats.Late)
				return nil, errBusy
			}
		}
	}
}

// enter queues c, and begins to work where nobody does.
func (g *GroupedLog) enter(c *caller) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		g.stats.Closed++
		return errClosing
	case g.waiting+len(c.events) > g.opts.Waiting:
		g.stats.Full++
		return errFull
	}
	c.queued = g.queue.PushBack(c)
	g.waiting += len(c.events)
	if !g.working {
		g.working = true
		go g.work()
	}
	return nil
}

// leave takes c out of the queue, and reports whether it was still there: then nothing of it is or will be stored.
func (g *GroupedLog) leave(c *caller) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.take(c)
}

func (g *GroupedLog) take(c *caller) bool {
	if c.queued == nil {
		return false
	}
	g.queue.Remove(c.queued)
	c.queued = nil
	g.waiting -= len(c.events)
	return true
}

// Close stores what waits and refuses what comes. It returns when all callers have their answers, at the latest when the
// database has had its time for them.
func (g *GroupedLog) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for g.working {
		g.quiet.Wait()
	}
}
