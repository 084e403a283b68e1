package learning

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// What is new in the log is counted so long after it was counted last, or at once while so many events wait. A step writes
// one row for each item, however many events the item had: the pause is what makes a hot item cheap.
//
// Where nothing came for a while, it is looked for less often.
const (
	countPause = 50 * time.Millisecond
	countSoon  = 1000
	countQuiet = 40 // times that nothing came
	countRest  = 200 * time.Millisecond
)

// Board shows counts on pages.
type Board interface {
	SetCounts(counts map[catalog.ItemID]engagement.Counts)
}

// Lag is how far the counts are behind the log.
type Lag struct {
	Events int64
	Since  time.Time // when the first of them was received; zero when there is none
}

// Counter keeps the durable counts current with the log, and this instance's board current with them.
type Counter struct {
	tally  engagement.Tally
	board  Board
	cursor string
	due    time.Time
	quiet  int // how often nothing came, the last times
	lag    atomic.Pointer[Lag]
}

// NewCounter wires the parts.
func NewCounter(tally engagement.Tally, board Board) *Counter {
	c := &Counter{tally: tally, board: board}
	c.lag.Store(&Lag{})
	return c
}

// Lag is what was seen last. It is safe for concurrent use.
func (c *Counter) Lag() Lag { return *c.lag.Load() }

// Follow waits until it is time to count, and does what CatchUp does. It is not safe for concurrent use.
func (c *Counter) Follow(ctx context.Context) (int, error) {
	if wait := time.Until(c.due); wait > 0 && c.Lag().Events < countSoon {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(wait):
		}
	}
	began, shown := time.Now(), c.cursor
	n, err := c.CatchUp(ctx)
	if c.quiet++; n > 0 || c.cursor != shown {
		c.quiet = 0
	}
	c.due = began.Add(countPause)
	if c.quiet >= countQuiet {
		c.due = began.Add(countRest)
	}
	return n, err
}

// CatchUp counts what is new in the log, whichever instance comes first, and shows what changed. It
// is not safe for concurrent use.
func (c *Counter) CatchUp(ctx context.Context) (int, error) {
	lag, err := c.look(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for left := lag.Events; left > 0; {
		_, n, err := c.tally.Advance(ctx, batch)
		total += n
		if err != nil {
			return total, err
		}
		if left -= int64(n); n == 0 { // another instance was faster
			break
		}
	}
	if total > 0 {
		if _, err := c.look(ctx); err != nil {
			return total, err
		}
	}
	return total, c.Show(ctx)
}

func (c *Counter) look(ctx context.Context) (lag Lag, err error) {
	lag.Events, lag.Since, err = c.tally.Lag(ctx)
	if err == nil {
		c.lag.Store(&lag)
	}
	return lag, err
}

// Show brings the board up to what has been counted, here or elsewhere. It is not safe for concurrent use.
func (c *Counter) Show(ctx context.Context) error {
	for {
		counts, cursor, err := c.tally.Changed(ctx, c.cursor, batch)
		if err != nil {
			return err
		}
		c.board.SetCounts(counts)
		c.cursor = cursor
		if len(counts) < batch {
			return nil
		}
	}
}
