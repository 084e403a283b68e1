package relaying

import (
	"context"
	"errors"

	"github.com/freshet/freshet/domain/catalog"
)

// Deliver publishes the facts in order and answers what became of each: nil where it was, catalog.ErrUndeliverable
// where the stream can never hold it, catalog.ErrHeld where it comes after such a one of its item. One that cannot be
// delivered costs some more calls of the stream, and keeps no other item's back. It fails as the stream does; then
// some may have been published.
func Deliver(ctx context.Context, stream catalog.Changes, facts []catalog.Snapshot) ([]error, error) {
	d := &delivery{stream: stream, facts: facts, outcomes: make([]error, len(facts)), broken: map[catalog.ItemID]bool{}}
	return d.outcomes, d.part(ctx, 0, len(facts))
}

type delivery struct {
	stream   catalog.Changes
	facts    []catalog.Snapshot
	outcomes []error
	broken   map[catalog.ItemID]bool
}

// part halves what the stream refuses until it knows which fact that is for.
func (d *delivery) part(ctx context.Context, from, to int) error {
	some := make([]catalog.Snapshot, 0, to-from)
	last := 0
	for i := from; i < to; i++ {
		if d.broken[d.facts[i].ID] {
			d.outcomes[i] = catalog.ErrHeld
			continue
		}
		some, last = append(some, d.facts[i]), i
	}
	if len(some) == 0 {
		return nil
	}
	err := d.stream.Publish(ctx, some)
	if !errors.Is(err, catalog.ErrUndeliverable) {
		return err
	}
	if len(some) == 1 {
		d.outcomes[last], d.broken[some[0].ID] = err, true
		return nil
	}
	middle := from + (to-from)/2
	if err := d.part(ctx, from, middle); err != nil {
		return err
	}
	return d.part(ctx, middle, to)
}
