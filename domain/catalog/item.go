package catalog

import (
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// State says where an item is in its life. Expiry is not a state: it follows from the clock.
type State uint8

// The states.
const (
	Unpublished State = iota // never published: known only by its id
	Published
	Hidden  // kept, but no feed shows it until it is restored
	Removed // gone for clients; the number stays taken
)

// String returns the state as clients read it.
func (s State) String() string {
	return [...]string{"unpublished", "published", "hidden", "removed"}[s&3]
}

// What an item refuses.
var (
	ErrItemNotFound = fault.New(fault.NotFound, "item_not_found", "there is no such item")
	ErrNumber       = fault.New(fault.Internal, "bad_item_number", "an item number lies between 1 and 2^53-1")
)

// Fact is something that happened to an item; it is stored in the same commit as the item.
type Fact struct {
	Item    Snapshot // the whole item as it is after the fact
	Name    string   // published, revised, hidden, restored, removed, adopted
	Created bool     // true when clients did not know the item before
}

// Snapshot is an item's whole state, for stores and read models.
type Snapshot struct {
	ID        ItemID
	Number    Number
	Details   Details // read-only: shared with the item it came from
	State     State
	Version   uint64 // grows by one with each change; higher is newer
	ChangedAt time.Time
}

// Live reports whether feeds may show the item at now.
func (s *Snapshot) Live(now time.Time) bool {
	return s.State == Published && (s.Details.ExpiresAt.IsZero() || now.Before(s.Details.ExpiresAt))
}

// FeedItem is one piece of content a feed can show.
//
// Its details are valid at all times, its version grows with every change, and a change that
// changes nothing leaves the version and records no fact.
type FeedItem struct {
	s     Snapshot
	facts []Fact
}

// Unknown is the item before anybody published it.
func Unknown(id ItemID) *FeedItem { return &FeedItem{s: Snapshot{ID: id}} }

// Recall rebuilds an item from what a store kept. The caller gives up s.Details.
func Recall(s Snapshot) *FeedItem { return &FeedItem{s: s} }

// ID is the client's name of the item.
func (f *FeedItem) ID() ItemID { return f.s.ID }

// Exists reports whether clients know the item: published or hidden.
func (f *FeedItem) Exists() bool { return f.s.State == Published || f.s.State == Hidden }

// NeedsNumber reports whether the item was never published, so that Publish wants a fresh number.
func (f *FeedItem) NeedsNumber() bool { return f.s.Number == 0 }

// Snapshot returns the state now.
func (f *FeedItem) Snapshot() Snapshot { return f.s }

// Facts returns what happened since the item was loaded, oldest first.
func (f *FeedItem) Facts() []Fact { return f.facts }

// Publish makes the item what d says: a new item, one that comes back after removal, or one
// that is replaced. A hidden item stays hidden. number is used only if the item has none yet.
func (f *FeedItem) Publish(number Number, d Details, now time.Time) error {
	published := now
	if f.Exists() {
		published = f.s.Details.PublishedAt
	}
	d, err := d.settled(published)
	if err != nil {
		return err
	}
	if f.s.Number == 0 && (number == 0 || number >= 1<<53) {
		return ErrNumber
	}

	if f.Exists() {
		return f.revise(d, now)
	}
	if f.s.Number == 0 {
		f.s.Number = number
	}
	f.s.Details, f.s.State = d, Published
	f.record("published", true, now)
	return nil
}

// Amend replaces the parts of the details that p names. With no such item: ErrItemNotFound.
func (f *FeedItem) Amend(p Patch, now time.Time) error {
	if !f.Exists() {
		return ErrItemNotFound
	}
	d, err := p.apply(f.s.Details).settled(f.s.Details.PublishedAt)
	if err != nil {
		return err
	}
	return f.revise(d, now)
}

// Hide takes the item out of every feed until Restore. With no such item: ErrItemNotFound.
func (f *FeedItem) Hide(now time.Time) error { return f.move(Hidden, "hidden", now) }

// Restore brings a hidden item back. With no such item: ErrItemNotFound.
func (f *FeedItem) Restore(now time.Time) error { return f.move(Published, "restored", now) }

// Remove ends the item for clients. With no such item: ErrItemNotFound.
func (f *FeedItem) Remove(now time.Time) error { return f.move(Removed, "removed", now) }

func (f *FeedItem) revise(d Details, now time.Time) error {
	if d.Equal(f.s.Details) {
		return nil
	}
	f.s.Details = d
	f.record("revised", false, now)
	return nil
}

func (f *FeedItem) move(to State, fact string, now time.Time) error {
	if !f.Exists() {
		return ErrItemNotFound
	}
	if f.s.State == to {
		return nil
	}
	f.s.State = to
	f.record(fact, false, now)
	return nil
}

func (f *FeedItem) record(name string, created bool, now time.Time) {
	f.s.Version++
	f.s.ChangedAt = millis(now)
	f.facts = append(f.facts, Fact{Item: f.s, Name: name, Created: created})
}
