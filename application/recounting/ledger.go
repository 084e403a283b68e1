package recounting

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ErrTakenOver ends a rebuild after which another one began.
var ErrTakenOver = fault.New(fault.Conflict, "rebuild_taken_over", "another rebuild of the counts began; what this one has mended stays mended")

// Kind is what a difference is about.
type Kind string

// The kinds. Reactions and counted plays are rows, one of a viewer and an item; the others are numbers.
const (
	Likes        Kind = "likes"
	Favorites    Kind = "favorites"
	Comments     Kind = "comments"
	Shares       Kind = "shares"
	Plays        Kind = "plays"
	Followers    Kind = "followers"
	Reactions    Kind = "reactions"
	CountedPlays Kind = "counted_plays"
)

// Difference is between what is stored and what follows from the log and the ties. Of a row one is 1 and the other 0.
type Difference struct {
	Kind            Kind
	Of              string            // the item; of followers the author
	Viewer          audience.ViewerID // of rows alone
	Stored, Counted int64
}

// Ledger holds counts beside what they count. What is counted is the log up to the tally's offset (reactions, plays,
// comments, shares), and the ties (followers).
//
// Methods may fail with a fault of kind Unavailable; what was asked may or may not have been done, and may be asked again.
// Others count, follow and erase meanwhile.
type Ledger interface {
	// Compare tells every difference there is at one moment, and answers up to which offset the log was counted then.
	Compare(ctx context.Context, tell func(Difference) error) (engagement.Offset, error)
	// Take begins a rebuild: with the turn it answers rows and counts may be mended until somebody else takes one. From then
	// on what is asked with it fails with ErrTakenOver and changes nothing.
	Take(ctx context.Context) (turn int64, err error)
	// MendRows makes some rows what the log says, of viewers after the one; mended is how many were not. It answers the viewer
	// to go on after, and whether there are more. A count may be wrong by the rows that were mended until MendCounts.
	MendRows(ctx context.Context, turn int64, after audience.ViewerID) (mended int, last audience.ViewerID, more bool, err error)
	// MendCounts makes counts what the rows, the log and the ties say, in small commits, and tells after each how many it mended.
	// Rows were mended in the same turn.
	MendCounts(ctx context.Context, turn int64, mended func(int)) error
}
