package diagnosing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Records tell how the durable records are. Every method reads a little, or in small steps, and locks nothing. Each may fail
// with a fault of kind Unavailable.
type Records interface {
	// Ping answers nil when the records can be read.
	Ping(ctx context.Context) error
	// SchemaVersion is the version of the tables, and the one this program wants.
	SchemaVersion(ctx context.Context) (have, want int64, err error)
	Offsets(ctx context.Context) (Offsets, error)
	Workers(ctx context.Context) (Workers, error)
	Capture(ctx context.Context) (Capture, error)
	// Unerased counts the notices of erasures, and names viewers of whom there is still something from before theirs.
	Unerased(ctx context.Context) (notices int, viewers []audience.ViewerID, err error)
	// Repairs counts viewers whose fast copy is to be emptied.
	Repairs(ctx context.Context) (int64, error)
	// Digest is that of all published items.
	Digest(ctx context.Context) (catalog.Digest, error)
}

// Offsets are how far logs go, and how far those who follow them have come.
type Offsets struct {
	Events, LastEvent     uint64 // what was given to events so far, and to the newest of them
	Tally                 uint64
	Erasures, LastErasure uint64
	UnsummedFollows       int64
	CountsRevision        uint64 // the highest that counts of items carry
	Counts                uint64 // the highest that was given
}

// Workers are the holders of worker ids, by the database's clock.
type Workers struct {
	Now  time.Time
	Held []Worker
}

// Worker is one holder.
type Worker struct {
	ID    int
	Owner string
	Until time.Time
	Reach time.Time // the latest time that its numbers carry
}

// Capture is how far the database's log was read.
type Capture struct {
	Position string
	Held     bool // somebody reads
	KeptAt   time.Time
	Now      time.Time // by the database's clock
}

// FastStore tells how Redis is.
type FastStore interface {
	Ping(ctx context.Context) error
	Nodes(ctx context.Context) ([]Node, error)
	Streams(ctx context.Context) ([]Stream, error)
}

// Node is one master.
type Node struct {
	Policy           string // what goes when memory is full
	Limit, Used      int64  // bytes; Limit 0: none
	Append           bool   // it keeps an append-only file
	Loading, Failing bool   // it is not ready, or its last write to disk failed
}

// Stream is one that pages wait in for the archive. Times are those of entries' ids.
type Stream struct {
	Name        string
	Length      int64
	Oldest      time.Time // the first entry; zero: none
	Newest      string    // id of the last one given
	Grouped     bool      // consumers have begun
	Delivered   string    // id of the last one that consumers were given
	Beyond      bool      // Delivered lies beyond Newest
	Pending     int64     // given and not confirmed
	PendingIdle time.Duration
	Now         time.Time // by Redis's clock
}

// Instances are running ones, by the address of their admin plane.
type Instances interface {
	// Digest is that of the published items in the instance's index.
	Digest(ctx context.Context, url string) (catalog.Digest, error)
}
