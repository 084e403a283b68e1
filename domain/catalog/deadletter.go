package catalog

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// Why a dead letter is not dealt with.
var (
	ErrNoLetter = fault.New(fault.NotFound, "no_dead_letter", "there is no such dead letter")
	ErrRelaying = fault.New(fault.Unavailable, "relay_busy", "facts are being delivered; try again")
)

// LetterID tells dead letters apart; it grows in the order in which facts came about.
type LetterID int64

// DeadLetter is a fact that could not be delivered for what it is. What of it cannot be read is zero.
type DeadLetter struct {
	ID        LetterID
	Item      ItemID
	Version   uint64
	State     State
	ChangedAt time.Time
	Failures  int
	Why       string // it failed last
	DiedAt    time.Time
	Overtaken uint64 // the highest version of the item delivered since, 0 for none

	Details, Payload []byte // as they are stored, perhaps not readable; not told in lists
}

// Superseded reports that a newer fact of the item was delivered: facts are whole, so this one says nothing any more.
func (l *DeadLetter) Superseded() bool { return l.Overtaken > l.Version }

// Requeueing is what became of a dead letter that is to be delivered again.
type Requeueing string

// The outcomes.
const (
	Requeued   Requeueing = "requeued"   // it waits in the outbox, before later facts of its item
	Waiting    Requeueing = "waiting"    // it did so already
	Superseded Requeueing = "superseded" // a newer fact was delivered; it stays a dead letter
)

// DeadLetters are the facts that the Outbox has given up. Methods may fail with a fault of kind Unavailable; every one
// may be repeated.
type DeadLetters interface {
	// List returns up to limit letters with ids above after, in order.
	List(ctx context.Context, after LetterID, limit int) ([]DeadLetter, error)
	// Find returns the whole letter. With no such letter: ErrNoLetter.
	Find(ctx context.Context, id LetterID) (DeadLetter, error)
	// Requeue puts the letter back into the outbox, at its place, with no failures. It fails with ErrNoLetter where
	// there is neither such a letter nor such a fact in the outbox, with ErrRelaying while somebody relays.
	Requeue(ctx context.Context, id LetterID) (Requeueing, error)
	// Drop forgets the letter for good. With no such letter: ErrNoLetter.
	Drop(ctx context.Context, id LetterID) error
}
