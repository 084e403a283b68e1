package capturing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ErrTaken says that another reader has taken over.
var ErrTaken = fault.New(fault.Conflict, "reading_taken", "another instance reads the database's log now")

// Checkpoints remembers how far the log was read, and who reads it: one in the fleet. Methods may fail with a fault of
// kind Unavailable; what was asked may or may not have been done, and every one may be repeated.
type Checkpoints interface {
	// Take takes the right to read, or keeps it, for so long, and returns the position that was kept last; none: "".
	// While somebody else has it, it answers false.
	Take(ctx context.Context, owner string, long time.Duration) (has bool, position string, err error)
	// Keep puts down that all up to the position is done, and forgets those facts of the outbox: both or neither. It
	// fails with ErrTaken where the owner has not the right to read any more.
	Keep(ctx context.Context, owner, position string, told []int64) error
	// Skip puts down that reading goes on from the position with a gap before it. It fails as Keep does.
	Skip(ctx context.Context, owner, position string) error
	// Give lets go of the right to read.
	Give(ctx context.Context, owner string) error
	// Gaps counts the gaps so far.
	Gaps(ctx context.Context) (uint64, error)
}
