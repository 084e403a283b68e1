package diagnosing

import (
	"context"
	"errors"
	"io"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// OfSnapshot is the check of what an instance on this machine has put down of what it learned. Open fails with
// learning.ErrNoSnapshot where there is nothing.
func OfSnapshot(open func() (io.ReadCloser, error), log engagement.EventLog) Check {
	return Check{"snapshot", schemaCheck, func(ctx context.Context) (Finding, error) { return snapshot(ctx, open, log) }}
}

func snapshot(ctx context.Context, open func() (io.ReadCloser, error), log engagement.EventLog) (Finding, error) {
	file, err := open()
	if errors.Is(err, learning.ErrNoSnapshot) {
		return skipped("there is none in the data folder of this machine"), nil
	}
	if err != nil {
		return Finding{}, err
	}
	defer func() { _ = file.Close() }()
	end, err := log.Head(ctx)
	if err != nil {
		return Finding{}, err
	}
	upTo, err := learning.Examine(ctx, file, log)
	const do = "delete learned.snapshot from the data folder: it is of no use, and the next start learns the log anew"
	switch {
	case fault.Is(err, fault.Unavailable):
		return Finding{}, err
	case err != nil:
		return warn(do, "%s", fault.Of(err).Message()), nil
	case upTo > end:
		return warn(do, "it was learned up to %d, and the log ends at %d", upTo, end), nil
	case end-upTo > learning.Replayed:
		return warn("nothing; the next start learns the newest events anew", "it is %d events behind the log", end-upTo), nil
	}
	return ok("of this database, learned up to %d of %d events", upTo, end), nil
}
