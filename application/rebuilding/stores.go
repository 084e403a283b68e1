package rebuilding

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Records are the durable records of all viewers. Methods are safe for concurrent use and may fail with a fault of kind
// Unavailable.
type Records interface {
	// Active looks at up to limit viewers, in order after the one given, and returns those of whom something was recorded at or
	// after since. Last is the last one looked at, "" when there are no more.
	Active(ctx context.Context, since time.Time, after audience.ViewerID, limit int) (active []audience.ViewerID, last audience.ViewerID, err error)
	// RecollectAll returns what audience.Recollection would return now, for each of the viewers.
	RecollectAll(ctx context.Context, ids []audience.ViewerID) ([]audience.Knowledge, error)
	// Sessions tells the viewers' sessions that began at or after since, with their archived pages in order, some at a time.
	Sessions(ctx context.Context, ids []audience.ViewerID, since time.Time, tell func([]Session) error) error
}

// Session is a session as the archive has it.
type Session struct {
	Visit feed.Visit
	Pages []feed.Page
}

// Copy is what is to be held of a viewer, read after Version was taken.
type Copy struct {
	Version   int64
	Knowledge audience.Knowledge
}

// Opening is a session that is to be held, read after its viewer's Version was taken.
type Opening struct {
	Version int64
	Session
}

// Copies are the fast copies of all viewers: an audience.Remembrance and a feed.SessionRepository, for many at a time.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; what was asked may or may not have been
// done, and every one may be repeated.
type Copies interface {
	// Held reports of each viewer whether a copy is held. It changes nothing.
	Held(ctx context.Context, ids []audience.ViewerID) ([]bool, error)
	// Versions are what audience.Remembrance.Version returns for each.
	Versions(ctx context.Context, ids []audience.ViewerID) ([]int64, error)
	// Restore is audience.Remembrance.Restore for each that is not held. It reports of each whether it was done: not, where a copy
	// is held by now, or something came after the version was taken.
	Restore(ctx context.Context, copies []Copy) (restored []bool, err error)
	// Reopen holds the sessions as if they had been served from there, each unless it is held already or something was recorded
	// of its viewer since the version was taken. It reports how many are held now that were not.
	Reopen(ctx context.Context, sessions []Opening) (reopened int, err error)
}
