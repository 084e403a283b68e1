package audience

import (
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// The lengths of what is remembered of one viewer; the oldest is forgotten first.
const (
	MaxActions  = 200
	MaxServed   = 400
	MaxSeen     = 1500
	MaxConsumed = 1500
)

// Action is one recent act of a viewer on an item.
type Action struct {
	Item     catalog.ItemID
	Act      Act
	At       time.Time
	Watched  time.Duration // how long they watched; 0 when unknown or not watched
	Duration time.Duration // how long the item is; 0 when unknown
	Session  string        // the session it came from, or empty; plays of one session are one action
}

// Mark says that an item reached a state for a viewer at a time.
type Mark struct {
	Item catalog.Number
	At   time.Time
}

// Memory is what a viewer met before, oldest first: three states, each kept for its own time.
type Memory struct {
	Served   []Mark // put on a page, in any session
	Seen     []Mark // the client said so, or the viewer acted on it
	Consumed []Mark // liked, completed, long watched
}

// Knowledge is all that ranking may know of a viewer. It is read-only once handed out.
type Knowledge struct {
	Viewer  *Viewer  // never nil
	Actions []Action // newest first, at most MaxActions
	Memory  Memory
}
