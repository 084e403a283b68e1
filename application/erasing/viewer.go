package erasing

import (
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// Removed says how much of one kind was removed from one store.
type Removed struct {
	Store string
	What  string
	Count int64
}

// Store is a place that holds something of viewers. Erase may be repeated; what is not there any
// more is not counted again.
type Store interface {
	Erase(ctx context.Context, viewer audience.ViewerID) ([]Removed, error)
}

// Dossier tells all that is held of a viewer.
type Dossier interface {
	// Export hands every record to emit: engagement.Logged, audience.Decision, audience.Tie,
	// feed.Exposure. It holds no more than a page of them at a time. When emit fails it stops with
	// that error.
	Export(ctx context.Context, viewer audience.ViewerID, emit func(record any) error) error
}

// Archivist brings pages that are still on their way into the archive.
type Archivist interface {
	Settle(ctx context.Context, patience time.Duration) error
}

// patience is how long pages on their way to the archive are waited for.
const patience = time.Second

// Receipt lists what an erasure removed.
type Receipt struct {
	Viewer   audience.ViewerID
	ErasedAt time.Time
	Removed  []Removed
}

// Viewers is the use cases of a viewer's own data.
type Viewers struct {
	dossier   Dossier
	stores    []Store
	archivist Archivist
	clock     func() time.Time
}

// NewViewers wires the use cases; stores are erased in order.
func NewViewers(dossier Dossier, stores []Store, archivist Archivist, clock func() time.Time) *Viewers {
	return &Viewers{dossier, stores, archivist, clock}
}

// Erase removes every trace of the viewer. When it fails, part may have been removed; repeat it.
func (v *Viewers) Erase(ctx context.Context, id audience.ViewerID) (Receipt, error) {
	if err := v.archivist.Settle(ctx, patience); err != nil {
		return Receipt{}, err // a page on its way to the archive would arrive after the erasure
	}
	r := Receipt{Viewer: id, ErasedAt: v.clock().UTC(), Removed: []Removed{}}
	// Twice, because the fast store may have been filled from records that were about to go, and the
	// archive with pages that were on their way.
	for range 2 {
		for _, s := range v.stores {
			removed, err := s.Erase(ctx, id)
			if err != nil {
				return Receipt{}, err
			}
			r.add(removed)
		}
	}
	return r, nil
}

func (r *Receipt) add(removed []Removed) {
	for _, m := range removed {
		i := slices.IndexFunc(r.Removed, func(o Removed) bool { return o.Store == m.Store && o.What == m.What })
		if i < 0 {
			r.Removed = append(r.Removed, m)
			continue
		}
		r.Removed[i].Count += m.Count
	}
}

// Export hands every record held of the viewer to emit; see Dossier.
func (v *Viewers) Export(ctx context.Context, id audience.ViewerID, emit func(record any) error) error {
	if err := v.archivist.Settle(ctx, patience); err != nil && ctx.Err() != nil {
		return err
	}
	return v.dossier.Export(ctx, id, emit)
}
