package capturing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// ErrGone says that the log does not go back to a position: it was cleared, or it is another log.
var ErrGone = fault.New(fault.Gone, "log_gone", "the database's log does not go back to where reading stopped")

// Log is the database's log of committed changes. Its methods may fail with a fault of kind Unavailable.
type Log interface {
	// Newest is the position after all that is committed.
	Newest(ctx context.Context) (position string, err error)
	// Open reads on from a position. A reader elsewhere is cut off.
	Open(ctx context.Context, position string) (Tail, error)
}

// Tail is a log that is being read, by one goroutine. Its owner closes it, also after an error.
type Tail interface {
	// Next waits up to wait for something to come and returns what is there; nothing is an empty batch. What it says
	// of viewers is committed for those who read the tables. It fails with ErrGone when the log does not go back to
	// where it was opened.
	Next(ctx context.Context, wait time.Duration) (Batch, error)
	Close()
}

// Batch is what some transactions in a row changed.
type Batch struct {
	// Position is the place after the last whole transaction, empty when none ended.
	Position string
	// At is when the last of it was committed, to the second; zero when there is nothing.
	At time.Time
	// Told are the facts that were put into the outbox.
	Told []Told
	// Unread counts the facts beside them that cannot be read; they are in the outbox.
	Unread int
	// Changed are the items that were changed past the outbox, each once.
	Changed []Change
	// Viewers are those whose ties and decisions were changed past the commands, each once.
	Viewers []audience.ViewerID
	// Missed says why the log does not name all that was changed; empty: it does.
	Missed string
	// Rows counts what was read of the tables that are followed.
	Rows map[Kind]int
	// More reports that more waited when the batch was made.
	More bool
	// Foreign reports that there is more in it than what readers put down for themselves.
	Foreign bool
}

// Told is a fact and its place in the outbox.
type Told struct {
	Seq  int64
	Item catalog.Snapshot
}

// Change says that an item's row was changed.
type Change struct {
	ID     catalog.ItemID
	Number catalog.Number // for a row that is gone; 0: another one
	Floor  uint64         // the highest version that the row had, before and after
}

// Kind is what happened to a row of a table: insert, update or delete.
type Kind struct{ Table, Kind string }
