package comparing

import (
	"time"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// ErrOptions refuses options that make no sense; the field says which.
var ErrOptions = fault.New(fault.Invalid, "bad_options", "the pages cannot be compared so")

// ErrNothing says that no page of the feed was recorded in that time.
var ErrNothing = fault.New(fault.Invalid, "nothing_recorded", "no page was recorded")

// Options say which pages to compare, and how.
type Options struct {
	Feed         string    // that viewers asked for
	Since, Until time.Time // when pages were served: from the one on and before the other
	Limit        int       // how many pages at most, the first in time; 0: all
	K            int       // places of a page that count in the comparison; 0: all
	Window       time.Duration
	Clip         float64   // no weight of an explored pick is larger
	Now          time.Time // pages whose Window is not over by then tell nothing of what it came to
	// Made hears of every page that is made again, with what the two sides put on it; it may be nil.
	Made func(e *feed.Exposure, current, changed []recommend.Pick)
}

// Check names what is wrong.
func (o *Options) Check() error {
	switch {
	case o.Feed == "":
		return ErrOptions.On("feed").Saying("a feed has a name")
	case !o.Since.Before(o.Until):
		return ErrOptions.On("since").Saying("the time begins before it ends: %s is not before %s", o.Since.Format(time.RFC3339), o.Until.Format(time.RFC3339))
	case o.Limit < 0:
		return ErrOptions.On("limit").Saying("a limit is not negative; 0 is none")
	case o.K < 0 || o.K > feed.MaxPageSize:
		return ErrOptions.On("k").Saying("k lies between 0, for whole pages, and %d", feed.MaxPageSize)
	case o.Window <= 0:
		return ErrOptions.On("window").Saying("a window is longer than nothing")
	case !(o.Clip >= 1 && o.Clip <= 1e6):
		return ErrOptions.On("clip").Saying("weights are clipped at 1 or more")
	}
	return nil
}
