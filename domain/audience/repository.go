package audience

import (
	"context"
	"time"
)

// ViewerRepository keeps what viewers decided; it is the durable side. Every implementation passes
// audiencetest.Viewers.
//
// Methods are safe for concurrent use. Beyond the errors each names, any may fail with a fault of
// kind Unavailable; what was asked may or may not have been done.
type ViewerRepository interface {
	// Find returns the viewer; one who never decided anything is an empty viewer, not an error.
	Find(ctx context.Context, id ViewerID) (*Viewer, error)
	// Update loads the viewer, runs change on it and stores its changes: all or nothing. If change
	// fails, Update returns that error. Writers of one viewer take turns; change may run again
	// after a collision, so it calls nothing remote.
	Update(ctx context.Context, id ViewerID, change func(*Viewer) error) error
}

// Recollection rebuilds a viewer's Knowledge from durable records alone, as it was at a moment
// (the zero time: now). It is slower than Remembrance and never lost.
type Recollection interface {
	Recollect(ctx context.Context, id ViewerID, at time.Time) (Knowledge, error)
}

// Remembrance is the fast copy of what is known of each viewer. It may lose what it holds at any
// time; Recollection then fills it again. Every implementation passes audiencetest.Remembrance.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; what was
// asked may or may not have been done, and every one may be repeated.
type Remembrance interface {
	// Recall returns what is known. Where nothing is held of the viewer the second result is false
	// and the caller fills it by Restore.
	Recall(ctx context.Context, id ViewerID) (Knowledge, bool, error)
	// Restore replaces all that is held of the viewer. A Note or Decide that came after the
	// durable records were read, and before Restore, is not lost: Restore then does nothing and
	// the next Recall still answers false.
	Restore(ctx context.Context, id ViewerID, version int64, k Knowledge) error
	// Version returns a token to hand to Restore, taken before the durable records are read.
	Version(ctx context.Context, id ViewerID) (int64, error)
	// Note adds actions and marks, each repeat changing nothing that matters: plays of one item in
	// one session are one action whose watched time only grows. Where nothing is held of a viewer
	// it only makes a Restore under way fail.
	Note(ctx context.Context, notes []Note) error
	// Decide applies changes of the viewer's decisions, in order. Where nothing is held it only
	// makes a Restore under way fail.
	Decide(ctx context.Context, id ViewerID, changes []Change) error
	// Forget drops what is held of the viewer, also when nothing is. What was served stays for the next Restore: the durable records
	// may not have it yet.
	Forget(ctx context.Context, id ViewerID) error
}

// Note is what one event adds to what is known of its viewer.
type Note struct {
	Viewer   ViewerID
	Action   *Action // nil: nothing for the recent actions
	Seen     []Mark
	Consumed []Mark
}
