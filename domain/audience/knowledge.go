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

// Mark says that an item reached a state for a viewer at a time. Stores give it back at the whole second: a page made
// again from another store must not know it better.
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

// Digest is a fingerprint of what the viewer did and decided: equal knowledge gives equal digests,
// in whatever order it was read. What was served to them is not part of it.
func (k Knowledge) Digest() uint64 {
	var sum uint64
	for i := range k.Actions {
		a := &k.Actions[i]
		sum += fingerprint(uint64(a.Act), string(a.Item), a.At.UnixMilli(), a.Watched.Milliseconds(), a.Duration.Milliseconds())
	}
	if k.Viewer != nil {
		sum += k.Viewer.digest
	}
	return sum
}

func (k tieKey) fingerprint() uint64 { return fingerprint(100+uint64(k.relation), string(k.author)) }

func (d *Decision) fingerprint() uint64 {
	return fingerprint(200+uint64(d.Target.Kind), d.Target.ID, int64(d.Direction))
}

// fingerprint is FNV-1a over the parts, mixed once more: FNV alone is so regular in its last bytes that
// sums of it collide.
func fingerprint(kind uint64, text string, ns ...int64) uint64 {
	const prime = 1099511628211
	h := (uint64(14695981039346656037) ^ kind) * prime
	for i := 0; i < len(text); i++ {
		h = (h ^ uint64(text[i])) * prime
	}
	for _, n := range ns {
		h = (h ^ uint64(n)) * prime
		h ^= h >> 32
	}
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}
