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
