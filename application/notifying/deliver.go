package notifying

import (
	"context"
	"sync/atomic"

	"github.com/freshet/freshet/domain/audience"
)

// Hook tells somebody outside. It fails when it cannot be sure that it was understood; asked again it tells again. It is safe for
// concurrent use.
type Hook interface {
	Tell(ctx context.Context, t Task) error
}

// Warmer has what is known of a viewer be at hand for the next page; see remembering.Viewers.
type Warmer interface {
	Warm(ctx context.Context, id audience.ViewerID) (filled bool, err error)
}

// Deliver does tasks. Either part may be nil. It is safe for concurrent use.
type Deliver struct {
	hook   Hook
	warmer Warmer

	filled, cold atomic.Int64
}

// NewDeliver wires the parts.
func NewDeliver(hook Hook, warmer Warmer) *Deliver { return &Deliver{hook: hook, warmer: warmer} }

// Run prepares a viewer's next page and tells outside, in this order: whoever asks for a page because they were told finds it
// prepared. Where somebody is told, a page that could not be prepared is no failure: it is computed without.
func (d *Deliver) Run(ctx context.Context, t Task) error {
	var err error
	if d.warmer != nil && t.Kind == Viewer {
		var filled bool
		filled, err = d.warmer.Warm(ctx, audience.ViewerID(t.ID))
		switch {
		case err != nil:
			d.cold.Add(1)
		case filled:
			d.filled.Add(1)
		}
	}
	if d.hook != nil {
		return d.hook.Tell(ctx, t)
	}
	return err
}

// Warmed is how many viewers were brought into the fast store, and how many could not be.
func (d *Deliver) Warmed() (filled, failed int64) { return d.filled.Load(), d.cold.Load() }
