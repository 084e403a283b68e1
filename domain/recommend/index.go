package recommend

import (
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// Ordinal is an item's place in the index of one process: dense, stable while the process lives,
// never stored and never sent anywhere.
type Ordinal uint32

// Nowhere is the ordinal of an item the index does not hold.
const Nowhere = ^Ordinal(0)

// Term is the dense number of one author, tag, language, region, label or word within its Field; 0 is none.
type Term uint32

// Field is one kind of attribute that items have in common.
type Field uint8

// The fields.
const (
	AuthorField Field = iota
	TagField
	LangField
	RegionField
	LabelField
	WordField // of titles, as Words finds them
	NumFields
)

// Traits are what ranking knows of an item, about one cache line. They are immutable: a changed
// item has new Traits.
type Traits struct {
	Number    catalog.Number
	Published int64 // Unix milliseconds
	Expires   int64 // Unix milliseconds; 0: never
	Author    Term
	Lang      Term
	Region    Term
	Duration  uint32 // milliseconds, cut at 49 days; 0: unknown
	State     catalog.State
	Tags      []Term
	Words     []Term // without repeats; a removed item has none
	Labels    []Term
}

// Live reports whether feeds may show the item at now, in Unix milliseconds.
func (t *Traits) Live(now int64) bool {
	return t.State == catalog.Published && (t.Expires == 0 || now < t.Expires)
}

// Shelf names a list of items that the index keeps in order: all items, or those with one term. There are none by
// label, and an index may do without those of words that more than one item in twenty has.
type Shelf struct {
	All   bool
	Field Field
	Term  Term
}

// Everything is the shelf of all items.
var Everything = Shelf{All: true}

// Index holds the catalogue in memory, kept current by the change stream. Every implementation
// passes recommendtest.Index. View never blocks and is safe for concurrent use.
type Index interface {
	View() View
}

// View is one consistent, immutable state of the index. Every method works on a batch; into is
// filled in step with the input and has its length. Ordinals and terms of one view are valid in all later ones.
type View interface {
	// Version is how many changes the items held have gone through: it grows with every change, and
	// equal catalogues have equal versions on every instance, in whatever way they came about.
	Version() uint64
	// Len is one more than the highest ordinal, hidden and removed items included.
	Len() int
	// Locate finds items by id; those not held become Nowhere.
	Locate(ids []catalog.ItemID, into []Ordinal)
	// LocateNumbers finds items by number; those not held become Nowhere.
	LocateNumbers(numbers []catalog.Number, into []Ordinal)
	// Describe gives the traits; Nowhere gives nil.
	Describe(at []Ordinal, into []*Traits)
	// IDs gives the ids; Nowhere gives "".
	IDs(at []Ordinal, into []catalog.ItemID)
	// Items gives the whole items; Nowhere gives nil. The snapshots are read-only.
	Items(at []Ordinal, into []*catalog.Snapshot)
	// Terms finds the terms of names; a name no item ever had becomes 0.
	Terms(f Field, names []string, into []Term)
	// Name is the name of a term, "" for 0.
	Name(f Field, t Term) string
	// Carriers counts, for each of the terms, the published items that have it; expired ones may count. Of labels
	// and of 0 there are none.
	Carriers(f Field, terms []Term, into []uint32)
	// Newest copies the items of the shelf, latest published first (ties: higher number first),
	// from rank skip on, and returns how many it copied; fewer than len(into) means the end. Items
	// that are hidden, removed or expired may be among them; those no longer on the shelf are not.
	Newest(s Shelf, skip int, into []Ordinal) int
}

// Link says that viewers who met one item turned to another.
type Link struct {
	From     int // index into the items asked about
	To       Ordinal
	Strength float32 // above 0, at most 1
}

// Signals is what was learned from events, kept current as they arrive. Every implementation
// passes recommendtest.Signals. Methods never block for long and are safe for concurrent use.
type Signals interface {
	// Model is the log offset up to which everything was learned.
	Model() uint64
	// After appends, for each of the items, up to n items that viewers turned to after it,
	// strongest first.
	After(items []Ordinal, n int, into []Link) []Link
	// Trending copies the items of the shelf that are most popular at now, best first, from rank skip
	// on, and returns how many it copied.
	Trending(s Shelf, now time.Time, skip int, into []Ordinal) int
	// Popularity fills the decayed number of good acts on each item at now; 0 when nothing is known.
	Popularity(items []Ordinal, now time.Time, into []float32)
	// Fame fills how popular each item is at now, over several times.
	Fame(items []Ordinal, now time.Time, into []Fame)
	// Trials fills how often each item was met by viewers and how often that ended well.
	Trials(items []Ordinal, into []Trial)
	// Outcomes fills what came of meetings with each item, and returns what came of all meetings. Nothing
	// is below 0 or above Opened.
	Outcomes(items []Ordinal, into []Outcomes) (all Outcomes)
	// AuthorOutcomes fills what came of meetings with items that were the author's when met; of author 0 nothing.
	AuthorOutcomes(authors []Term, into []Outcomes)
}

// Trial counts an item's meetings and successes, both decayed; the posterior of its quality is
// Beta(1+Liked, 1+Met-Liked).
type Trial struct{ Met, Liked float32 }

// Fame is an item's number of good acts.
type Fame struct {
	Recent [5]float32 // with half-lives of a quarter of an hour, an hour, four hours, a day and a week
	Ever   float32
	Known  time.Duration // since it was first acted on; below 0: never
}
