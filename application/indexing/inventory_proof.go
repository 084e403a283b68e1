package indexing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// Versions reads what is compared with an index that came from a snapshot.
type Versions interface {
	// Versions appends up to limit items, removed ones included, with numbers above after, in order of number.
	Versions(ctx context.Context, after catalog.Number, limit int, into []Version) ([]Version, error)
}

// Version is which version the records have of an item, and since when.
type Version struct {
	ID      catalog.ItemID
	Number  catalog.Number
	Version uint64
	Changed int64 // Unix milliseconds
}

const (
	proofBatch = 2000
	// settled is how long ago an item changed if the index ought to know by now.
	settled = time.Minute
)

// proof is how far the records were compared. It is for one caller at a time.
type proof struct {
	wanted bool
	after  catalog.Number
	rows   []Version
}

// Prove compares two thousand of the records' versions with the index, where that came from a snapshot, and gives it
// what it lacks; once all were compared it has nothing to do any more. A snapshot lacks nothing as long as clocks of
// instances differ by less than two minutes and nobody changes items past the commands: this is for when they do. It
// answers how many items were mended.
func (n *Inventory) Prove(ctx context.Context) (int, error) {
	if !n.proof.wanted {
		return 0, nil
	}
	rows, err := n.o.Versions.Versions(ctx, n.proof.after, proofBatch, n.proof.rows[:0])
	if err != nil {
		return 0, err
	}
	n.proof.rows = rows
	until := n.keeper.clock().Add(-settled).UnixMilli()
	mended := 0
	for _, row := range rows {
		if row.Changed > until || !n.index.Lacks(row.ID, row.Version) {
			continue
		}
		items, err := n.keeper.repo.Scan(ctx, time.Time{}, row.Number-1, 1)
		if err != nil {
			return mended, err
		}
		mended += n.index.Apply(items)
		if err := take(ctx, n.keeper.steps, items); err != nil {
			return mended, err
		}
	}
	n.mu.Lock()
	n.stats.Items += mended
	n.mu.Unlock()
	if len(rows) < proofBatch {
		n.proof = proof{}
		return mended, nil
	}
	n.proof.after = rows[len(rows)-1].Number
	return mended, nil
}
