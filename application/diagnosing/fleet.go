package diagnosing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// settles is how long an index may take to hear of a change, and how often it is asked.
const (
	settles = time.Second
	asks    = 4
)

// OfInstance is the check of a running instance's index against the catalogue.
func OfInstance(url string, r Records, instances Instances) Check {
	return Check{"index " + url, schemaCheck, func(ctx context.Context) (Finding, error) { return index(ctx, url, r, instances) }}
}

// index takes the catalogue's digest before and after the instance's, since both change all the time.
func index(ctx context.Context, url string, r Records, instances Instances) (Finding, error) {
	before, err := r.Digest(ctx)
	if err != nil {
		return Finding{}, err
	}
	var has catalog.Digest
	changing := false
	for range asks {
		if has, err = instances.Digest(ctx, url); err != nil {
			return fail("see that it runs, and that this is the address of its admin plane", "%s", err), nil
		}
		if has == before {
			return ok("%d published items, the same as in the catalogue", has.Items), nil
		}
		select {
		case <-ctx.Done():
			return Finding{}, ctx.Err()
		case <-time.After(settles):
		}
		after, err := r.Digest(ctx)
		if err != nil {
			return Finding{}, err
		}
		changing, before = after != before, after
	}
	if changing {
		return warn("look again when less is published", "it has %d published items and the catalogue %d, which changes too fast to compare", has.Items, before.Items), nil
	}
	return fail("see what its follow and catch-up loops log; restarted without catalogue.snapshot in its data folder, it reads the catalogue anew",
		"it has %d published items, the catalogue %d; they are not the same", has.Items, before.Items), nil
}
