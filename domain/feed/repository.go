package feed

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// Opened is what one look at the stores gave.
type Opened struct {
	Session   *RecommendationSession // nil when none was asked for, or it is not held
	Knowledge audience.Knowledge
	Known     bool // false: nothing is held of the viewer, Knowledge is empty
	// Free gives back the memory of what was served by Session and of Knowledge, once, when nobody reads them any more; what
	// was served and committed meanwhile stays good. It need not be called, and may be nil.
	Free func()
}

// SessionRepository keeps sessions while they live. Every implementation passes feedtest.Sessions.
//
// Methods are safe for concurrent use. Beyond the errors each names, any may fail with a fault of
// kind Unavailable; what was asked may or may not have been done.
type SessionRepository interface {
	// Open reads, in one round trip, what is known of the viewer and, unless session is empty, the
	// session with the page of that number if it was served. A session that is not held is not an
	// error: Session is nil. A session of another viewer is not found.
	Open(ctx context.Context, viewer audience.ViewerID, session SessionID, page int) (Opened, error)

	// Commit stores the one fresh page of the session and, in the same step, remembers its items
	// as served to the viewer and hands the exposure to the archive. If another request served a
	// page of that number first: ErrPageTaken, and nothing was stored; Open then gives that page.
	// A session that is not held is stored as it is. Sessions are held until they expire.
	Commit(ctx context.Context, s *RecommendationSession) error
}

// Exposures is the stream of served pages on its way to the archive.
type Exposures interface {
	// Drain hands up to limit exposures to keep and forgets them once it succeeds; it returns how
	// many. What another consumer took and did not keep within idle is taken over. Repeats happen.
	Drain(ctx context.Context, consumer string, limit int, idle time.Duration, keep func([]Exposure) error) (int, error)
	// Waiting counts the exposures that are not known to be kept, those in some consumer's hands included.
	Waiting(ctx context.Context) (int64, error)
}

// PageArchive keeps served pages for good, for looking back and for replay. Every implementation
// passes feedtest.Archive.
type PageArchive interface {
	// Keep stores the exposures; one already kept (same session, same page) stays as it is. One below Full gives way to one that is
	// Full, however: a process decided that alone, and whoever reached the others was answered this.
	Keep(ctx context.Context, exposures []Exposure) error
	// Session returns the visit and its pages in order. With no such session: ErrSessionNotFound.
	Session(ctx context.Context, id SessionID) (Visit, []Page, error)
	// Sessions lists a viewer's sessions, newest first, up to limit; before (zero: now) pages on.
	Sessions(ctx context.Context, viewer audience.ViewerID, before time.Time, limit int) ([]Summary, error)
	// Served lists what was served from the one time on and before the other, in the order of time, up to limit; to go
	// on, after is the last of what was listed, else nil. What is archived meanwhile may be missing, and what was
	// archived a moment ago; nothing is listed twice.
	Served(ctx context.Context, from, until time.Time, after *Exposure, limit int) ([]Exposure, error)
}

// Summary is one session in a list.
type Summary struct {
	Visit  Visit
	Pages  int
	Items  int
	LastAt time.Time
}

// Bookmarks map a moment to a cursor, for clients that can only hold a time (the short-video
// contract). They live as long as sessions do.
type Bookmarks interface {
	// Mark keeps cursor under the moment, for one owner, unless something else is kept there: then
	// the second result is false and nothing changed.
	Mark(ctx context.Context, owner string, moment int64, cursor string, until time.Time) (bool, error)
	// Find returns the cursor kept there; none: ErrSessionNotFound.
	Find(ctx context.Context, owner string, moment int64) (string, error)
}
