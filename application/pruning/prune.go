package pruning

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// stepRows bounds one step: what others wait for and what is done again after a failure.
const stepRows = 1000

// Store keeps things by age.
type Store interface {
	// Prune removes, oldest first, at most limit of the things that came before a moment, and returns how many. It may fail with a
	// fault of kind Unavailable; what was asked may or may not have been done, and may be asked again. Instances may prune at once.
	Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}

// Retention is for how long a store keeps its things; Keep 0: for ever.
type Retention struct {
	What string // in the plural
	Of   Store
	Keep time.Duration

	pruned atomic.Uint64
}

// Pruned is how many things this process removed.
func (r *Retention) Pruned() uint64 { return r.pruned.Load() }

// Prune is the use case of time passing.
type Prune struct {
	retentions []*Retention
	clock      func() time.Time
}

// NewPrune wires the parts.
func NewPrune(retentions []*Retention, clock func() time.Time) *Prune {
	return &Prune{retentions: retentions, clock: clock}
}

// Retentions are what it goes by.
func (p *Prune) Retentions() []*Retention { return p.retentions }

// Step removes some of what is due from each store and returns how many things that were; 0: nothing is due.
func (p *Prune) Step(ctx context.Context) (did int, err error) {
	for _, r := range p.retentions {
		if r.Keep == 0 {
			continue
		}
		n, err := r.Of.Prune(ctx, p.clock().Add(-r.Keep), stepRows)
		if err != nil {
			return did, fmt.Errorf("%s: %w", r.What, err)
		}
		r.pruned.Add(uint64(n))
		did += n
	}
	return did, nil
}
