package evaluating

import (
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// ErrOptions refuses options that make no sense; the field says which.
var ErrOptions = fault.New(fault.Invalid, "bad_options", "the evaluation cannot be run so")

// ErrNothing says that the data holds no question.
var ErrNothing = fault.New(fault.Invalid, "nothing_to_test", "there is nothing to test")

// ErrAhead ends a run whose engine showed what nobody had told it of: something in it looks ahead.
var ErrAhead = fault.New(fault.Internal, "looks_ahead", "the engine showed an item that is not in the catalogue yet")

// Protocol is how the past is cut into what is known and what is asked.
type Protocol string

// The protocols.
const (
	LeaveOneOut Protocol = "loo"         // each viewer's last item is held out
	Prequential Protocol = "prequential" // in the order of time, asked before it is learned
)

// Positives say which lines are what a feed should have shown, and what they teach.
type Positives string

// The positives.
const (
	All   Positives = "all"  // every line on an item, worth 1
	Likes Positives = "like" // likes; all lines teach what they are worth by configuration
)

// Fit says how much is learned before the last item is asked for.
type Fit string

// The fits.
const (
	Strict Fit = "strict" // all but each viewer's last two items
	Refit  Fit = "refit"  // all but the last one
)

// MostPlaces is the longest page that is looked at.
const MostPlaces = 1000

// Options say how to measure.
type Options struct {
	Protocol  Protocol
	K         int // places that count
	Positives Positives
	Fit       Fit           // of LeaveOneOut
	Delay     time.Duration // of Prequential: how long an event is under way before it is known
	Seed      uint64
	Ablation  bool // measure the feed without each of its sources and terms, too
	// Asked hears every question: what the feed knew, the item that was right, and its place on the page from 1, 0 where
	// it was not there. The query is good until Asked returns; nil for an item that is not in the catalogue.
	Asked func(q *recommend.Query, item catalog.ItemID, place int)
}

// Check names what is wrong.
func (o *Options) Check() error {
	switch {
	case o.Protocol != LeaveOneOut && o.Protocol != Prequential:
		return ErrOptions.On("protocol").Saying("a protocol is %q or %q", LeaveOneOut, Prequential)
	case o.K < 1 || o.K > MostPlaces:
		return ErrOptions.On("k").Saying("k lies between 1 and %d", MostPlaces)
	case o.Positives != All && o.Positives != Likes:
		return ErrOptions.On("positives").Saying("positives are %q or %q", All, Likes)
	case o.Fit != Strict && o.Fit != Refit:
		return ErrOptions.On("fit").Saying("a fit is %q or %q", Strict, Refit)
	case o.Delay < 0:
		return ErrOptions.On("delay").Saying("a delay is not negative")
	}
	return nil
}
