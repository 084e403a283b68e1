package diagnosing

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// OfCatalogue is the check of what an instance on this machine has put down of its index. Open fails with
// learning.ErrNoSnapshot where there is nothing; whose names the database.
func OfCatalogue(open func() (io.ReadCloser, error), whose func(context.Context) (uint64, error), items catalog.ItemRepository, clock func() time.Time) Check {
	return Check{"catalogue", schemaCheck, func(ctx context.Context) (Finding, error) { return inventory(ctx, open, whose, items, clock) }}
}

func inventory(ctx context.Context, open func() (io.ReadCloser, error), whose func(context.Context) (uint64, error), items catalog.ItemRepository,
	clock func() time.Time) (Finding, error) {
	file, err := open()
	if errors.Is(err, learning.ErrNoSnapshot) {
		return skipped("there is no snapshot of it in the data folder of this machine"), nil
	}
	if err != nil {
		return Finding{}, err
	}
	defer func() { _ = file.Close() }()
	name, err := whose(ctx)
	if err != nil {
		return Finding{}, err
	}
	at, err := indexing.Examine(ctx, file, name, items)
	switch {
	case fault.Is(err, fault.Unavailable):
		return Finding{}, err
	case err != nil:
		return warn("delete catalogue.snapshot from the data folder: it is of no use, and the next start reads the whole catalogue", "%s", fault.Of(err).Message()), nil
	}
	return ok("of this database, written %s ago", clock().Sub(at).Round(time.Second)), nil
}
