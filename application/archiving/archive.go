package archiving

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/feed"
)

const (
	batch = 200
	idle  = 30 * time.Second
)

// Archivist moves exposures to the archive. Any number of instances do it side by side.
type Archivist struct {
	from     feed.Exposures
	to       feed.PageArchive
	consumer string
}

// NewArchivist gives the archivist a name that no other instance has.
func NewArchivist(from feed.Exposures, to feed.PageArchive, consumer string) *Archivist {
	return &Archivist{from, to, consumer}
}

// Drain moves what there is and returns how much it was.
func (a *Archivist) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := a.from.Drain(ctx, a.consumer, batch, idle, func(e []feed.Exposure) error { return a.to.Keep(ctx, e) })
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

// Archivists are all the ways that pages take to the archive.
type Archivists []*Archivist

// Drain moves everything there is, way by way; it stops at the first that fails.
func (a Archivists) Drain(ctx context.Context) (int, error) {
	total := 0
	for _, one := range a {
		n, err := one.Drain(ctx)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// settleStep is how long Settle waits for other instances to keep what they have taken.
const settleStep = 10 * time.Millisecond

// Settle drains until nothing waits any more, here or in the hands of another instance, or until patience
// is over: then what was served a moment ago may still be missing from the archive.
func (a Archivists) Settle(ctx context.Context, patience time.Duration) error {
	enough := time.After(patience)
	for {
		if _, err := a.Drain(ctx); err != nil {
			return err
		}
		waiting, err := a.waiting(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		select {
		case <-enough:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settleStep):
		}
	}
}

func (a Archivists) waiting(ctx context.Context) (int64, error) {
	total := int64(0)
	for _, one := range a {
		n, err := one.from.Waiting(ctx)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
