package capturing

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

const reviewBatch = 2000

// Review compares this instance's index with the catalogue after every gap in reading, and has what differs adopted. What
// one instance does not know any more, because it started since, another one does.
type Review struct {
	points   Checkpoints
	items    catalog.ItemRepository
	index    recommend.Index
	adoption *Adoption
	done     atomic.Uint64 // gaps that the index needs not be compared for
}

// NewReview wires the parts; the index is the one that Adoption's items are shown in, by whoever follows the stream.
func NewReview(points Checkpoints, items catalog.ItemRepository, index recommend.Index, adoption *Adoption) *Review {
	return &Review{points: points, items: items, index: index, adoption: adoption}
}

// Begin is called before the index is built: what gaps before hid is in what it is built from.
func (r *Review) Begin(ctx context.Context) error {
	gaps, err := r.points.Gaps(ctx)
	if err == nil {
		r.done.Store(gaps)
	}
	return err
}

// Compared counts the gaps for which the index needs not be compared any more.
func (r *Review) Compared() uint64 { return r.done.Load() }

// Resume is called after Begin where the index was not built from the records but from what it was when gaps were
// compared: if there were others since, Run compares.
func (r *Review) Resume(compared uint64) { r.done.Store(compared) }

// Run compares if there was a gap since, and returns in how many items index and catalogue differed. It is not called
// beside itself.
func (r *Review) Run(ctx context.Context) (int, error) {
	gaps, err := r.points.Gaps(ctx)
	if err != nil || gaps == r.done.Load() {
		return 0, err
	}
	changes, err := r.differences(ctx)
	if err != nil {
		return 0, err
	}
	if err := r.adoption.Adopt(ctx, changes); err != nil {
		return 0, err
	}
	r.done.Store(gaps)
	return len(changes), nil
}

// differences looks at the index first: what is written meanwhile is newer in the catalogue, and comes by the stream.
func (r *Review) differences(ctx context.Context) (changes []Change, err error) {
	view := r.index.View()
	found := make([]bool, view.Len())
	var after catalog.Number
	for {
		rows, err := r.items.Scan(ctx, time.Time{}, after, reviewBatch)
		if err != nil {
			return nil, err
		}
		at, held := lookUp(view, rows)
		for i := range rows {
			if at[i] == recommend.Nowhere {
				continue
			}
			found[at[i]] = true
			if !upToDate(held[i], &rows[i]) {
				changes = append(changes, Change{ID: rows[i].ID, Number: rows[i].Number, Floor: held[i].Version})
			}
		}
		if len(rows) < reviewBatch {
			return append(changes, missing(view, found)...), nil
		}
		after = rows[len(rows)-1].Number
	}
}

func lookUp(view recommend.View, rows []catalog.Snapshot) ([]recommend.Ordinal, []*catalog.Snapshot) {
	ids, at, held := make([]catalog.ItemID, len(rows)), make([]recommend.Ordinal, len(rows)), make([]*catalog.Snapshot, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	view.Locate(ids, at)
	view.Items(at, held)
	return at, held
}

// upToDate reports that the index needs nothing but what comes by the stream to hold what the row says.
func upToDate(held, row *catalog.Snapshot) bool {
	switch {
	case row.Version != held.Version:
		return row.Version > held.Version
	case held.State == catalog.Removed: // of which the index keeps no more
		return row.State == catalog.Removed
	}
	return held.State == row.State && held.Number == row.Number && held.Details.Equal(row.Details)
}

// missing are the items that the index has and the catalogue has not.
func missing(view recommend.View, found []bool) (changes []Change) {
	var at []recommend.Ordinal
	for o, ok := range found {
		if !ok {
			at = append(at, recommend.Ordinal(o))
		}
	}
	held := make([]*catalog.Snapshot, len(at))
	view.Items(at, held)
	for _, s := range held {
		changes = append(changes, Change{ID: s.ID, Number: s.Number, Floor: s.Version})
	}
	return changes
}
