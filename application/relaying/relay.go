package relaying

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const batch = 500

// Relay moves facts from the outbox to the stream. One instance at a time does it; the others find
// nothing to do.
type Relay struct {
	outbox catalog.Outbox
	stream catalog.Changes
	owner  string
}

// NewRelay gives the relay a name that no other instance has.
func NewRelay(outbox catalog.Outbox, stream catalog.Changes, owner string) *Relay {
	return &Relay{outbox, stream, owner}
}

// Drain moves what is pending and returns how much it was. What was delivered and could not be
// forgotten is delivered again: versions make that harmless.
func (r *Relay) Drain(ctx context.Context) (int, error) {
	moved := 0
	for {
		n, err := r.outbox.Relay(ctx, r.owner, batch, func(items []catalog.Snapshot) error {
			pctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			return r.stream.Publish(pctx, items)
		})
		moved += n
		if err != nil || n < batch {
			return moved, err
		}
	}
}
