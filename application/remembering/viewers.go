package remembering

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// Repairs is the durable list of viewers whose fast copy missed something. Methods may fail with
// a fault of kind Unavailable and may be repeated.
type Repairs interface {
	// Mark puts the viewers on the list.
	Mark(ctx context.Context, viewers []audience.ViewerID) error
	// Pending returns up to limit viewers on the list.
	Pending(ctx context.Context, limit int) ([]audience.ViewerID, error)
	// Done takes the viewers off the list.
	Done(ctx context.Context, viewers []audience.ViewerID) error
	// Touched returns up to limit viewers, in order after the one given, of whom something was
	// recorded at or after since.
	Touched(ctx context.Context, since time.Time, after audience.ViewerID, limit int) ([]audience.ViewerID, error)
}

// Viewers is what other use cases use to read and write what is known of viewers. It is safe for
// concurrent use.
type Viewers struct {
	fast    audience.Remembrance
	durable audience.Recollection
	repairs Repairs
	heart   Heart
	clock   func() time.Time

	mu      sync.Mutex
	stale   map[audience.ViewerID]uint64 // the fast copy of these is not to be trusted → their last mark
	marks   uint64
	parted  uint64 // how often the fast store was out of reach
	sure    beat   // as it was when a repair began that mended everybody
	runID   string
	stirred time.Time    // when a repair last mended somebody, or came after an outage
	healthy time.Time    // when a repair last found all as it should be, mostLost after it was stirred
	lost    atomic.Int64 // Unix ms of the last restart noticed, 0: none
}

// NewViewers wires the parts; Repair is to be called every second or so.
func NewViewers(fast audience.Remembrance, durable audience.Recollection, repairs Repairs, heart Heart, clock func() time.Time) *Viewers {
	return &Viewers{
		fast: fast, durable: durable, repairs: repairs, heart: heart, clock: clock,
		stale: make(map[audience.ViewerID]uint64), healthy: clock(),
	}
}

// Note adds to what is known. It fails only when neither the fast copy nor the list of repairs
// could be written; then the caller must not acknowledge.
func (v *Viewers) Note(ctx context.Context, notes []audience.Note) error {
	if len(notes) == 0 {
		return nil
	}
	err := v.fast.Note(ctx, notes)
	if err == nil {
		return nil
	}
	ids := make([]audience.ViewerID, 0, len(notes))
	for i := range notes {
		if n := len(ids); n == 0 || ids[n-1] != notes[i].Viewer {
			ids = append(ids, notes[i].Viewer)
		}
	}
	return v.mark(ctx, ids)
}

// Decide applies changes of a viewer's decisions that are already durable. Where nothing changed, an earlier try may have died
// between its commit and the fast copy: the copy is emptied. It fails as Note does.
func (v *Viewers) Decide(ctx context.Context, id audience.ViewerID, changes []audience.Change) error {
	if len(changes) == 0 {
		return v.Refresh(ctx, []audience.ViewerID{id})
	}
	if v.fast.Decide(ctx, id, changes) == nil {
		return nil
	}
	return v.mark(ctx, []audience.ViewerID{id})
}

// Refresh empties the fast copies of the viewers, so that they are filled anew from the durable records.
// It fails as Note does.
func (v *Viewers) Refresh(ctx context.Context, ids []audience.ViewerID) error {
	for i, id := range ids {
		if v.fast.Forget(ctx, id) != nil {
			return v.mark(ctx, ids[i:])
		}
	}
	return nil
}

// Doubt has the fast copies emptied, within moments, of some of those of whom something was recorded since: in order, after
// the viewer given. It returns the last of them, "" when there are no more. It may be repeated.
func (v *Viewers) Doubt(ctx context.Context, since time.Time, after audience.ViewerID) (audience.ViewerID, error) {
	ids, err := v.repairs.Touched(ctx, since, after, repairBatch)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[len(ids)-1], v.repairs.Mark(ctx, ids)
}

// Trusted reports whether the fast copy of the viewer may be used.
func (v *Viewers) Trusted(id audience.ViewerID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, stale := v.stale[id]
	return !stale
}

// LostSince reports when the fast store was last seen to have been restarted; zero: never.
func (v *Viewers) LostSince() time.Time {
	if ms := v.lost.Load(); ms != 0 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

// Fill reads the viewer from the durable records and puts that into the fast copy. The answer is
// good even when the fast copy could not be written.
func (v *Viewers) Fill(ctx context.Context, id audience.ViewerID) (audience.Knowledge, error) {
	version, fastErr := v.fast.Version(ctx, id)
	k, err := v.durable.Recollect(ctx, id, time.Time{})
	if err != nil {
		return audience.Knowledge{}, err
	}
	if fastErr == nil {
		_ = v.fast.Restore(ctx, id, version, k) // a copy that stays empty is filled next time
	}
	return k, nil
}

// Warm has a fast copy of the viewer be there that may be used, and reports whether it had to be filled.
func (v *Viewers) Warm(ctx context.Context, id audience.ViewerID) (filled bool, err error) {
	if !v.Trusted(id) {
		if err := v.forget(ctx, id); err != nil {
			return false, err
		}
	} else if _, held, err := v.fast.Recall(ctx, id); err != nil || held {
		return false, err
	}
	version, err := v.fast.Version(ctx, id)
	if err != nil {
		return false, err
	}
	k, err := v.durable.Recollect(ctx, id, time.Time{})
	if err != nil {
		return false, err
	}
	return true, v.fast.Restore(ctx, id, version, k)
}

// Recollect reads the viewer from the durable records alone.
func (v *Viewers) Recollect(ctx context.Context, id audience.ViewerID) (audience.Knowledge, error) {
	return v.durable.Recollect(ctx, id, time.Time{})
}

func (v *Viewers) mark(ctx context.Context, ids []audience.ViewerID) error {
	v.distrust(ids)
	return v.repairs.Mark(ctx, ids)
}

func (v *Viewers) distrust(ids []audience.ViewerID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		v.marks++
		v.stale[id] = v.marks
	}
}
