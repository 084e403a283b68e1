package erasing

import (
	"context"
	"errors"
	"time"
)

const (
	noticeBatch = 100
	sweep       = time.Hour // between two looks for notices that have expired
)

// Forgetting has this instance forget whom any instance erased: what it holds in its own memory and on its own disk.
type Forgetting struct {
	heard  *Heard
	stores []Store
	clock  func() time.Time
	swept  time.Time
}

// NewForgetting wires the parts; stores are those of this instance alone.
func NewForgetting(heard *Heard, stores []Store, clock func() time.Time) *Forgetting {
	return &Forgetting{heard: heard, stores: stores, clock: clock, swept: clock()}
}

// Follow forgets everybody of whom notices are new, and returns how many notices that were. It is called between two
// readings of the event log, not beside one: events that were read before a notice are learned before it is heard, and none
// of them after. It fails with ErrNoticesGone, once, if it was not called for so long that it cannot tell whom to forget. It
// is not safe for concurrent use.
func (f *Forgetting) Follow(ctx context.Context) (int, error) {
	heard := 0
	for {
		viewers, err := f.heard.notices.Since(ctx, f.heard.At(), noticeBatch)
		if errors.Is(err, ErrNoticesGone) {
			return heard, errors.Join(err, f.heard.Begin(ctx))
		}
		if err != nil {
			return heard, err
		}
		for _, viewer := range viewers {
			for _, s := range f.stores {
				if _, err := s.Erase(ctx, viewer); err != nil {
					return heard, err
				}
			}
		}
		heard += len(viewers)
		f.heard.at.Add(uint64(len(viewers)))
		if len(viewers) < noticeBatch {
			return heard, f.expire(ctx)
		}
	}
}

func (f *Forgetting) expire(ctx context.Context) error {
	now := f.clock()
	if now.Sub(f.swept) < sweep {
		return nil
	}
	err := f.heard.notices.Expire(ctx, noticeLife)
	if err == nil {
		f.swept = now
	}
	return err
}
