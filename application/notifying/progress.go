package notifying

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ErrTaken says that another instance reads the log for tasks now.
var ErrTaken = fault.New(fault.Conflict, "tasks_taken", "another instance makes tasks of the event log now")

// Place is how far in the log events have become tasks.
type Place struct {
	Kept bool // somebody has kept one
	UpTo engagement.Offset
}

// Progress remembers up to where events of the log have become tasks, and who makes them: one in the fleet. Methods are safe for
// concurrent use and may fail with a fault of kind Unavailable; what was asked may or may not have been done, and every one may
// be repeated.
type Progress interface {
	// Take takes the right to make tasks, or keeps it, for so long. While somebody else has it, it answers false.
	Take(ctx context.Context, owner string, long time.Duration) (has bool, at Place, err error)
	// Keep puts down that all events up to the offset are in tasks. It fails with ErrTaken where the owner has not the right
	// any more.
	Keep(ctx context.Context, owner string, upTo engagement.Offset) error
	// Give lets go of the right.
	Give(ctx context.Context, owner string) error
}
