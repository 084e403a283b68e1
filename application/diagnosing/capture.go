package diagnosing

import (
	"context"
	"errors"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ServerLog is the database's own log, from which changes are read.
type ServerLog interface {
	// Check fails where the server's settings, or the account's privileges, do not do.
	Check(ctx context.Context) error
	// Reaches reports whether the log still goes back to the position.
	Reaches(ctx context.Context, position string) (bool, error)
}

// OfServerLog is the check of reading the database's log.
func OfServerLog(r Records, log ServerLog) Check {
	return Check{"binlog", schemaCheck, func(ctx context.Context) (Finding, error) { return serverLog(ctx, r, log) }}
}

// NoServerLog stands for it where the outbox alone tells of changes.
func NoServerLog() Check {
	return Check{Name: "binlog", Look: func(context.Context) (Finding, error) { return skipped("relay.source is outbox"), nil }}
}

func serverLog(ctx context.Context, r Records, log ServerLog) (Finding, error) {
	if err := log.Check(ctx); err != nil {
		if f := new(fault.Error); errors.As(err, &f) {
			return Finding{}, err
		}
		return fail("set it so on the server; until then the outbox tells of changes made by commands", "%s", err), nil
	}
	at, err := r.Capture(ctx)
	if err != nil {
		return Finding{}, err
	}
	if at.Position == "" {
		return warn("start an instance with relay.source: binlog", "nobody has read it yet"), nil
	}
	reaches, err := log.Reaches(ctx, at.Position)
	age := at.Now.Sub(at.KeptAt).Round(time.Second)
	switch {
	case err != nil:
		return Finding{}, err
	case !reaches:
		return fail("keep logs for longer (binlog_expire_logs_seconds); an instance that reads begins at the newest position and compares everything",
			"the server's log does not go back to %s, up to which it was read", at.Position), nil
	case !at.Held:
		return warn("start an instance with relay.source: binlog", "nobody reads it since %s", age), nil
	}
	return ok("read up to %s", at.Position), nil
}
