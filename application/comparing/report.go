package comparing

import "time"

// Why a page is not made again.
const (
	LowerRung    = "lower_rung"    // it was served without all that is known of the viewer and the session
	OutOfOrder   = "out_of_order"  // its instance was more than a minute behind another: this side knows too much already
	LogShort     = "log_short"     // the log does not reach as far as its instance had learned
	PagesMissing = "pages_missing" // earlier pages of its session are not in the archive
	ModelGone    = "model_gone"    // the trained model it was ranked with is not kept any more
)

// Report is how pages differ.
type Report struct {
	Options
	Current, Changed string         // versions of the configurations
	Pages            int            // made again
	Places           int            // on them as they were recorded
	Skipped          map[string]int // pages not made again, by reason

	// Fidelity is how much what the current configuration makes is like what was recorded: as far as it is not, something
	// is not known any more.
	Fidelity Likeness
	// Inputs counts the pages that are made, under the current configuration, of something else than they were recorded
	// to be made of: by what that is.
	Inputs map[string]int

	Likeness                         // of what the two configurations make
	Gaining, Losing                  []Moved
	Sources                          []Share
	Authors                          []Share // whose share changes most
	CurrentVariety, ChangedVariety   Variety
	Propensity                       Propensity
	Events                           int // learned
	CurrentPageTime, ChangedPageTime time.Duration
	Took                             time.Duration
}
