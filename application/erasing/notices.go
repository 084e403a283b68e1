package erasing

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// ErrNoticesGone is about an instance that did not listen for longer than notices are kept.
var ErrNoticesGone = fault.New(fault.Gone, "notices_gone", "some notices of erasures since are not kept any more")

// Notices tell every instance whom to forget, in one order for all. They are posted after the viewer's events have gone.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable.
type Notices interface {
	// Head is the place of the newest, 0 when there was none.
	Head(ctx context.Context) (uint64, error)
	// Since returns up to limit of those whose notices come after the place: the first is of the next place, and so on. It
	// fails with ErrNoticesGone where the next one is not kept any more, or the place is past the head.
	Since(ctx context.Context, after uint64, limit int) ([]audience.ViewerID, error)
	// Expire drops the notices of that age and older.
	Expire(ctx context.Context, age time.Duration) error
}

// noticeLife is for how long notices are kept. An instance that was away for longer goes on from nothing that it kept.
const noticeLife = 24 * time.Hour

// Heard is how far an instance has heard of notices, and with it what it keeps. It is safe for concurrent use.
type Heard struct {
	notices Notices
	at      atomic.Uint64
}

// NewHeard has heard of nothing.
func NewHeard(notices Notices) *Heard { return &Heard{notices: notices} }

// At is the place of the notice heard last.
func (h *Heard) At() uint64 { return h.at.Load() }

// Begin is for an instance that remembers nobody yet: what was posted so far does not concern it.
func (h *Heard) Begin(ctx context.Context) error {
	head, err := h.notices.Head(ctx)
	if err == nil {
		h.at.Store(head)
	}
	return err
}

// Missed reports whether notices since the place are not kept any more.
func (h *Heard) Missed(ctx context.Context, at uint64) (bool, error) {
	_, err := h.notices.Since(ctx, at, 1)
	if fault.Is(err, fault.Gone) {
		return true, nil
	}
	return false, err
}

// Resume is for an instance that remembers what it remembered at the place.
func (h *Heard) Resume(at uint64) { h.at.Store(at) }
