package snowflake

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Why no id is issued.
var (
	// ErrNotHeld says that no worker's number is held, or that its lease may have ended.
	ErrNotHeld = errors.New("no worker id is held")
	// ErrClock says that the clock stands so far behind ids issued before that waiting for it makes no sense.
	ErrClock = errors.New("the clock is behind ids that were issued")
	// ErrSpent says that the layout has no room for this time.
	ErrSpent = errors.New("the time is outside what ids can say")
)

// Term is a time for which a worker's number is held.
type Term struct {
	Worker int
	After  time.Time // ids carry a later time than this: it was the former holder's reach
	Reach  time.Time // and none later than this
	// End is when issuing stops. With the monotonic reading of the clock that the generator was given, it does so
	// whatever becomes of the wall clock.
	End time.Time
}

// Tolerance is what a Generator does about time. Both are at least one unit of the layout.
type Tolerance struct {
	// Ahead is how far the time in ids may be ahead of the clock: in a burst, or because the clock was set back.
	Ahead time.Duration
	// Patience is how much farther ahead it may be for the generator to wait until the clock has caught up.
	Patience time.Duration
}

// Generator issues ids, each greater than the one before, whichever worker's number they are issued under. It begins without
// a Term and then issues none. It is safe for concurrent use and takes no lock.
type Generator struct {
	layout                Layout
	clock                 func() time.Time
	ahead, patience, most uint64 // units

	_     [64]byte // no reader of the above waits for writers of the below
	last  atomic.Uint64
	_     [56]byte
	term  atomic.Pointer[term]
	waits atomic.Uint64
}

// term is a Term in units.
type term struct {
	worker, first, last uint64
	end                 time.Time
}

// NewGenerator reads the clock once for each id.
func NewGenerator(l Layout, t Tolerance, clock func() time.Time) *Generator {
	units := func(d time.Duration) uint64 { return uint64(max(1, d/l.Unit)) }
	return &Generator{layout: l, clock: clock, ahead: units(t.Ahead), patience: units(t.Patience), most: mask(l.TimeBits)}
}

// Layout is what ids are made of.
func (g *Generator) Layout() Layout { return g.layout }

// Grant lets ids be issued in the term, in place of the one before.
func (g *Generator) Grant(t Term) {
	next := &term{worker: uint64(t.Worker) & mask(g.layout.WorkerBits), last: g.layout.unitsAt(t.Reach), end: t.End}
	if !t.After.Before(g.layout.Epoch) {
		next.first = g.layout.unitsAt(t.After) + 1
	}
	g.term.Store(next)
}

// Revoke ends the term. A call under way may still issue an id, within the term's reach.
func (g *Generator) Revoke() { g.term.Store(nil) }

// Reached is the time in the last id; before the first, the epoch.
func (g *Generator) Reached() time.Time { return g.layout.Split(g.last.Load()).At }

// Waits counts how often Next waited.
func (g *Generator) Waits() uint64 { return g.waits.Load() }

// Next issues an id; it waits where Try says so. It fails with what Try fails with, and with the context's error when that
// ends while it waits.
func (g *Generator) Next(ctx context.Context) (uint64, error) {
	for {
		id, wait, err := g.Try()
		if err != nil || wait == 0 {
			return id, err
		}
		g.waits.Add(1)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		case <-timer.C:
		}
	}
}

// Try issues an id at once, or says how long to wait before trying again. It fails with ErrNotHeld, ErrClock or ErrSpent.
func (g *Generator) Try() (id uint64, wait time.Duration, err error) {
	t := g.term.Load()
	if t == nil {
		return 0, 0, ErrNotHeld
	}
	for {
		// The clock is read after the last id: read before, it would seem to be behind ids that others issue meanwhile.
		last := g.last.Load()
		clock := g.clock()
		if !clock.Before(t.end) {
			return 0, 0, ErrNotHeld
		}
		now := g.layout.unitsAt(clock)
		next := g.following(last, now, t)
		at := next >> g.layout.timeShift()
		switch {
		case at > g.most || clock.Before(g.layout.Epoch):
			return 0, 0, ErrSpent
		case at > now+g.ahead+g.patience:
			return 0, 0, fmt.Errorf("%w, by %v", ErrClock, time.Duration(at-now)*g.layout.Unit)
		case at > now+g.ahead:
			due := g.layout.Epoch.Add(time.Duration(at-g.ahead) * g.layout.Unit)
			return 0, max(due.Sub(clock), time.Millisecond), nil
		case at > t.last:
			return 0, 0, ErrNotHeld
		}
		if g.last.CompareAndSwap(last, next) {
			return next, 0, nil
		}
	}
}

// following is the least id of the term that is greater than last and not of a time before now.
func (g *Generator) following(last, now uint64, t *term) uint64 {
	l := &g.layout
	at := last >> l.timeShift()
	sameWorker := last>>l.SequenceBits&mask(l.WorkerBits) == t.worker
	switch earliest := max(now, t.first); {
	case at < earliest:
		at = earliest
	case sameWorker && last&mask(l.SequenceBits) != mask(l.SequenceBits):
		return last + 1
	default:
		at++
	}
	return at<<l.timeShift() | t.worker<<l.SequenceBits
}
