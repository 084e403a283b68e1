package engagement

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Offset is an event's place in the log: dense, from 1, in the order of commit.
type Offset uint64

// Logged is an event with its place in the log.
type Logged struct {
	Offset   Offset
	Received time.Time // our clock
	Event
}

// EventLog keeps every accepted event. Every implementation passes engagementtest.Log.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; what was
// asked may or may not have been done, and Append may be repeated.
type EventLog interface {
	// Append stores the events in order, all or nothing, and returns only after the commit. The
	// answer is aligned with events: true where the event is new, false where its id was in the
	// log, or earlier in events, before. Events were checked by the caller.
	Append(ctx context.Context, events []Event, received time.Time) ([]bool, error)
	// Known answers, for each id, whether an event of that id is in the log.
	Known(ctx context.Context, ids []EventID) ([]bool, error)
	// Read returns up to limit events after the offset, in order. An event once read is never
	// followed by one with a smaller offset that was not readable before.
	Read(ctx context.Context, after Offset, limit int) ([]Logged, error)
	// Head is the offset of the newest event, 0 when there is none.
	Head(ctx context.Context) (Offset, error)
}

// Counts are what happened to an item over all time. Likes and favorites count viewers who like it
// now; the others count acts, plays once per viewer and session.
type Counts struct {
	Likes, Favorites, Comments, Shares, Plays int64
}

// Tally counts. Its counts follow from the log alone: applying the log up to an offset gives the
// same counts however often it was interrupted. Every implementation passes engagementtest.Tally.
type Tally interface {
	// Advance applies the next events of the log, at most limit, in the same commit as its own
	// offset, and returns the items whose counts changed, with their counts, and how many events
	// it applied.
	Advance(ctx context.Context, limit int) (changed map[catalog.ItemID]Counts, applied int, err error)
	// Counts returns what is known of the items; an item nothing happened to is absent.
	Counts(ctx context.Context, items []catalog.ItemID) (map[catalog.ItemID]Counts, error)
	// Changed returns up to limit counts changed after the cursor (empty: from the start) and the
	// cursor to go on from; every instance follows it to keep its own copy.
	Changed(ctx context.Context, cursor string, limit int) (map[catalog.ItemID]Counts, string, error)
	// Lag tells how many events of the log are not applied yet, and when the first of them was received; the zero
	// time when there is none. It waits for nobody who advances.
	Lag(ctx context.Context) (events int64, since time.Time, err error)
}

// Following counts the followers of authors. Whatever stores viewers' ties tells it, in the same commit, which follows began
// and ended. Every implementation passes engagementtest.Following.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; Advance may then have counted or not, and
// counts nothing twice.
type Following interface {
	// Advance counts the follows that began and ended, at most limit, and returns how many that were.
	Advance(ctx context.Context, limit int) (applied int, err error)
	// Followers returns how many viewers follow each of the authors, as far as it has been counted; one without is absent.
	Followers(ctx context.Context, authors []catalog.AuthorID) (map[catalog.AuthorID]int64, error)
	// Changed returns up to limit numbers changed after the cursor (empty: from the start) and the cursor to go on from.
	Changed(ctx context.Context, cursor string, limit int) (map[catalog.AuthorID]int64, string, error)
}

// Reactions tell how one viewer stands to items.
type Reactions interface {
	// Favorited answers, for each item, whether the viewer keeps it as a favourite or likes it now.
	Favorited(ctx context.Context, viewer audience.ViewerID, items []catalog.ItemID) (map[catalog.ItemID]bool, error)
}
