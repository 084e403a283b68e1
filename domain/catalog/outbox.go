package catalog

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ErrUndeliverable says that a fact cannot be delivered for what it is, whenever and however often it is tried.
var ErrUndeliverable = fault.New(fault.Invalid, "undeliverable", "no instance could read this fact")

// ErrHeld is the outcome of a fact that waits behind an earlier one of its item.
var ErrHeld = fault.New(fault.Conflict, "held", "an earlier fact of this item is tried again first")

// Outbox holds item facts that were committed and are not yet known to be in the stream.
type Outbox interface {
	// Relay hands up to limit pending facts that are due, oldest first, to deliver, which answers what became of
	// each, aligned: nil, it was delivered and is forgotten; ErrHeld, it stays as it is; another error, it failed by
	// itself. If deliver fails, nothing is forgotten and nothing counted against any fact.
	//
	// A fact that failed is due again after RetryAfter, and later ones of its item not before it. After MostFailures
	// it becomes a dead letter, and they are due. One that cannot be read fails without being handed over. How often
	// it failed survives this process.
	//
	// Only one caller in the fleet relays at a time: while another holds the lease nothing is taken. If forgetting
	// fails, facts are delivered again.
	Relay(ctx context.Context, owner string, limit int, deliver func([]Snapshot) ([]error, error)) (Relayed, error)
	// Backlog tells what waits.
	Backlog(ctx context.Context) (Backlog, error)
}

// Relayed is what became of the facts that one call took.
type Relayed struct {
	Taken     int // all of them
	Delivered int
	Failed    int // by themselves
	Buried    int // of those, how many are dead letters now
}

// Backlog is what is committed and not delivered.
type Backlog struct {
	Pending int64
	Oldest  time.Duration // how long ago the oldest pending fact came about, 0 when none is pending
	Dead    int64         // dead letters that may be requeued
	Stale   int64         // dead letters that a newer fact of their item has overtaken
}

// MostFailures is how often a fact may fail by itself.
const MostFailures = 3

const firstRetry = 500 * time.Millisecond

// RetryAfter is how long a fact rests that failed so often, 1 or more: between a half and the whole of what doubling
// gives, as chance (0 to 1) has it.
func RetryAfter(failures int, chance float64) time.Duration {
	whole := firstRetry << min(max(failures-1, 0), 6)
	return whole/2 + time.Duration(chance*float64(whole/2))
}
