package copying

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ErrOvertaken is about a copy that somebody else made in the meantime.
var ErrOvertaken = fault.New(fault.Conflict, "copy_overtaken", "another instance copied these events")

// ErrBehind is about records that lack events which the log has taken in.
var ErrBehind = fault.New(fault.Unavailable, "copy_behind", "events that were taken in are not in the database yet; try again later")

// Mark is a place between two records of the log, and what was so there.
type Mark struct {
	Record int64             // of the record after it
	Offset engagement.Offset // of the last event before it
	Window int               // how many ids of events were remembered there; 0: as many as a log does that nobody told otherwise
}

// Source is the log that takes events in. Its methods are safe for concurrent use and may fail with a fault of kind
// Unavailable; all may be repeated.
type Source interface {
	// Stretch returns the next events, at least limit unless there are fewer, and the mark after them. It ends between records,
	// so that it may return more; with no event the mark may have moved all the same.
	Stretch(ctx context.Context, from Mark, limit int) ([]engagement.Logged, Mark, error)
	// End is the mark after everything taken in so far.
	End(ctx context.Context) (Mark, error)
	// Copied tells that everything before the mark is copied; what nobody needs any more may then go.
	Copied(ctx context.Context, upTo Mark) error
}

// Records are where everything else reads events. Methods are safe for concurrent use and may fail with a fault of kind
// Unavailable; Store may then have happened.
type Records interface {
	// Mark is up to where events are stored.
	Mark(ctx context.Context) (Mark, error)
	// Store stores the events at their offsets, and the mark after them, in one commit. An event whose id is stored already is
	// left out, and its offset stays empty. When the mark is not at from: ErrOvertaken, and nothing is stored.
	Store(ctx context.Context, from Mark, events []engagement.Logged, to Mark) error
}

// Turn lets one instance at a time copy. Nothing depends on it but that no work is done twice.
type Turn interface {
	Take(ctx context.Context, owner string, long time.Duration) (bool, error)
	Give(ctx context.Context, owner string) error
}

const (
	batch = 2000
	// turn is for how long an instance that does not answer any more keeps others from copying.
	turn = 5 * time.Second
	// look is between two looks of an instance that waits for another to copy.
	look = 20 * time.Millisecond
)

// Copier copies. It is safe for concurrent use, but Copy is not to run beside itself.
type Copier struct {
	from  Source
	to    Records
	turn  Turn
	owner string
	clock func() time.Time

	until  time.Time // until when the turn is ours for certain
	at     atomic.Uint64
	copied atomic.Uint64
}

// NewCopier wires the parts. Owner is a name that nobody else has.
func NewCopier(from Source, to Records, turn Turn, owner string, clock func() time.Time) *Copier {
	return &Copier{from: from, to: to, turn: turn, owner: owner, clock: clock}
}

// Copy copies what there is, if it is this instance's turn, and returns how many events that were. Either way the source
// hears how far events are copied.
func (c *Copier) Copy(ctx context.Context) (int, error) {
	mark, err := c.told(ctx)
	if err != nil {
		return 0, err
	}
	copied := 0
	for {
		if mine, err := c.myTurn(ctx); err != nil || !mine {
			return copied, err
		}
		events, to, err := c.from.Stretch(ctx, mark, batch)
		if err != nil || to == mark {
			return copied, err
		}
		err = c.to.Store(ctx, mark, events, to)
		if fault.Is(err, fault.Conflict) { // a commit of ours whose answer was lost, or another instance that thinks it is its turn
			c.until = time.Time{}
			return copied, nil
		}
		if err != nil {
			return copied, err
		}
		copied += len(events)
		c.copied.Add(uint64(len(events)))
		mark = to
		c.at.Store(uint64(mark.Offset))
		if err := c.from.Copied(ctx, mark); err != nil {
			return copied, err
		}
	}
}

// Yield lets another instance copy at once.
func (c *Copier) Yield(ctx context.Context) error { return c.turn.Give(ctx, c.owner) }

func (c *Copier) told(ctx context.Context) (Mark, error) {
	mark, err := c.to.Mark(ctx)
	if err != nil {
		return Mark{}, err
	}
	c.at.Store(uint64(mark.Offset))
	return mark, c.from.Copied(ctx, mark)
}

func (c *Copier) myTurn(ctx context.Context) (bool, error) {
	now := c.clock()
	if now.Before(c.until) {
		return true, nil
	}
	mine, err := c.turn.Take(ctx, c.owner, turn)
	if err == nil && mine {
		c.until = now.Add(turn / 2)
	}
	return mine, err
}

// Settle waits until what was taken in before is copied, by whomever; past patience: ErrBehind.
func (c *Copier) Settle(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	end, err := c.from.End(ctx)
	if err != nil {
		return err
	}
	for {
		mark, err := c.to.Mark(ctx)
		switch {
		case err != nil:
			return err
		case mark.Record >= end.Record:
			return c.from.Copied(ctx, mark)
		}
		select {
		case <-ctx.Done():
			return ErrBehind.Because(ctx.Err())
		case <-time.After(look):
		}
	}
}

// Stats is how far copying has come.
type Stats struct {
	At     engagement.Offset // of the last event that is copied, as far as this process knows
	Copied uint64            // events that this process copied
}

// Stats returns how far copying has come.
func (c *Copier) Stats() Stats {
	return Stats{At: engagement.Offset(c.at.Load()), Copied: c.copied.Load()}
}
