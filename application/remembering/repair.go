package remembering

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

const repairBatch = 500

// Repair empties the fast copy of every viewer that missed something, so that it is filled anew.
// It returns how many it mended. While the fast store is out of reach it fails and may be repeated.
func (v *Viewers) Repair(ctx context.Context) (mended int, err error) {
	for range 2 { // noticing a restart is news itself
		at := v.beat()
		if err := v.noticeRestart(ctx); err != nil {
			v.Part()
			return mended, err
		}
		now := v.clock()
		n, err := v.mendListed(ctx)
		mended += n
		if err != nil {
			return mended, err
		}
		v.mu.Lock()
		if n > 0 || v.sure != at {
			v.stirred = now
		}
		if now.Sub(v.stirred) >= mostLost {
			v.healthy = now
		}
		v.sure = at
		pulse := Pulse{v.runID, v.healthy, v.LostSince()}
		v.mu.Unlock()
		if err := v.heart.Seal(ctx, pulse); err != nil {
			return mended, err
		}
		if v.Sure() {
			break
		}
	}
	return mended, nil
}

func (v *Viewers) mendListed(ctx context.Context) (mended int, err error) {
	for {
		ids, err := v.repairs.Pending(ctx, repairBatch)
		if err != nil {
			return mended, err
		}
		if len(ids) == 0 {
			n, err := v.mendStale(ctx)
			return mended + n, err
		}
		for _, id := range ids {
			if err := v.forget(ctx, id); err != nil {
				return mended, err
			}
			mended++
		}
		if err := v.repairs.Done(ctx, ids); err != nil {
			return mended, err
		}
	}
}

// noticeRestart marks everybody of whom something was recorded since shortly before the fast store was last known to hold all that
// was recorded, beyond what it may lose: what it lost then may be that a copy was emptied.
func (v *Viewers) noticeRestart(ctx context.Context) error {
	id, err := v.heart.RunID(ctx)
	if err != nil {
		return err
	}
	v.mu.Lock()
	before, since := v.runID, v.healthy
	v.mu.Unlock()
	if before == "" { // this process is new: others, or nobody, have looked before
		p, err := v.heart.Sealed(ctx)
		if err != nil {
			return err
		}
		before, since = p.RunID, p.At
		if before != "" {
			v.mu.Lock()
			v.stirred, v.healthy = v.clock(), p.At
			v.mu.Unlock()
		}
		if !p.Lost.IsZero() {
			v.lost.Store(p.Lost.UnixMilli())
		}
	}
	if before != "" && before != id {
		v.lost.Store(v.clock().UnixMilli())
		if err := v.markTouched(ctx, since.Add(-longestWrite)); err != nil {
			return err
		}
	}
	v.mu.Lock()
	v.runID = id
	v.mu.Unlock()
	return nil
}

const (
	// mostLost is how much the fast store may lose of what it acknowledged before it died: it writes to disk every second.
	mostLost = 5 * time.Second
	// longestWrite is how long it may take from the time that is recorded of something to its commit, and to the fast store: durable
	// writes are given up after 30 s.
	longestWrite = 45 * time.Second
)

func (v *Viewers) markTouched(ctx context.Context, since time.Time) error {
	var after audience.ViewerID
	for {
		ids, err := v.repairs.Touched(ctx, since, after, repairBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := v.mark(ctx, ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// mendStale mends those whom only this process distrusts: they could not be put on the list, or
// another process has taken them off it.
func (v *Viewers) mendStale(ctx context.Context) (int, error) {
	v.mu.Lock()
	ids := slices.Collect(maps.Keys(v.stale))
	v.mu.Unlock()
	for i, id := range ids {
		if err := v.forget(ctx, id); err != nil {
			return i, err
		}
	}
	return len(ids), nil
}

func (v *Viewers) forget(ctx context.Context, id audience.ViewerID) error {
	v.mu.Lock()
	mark := v.stale[id]
	v.mu.Unlock()
	if err := v.fast.Forget(ctx, id); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stale[id] == mark { // not marked again in between
		delete(v.stale, id)
	}
	return nil
}
