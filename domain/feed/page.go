package feed

import (
	"slices"
	"strconv"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/recommend"
)

// Rung says how degraded an answer is: Full, then the lower rungs in order.
type Rung string

// The rungs, from whole to last resort.
const (
	Full        Rung = "full"         // everything answered
	NoArchive   Rung = "no-archive"   // the page could not be handed to the archive
	CursorOnly  Rung = "cursor-only"  // the session was carried by the cursor alone
	StaleViewer Rung = "stale-viewer" // the newest of what is known of the viewer may be missing
	Popular     Rung = "popular"      // nothing is known of the viewer
)

// Narrowing restricts a session to part of the catalogue; every page of the session obeys it.
type Narrowing struct {
	Tag, Lang, Region string         // empty: any
	Anchor            catalog.ItemID // the item that related items are asked for; empty: none
}

// Visit is what never changes about a session.
type Visit struct {
	ID          SessionID
	Viewer      audience.ViewerID
	Feed        string // the feed asked for
	Definition  string // the feed definition that serves it, after experiments
	Narrowing   Narrowing
	Seed        uint64 // of every random choice in the session
	StartedAt   time.Time
	ExpiresAt   time.Time
	Assignments []experiment.Assignment
}

// Placement is one item at its place.
type Placement struct {
	Item   catalog.ItemID
	Number catalog.Number
	Author catalog.AuthorID
	Score  float32
	Reason recommend.Reason
	// Sources are all that proposed the item, the loudest first.
	Sources []string
	// RankBefore is the item's rank by score before arrangement, from 1.
	RankBefore int
	// Chance is how likely the item was to be explored here, of all that could be; 0: it is not here for exploring.
	Chance float32
}

// Inputs name what a page was computed from, so that a replay can name what changed.
type Inputs struct {
	Config    string // version of the configuration
	Catalogue uint64 // version of the item index: how many changes its items have gone through
	Model     uint64 // log offset up to which the instance had learned
	Trained   uint64 // version of the trained model; 0: there was none
	Weights   uint64 // digest of the feed's weights as learned by then
	Viewer    uint64 // digest of the viewer's knowledge
}

// Differ names the parts in which other inputs are not the same.
func (i Inputs) Differ(other Inputs) []string {
	names := []string{}
	for _, part := range []struct {
		name string
		same bool
	}{
		{"configuration", i.Config == other.Config},
		{"catalogue", i.Catalogue == other.Catalogue},
		{"model", i.Model == other.Model},
		{"trained", i.Trained == other.Trained},
		{"weights", i.Weights == other.Weights},
		{"viewer", i.Viewer == other.Viewer},
	} {
		if !part.same {
			names = append(names, part.name)
		}
	}
	return names
}

// Page is the ordered items served for one cursor. It is immutable once served.
type Page struct {
	Number   int // from 1
	First    int // position of the first item in the session, from 1
	Items    []Placement
	ServedAt time.Time
	Rung     Rung
	Relaxed  []string // which caps or rests gave way for lack of supply, in the order they did
	Skipped  []string // stages that failed or ran out of time
	Inputs   Inputs
	Exclude  []catalog.ItemID // what the client asked to leave out
	Want     int              // how many items were asked for
	Last     bool             // the session ends here: there is no cursor to go on from
}

// Clone returns a page that shares no memory with p.
func (p Page) Clone() Page {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		p.Items[i].Sources = slices.Clone(p.Items[i].Sources)
	}
	p.Relaxed, p.Skipped, p.Exclude = slices.Clone(p.Relaxed), slices.Clone(p.Skipped), slices.Clone(p.Exclude)
	return p
}

// Context is the opaque word served with the i-th item of the page, to come back in events.
func (p *Page) Context(session SessionID, i int) string {
	return string(p.AppendContext(nil, session, i))
}

// AppendContext appends it.
func (p *Page) AppendContext(b []byte, session SessionID, i int) []byte {
	b = append(append(b, session...), '.')
	b = append(strconv.AppendInt(b, int64(p.Number), 10), '.')
	return strconv.AppendInt(b, int64(p.First+i), 10)
}

// Exposure is the durable record that a session served a page.
type Exposure struct {
	Visit Visit
	Page  Page
}
