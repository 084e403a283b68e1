package relaying

import (
	"context"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const (
	batch = 500
	// patience bounds the delivery of a batch: a stream that hangs costs less than the relay's lease.
	patience = 2500 * time.Millisecond
)

// Relay moves facts from the outbox to the stream. One instance at a time does it; the others find
// nothing to do.
type Relay struct {
	outbox catalog.Outbox
	stream catalog.Changes
	owner  string
	buried func(n int)

	mu    sync.Mutex
	stats Stats
}

// Stats says how relaying goes: what this process did, and what waited when it looked last.
type Stats struct {
	Attempts  int // facts handed to the stream, or found that they cannot be
	Delivered int
	Failed    int // facts that failed by themselves
	Broken    int // batches that the stream or the database failed
	Buried    int // facts that became dead letters
	catalog.Backlog
}

// NewRelay gives the relay a name that no other instance has. buried hears how many facts became dead letters at once;
// nil: nobody does.
func NewRelay(outbox catalog.Outbox, stream catalog.Changes, owner string, buried func(n int)) *Relay {
	if buried == nil {
		buried = func(int) {}
	}
	return &Relay{outbox: outbox, stream: stream, owner: owner, buried: buried}
}

// Drain moves what is pending and due, and returns how much it was. What was delivered and could not be
// forgotten is delivered again: versions make that harmless. A stream that fails counts against no fact.
func (r *Relay) Drain(ctx context.Context) (int, error) {
	moved := 0
	for {
		done, err := r.outbox.Relay(ctx, r.owner, batch, func(items []catalog.Snapshot) ([]error, error) {
			pctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return Deliver(pctx, r.stream, items)
		})
		moved += done.Delivered
		r.note(done, err)
		if done.Buried > 0 {
			r.buried(done.Buried)
		}
		if err != nil || done.Taken < batch {
			return moved, err
		}
	}
}

// Look takes stock of what waits.
func (r *Relay) Look(ctx context.Context) (int, error) {
	b, err := r.outbox.Backlog(ctx)
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Backlog = b
	return 0, nil
}

// Stats tells of now.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

func (r *Relay) note(done catalog.Relayed, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Attempts += done.Delivered + done.Failed
	r.stats.Delivered += done.Delivered
	r.stats.Failed += done.Failed
	r.stats.Buried += done.Buried
	if err != nil {
		r.stats.Broken++
	}
}
