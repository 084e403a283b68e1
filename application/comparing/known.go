package comparing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// knownThen is what was known of the viewer as the page was made. What was recorded in the millisecond of the page came
// after it, where the page was made without it.
func knownThen(ctx context.Context, past audience.Recollection, e *feed.Exposure) (audience.Knowledge, error) {
	known, err := past.Recollect(ctx, e.Visit.Viewer, e.Page.ServedAt)
	if err != nil {
		return known, err
	}
	if known.Digest() == e.Page.Inputs.Viewer {
		return known, nil
	}
	before, err := past.Recollect(ctx, e.Visit.Viewer, e.Page.ServedAt.Add(-time.Millisecond))
	if err == nil && before.Digest() == e.Page.Inputs.Viewer {
		before.Memory.Served = known.Memory.Served
		return before, nil
	}
	return known, err
}
