package recommend

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Query is everything one page is chosen from. It is read-only.
type Query struct {
	Now       time.Time
	Seed      uint64 // of every random choice; the same query with the same seed gives the same slate
	Want      int
	Knowledge audience.Knowledge
	// Worth values one action of the viewer as a sign of liking, negative for dislike.
	Worth func(audience.Action) float32
	// Tag, Lang and Region narrow the page; empty means any. Items without a language or region
	// are for everybody.
	Tag, Lang, Region string
	Anchor            catalog.ItemID   // what related items are asked for; empty: none
	Exclude           []catalog.ItemID // what the client already holds
	Served            []catalog.Number // by this session, oldest first
	// Lost reports items of the session that are not in Served; nil when there are none.
	Lost func(catalog.Number) bool
	// Spent reports that the time for this page is used up: sources not yet asked are skipped. Nil: never.
	Spent func() bool
	// Suppose names items by place on the page, to learn from Pick.Supposed how likely each was to be there. Empty: none.
	Suppose []catalog.Number
	// Debug asks for Pick.Terms, Pick.Actions and Slate.Dropped.
	Debug bool
}

// Slate is what a pipeline chose, in order.
type Slate struct {
	Picks   []Pick
	Relaxed []string // which rests and caps gave way, in the order they did
	Skipped []string // sources for which no time was left
	Dropped map[string]int
	Trained uint64 // version of the trained model; 0: there was none
	Weights uint64 // digest of the weights
}

// Pick is one chosen item.
type Pick struct {
	Item       *catalog.Snapshot // read-only
	Score      Score             // after arrangement's penalties
	Reason     Reason
	Sources    []string // all that proposed it, the loudest first
	RankBefore int      // by value among all candidates, from 1
	// Chance is how likely this item was, of all that could be explored at this place: at least 1/10 of an even chance.
	// 0: it is not here for exploring.
	Chance float32
	// Supposed is how likely the item that Query.Suppose names for this place was to be here, given the picks before:
	// where the place explores its Chance, whichever item won, elsewhere 1 or 0.
	Supposed float32
	Terms    []ScoreTerm
	// Actions are the predicted actions that count for the feed, opening first.
	Actions []ActionTerm
}

// ScoreTerm is one summand of an item's value, for explain.
type ScoreTerm struct {
	Feature string
	Value   float32
	Weight  float32
}

// ActionTerm is one predicted action: how likely the viewer opens the item, of all that were considered for the page, and
// does that with it; and what that is worth. The sum of chance times weight is what the item is expected to be worth
// before adjustments.
type ActionTerm struct {
	Action string
	Chance float32 // 0 to 1
	Weight float32
}
