package publishing

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// MaxBatch is how many items one batch may carry; it is stored in commits of at most chunk.
const (
	MaxBatch = 10_000
	chunk    = 500
)

// Why a batch or one of its items is refused.
var (
	ErrBatch    = fault.New(fault.Invalid, "batch_too_large", "a batch holds at most 10000 items")
	ErrRepeated = fault.New(fault.Invalid, "repeated_id", "an earlier item of this batch has the same id")
	ErrEmpty    = fault.New(fault.Invalid, "empty_patch", "the patch names nothing to change")
)

// Draft is an item as a client wants it. Err is set by the port when the draft could not be read;
// then the rest is ignored.
type Draft struct {
	ID      catalog.ItemID
	Details catalog.Details
	Err     *fault.Error
}

// Status is what became of one item.
type Status string

// The statuses.
const (
	Created  Status = "created"
	Updated  Status = "updated"
	Rejected Status = "rejected"
)

// Outcome is what became of one item; Err is set when it was rejected.
type Outcome struct {
	Status Status
	Err    *fault.Error
}

// Shelf is the local index: writing to it at once lets the instance that took the write show it
// before the relay comes round. Older versions are ignored.
type Shelf interface {
	Apply(items []catalog.Snapshot) int
}

// Items is the catalogue's use cases.
type Items struct {
	repo  catalog.ItemRepository
	shelf Shelf
	clock func() time.Time
}

// NewItems wires the use cases.
func NewItems(repo catalog.ItemRepository, shelf Shelf, clock func() time.Time) *Items {
	return &Items{repo, shelf, clock}
}

// PutAll publishes or replaces items; the outcome is aligned with drafts. A rejected draft does not
// keep the others out. When it fails, some of the batch may have been stored; sending it again is safe.
func (s *Items) PutAll(ctx context.Context, drafts []Draft) ([]Outcome, error) {
	if len(drafts) > MaxBatch {
		return nil, ErrBatch
	}
	outcomes := make([]Outcome, len(drafts))
	seen := make(map[catalog.ItemID]struct{}, len(drafts))
	var places []int
	for i, d := range drafts {
		if d.Err != nil {
			outcomes[i] = Outcome{Rejected, d.Err}
			continue
		}
		if _, err := catalog.ParseItemID(string(d.ID)); err != nil {
			outcomes[i] = Outcome{Rejected, fault.Of(err).On("id")}
			continue
		}
		if _, again := seen[d.ID]; again {
			outcomes[i] = Outcome{Rejected, ErrRepeated.On("id")}
			continue
		}
		seen[d.ID] = struct{}{}
		places = append(places, i)
	}
	for len(places) > 0 {
		n := min(chunk, len(places))
		if err := s.putChunk(ctx, drafts, places[:n], outcomes); err != nil {
			return nil, err
		}
		places = places[n:]
	}
	return outcomes, nil
}

func (s *Items) putChunk(ctx context.Context, drafts []Draft, places []int, outcomes []Outcome) error {
	now := s.clock()
	ids := make([]catalog.ItemID, len(places))
	details := make(map[catalog.ItemID]catalog.Details, len(places))
	for k, i := range places {
		ids[k] = drafts[i].ID
		details[ids[k]] = drafts[i].Details
	}
	changes := newChanges()
	errs, err := s.repo.Update(ctx, ids, changes.collecting(func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
		return publish(item, number, details[item.ID()], now)
	}))
	if err != nil {
		return err
	}
	changes.show(s.shelf)
	for k, i := range places {
		switch {
		case errs[k] != nil:
			outcomes[i] = Outcome{Rejected, fault.Of(errs[k])}
		case changes.created(ids[k]):
			outcomes[i] = Outcome{Status: Created}
		default:
			outcomes[i] = Outcome{Status: Updated}
		}
	}
	return nil
}

func publish(item *catalog.FeedItem, number func() (catalog.Number, error), d catalog.Details, now time.Time) error {
	var n catalog.Number
	if item.NeedsNumber() {
		if err := d.Check(); err != nil {
			return err
		}
		var err error
		if n, err = number(); err != nil {
			return err
		}
	}
	return item.Publish(n, d, now)
}

// Put publishes or replaces one item and reports whether it is new to clients.
func (s *Items) Put(ctx context.Context, id catalog.ItemID, d catalog.Details) (created bool, err error) {
	changes := newChanges()
	err = s.change(ctx, id, changes, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
		return publish(item, number, d, s.clock())
	})
	return changes.created(id), err
}

// Get returns the item, hidden ones included. With no such item: catalog.ErrItemNotFound.
func (s *Items) Get(ctx context.Context, id catalog.ItemID) (catalog.Snapshot, error) {
	item, err := s.repo.Find(ctx, id)
	if err != nil {
		return catalog.Snapshot{}, err
	}
	return item.Snapshot(), nil
}

// Patch replaces parts of an item and returns it as it is then. With no such item:
// catalog.ErrItemNotFound; a patch that names nothing: ErrEmpty.
func (s *Items) Patch(ctx context.Context, id catalog.ItemID, p catalog.Patch) (catalog.Snapshot, error) {
	if p.Empty() {
		return catalog.Snapshot{}, ErrEmpty
	}
	var after catalog.Snapshot
	err := s.change(ctx, id, newChanges(), func(item *catalog.FeedItem, _ func() (catalog.Number, error)) error {
		err := item.Amend(p, s.clock())
		after = item.Snapshot()
		return err
	})
	return after, err
}

// Hide, Restore and Remove fail with catalog.ErrItemNotFound; done twice they change nothing more.
func (s *Items) Hide(ctx context.Context, id catalog.ItemID) error {
	return s.move(ctx, id, (*catalog.FeedItem).Hide)
}

// Restore brings a hidden item back; see Hide.
func (s *Items) Restore(ctx context.Context, id catalog.ItemID) error {
	return s.move(ctx, id, (*catalog.FeedItem).Restore)
}

// Remove ends the item; removed a second time it is not found.
func (s *Items) Remove(ctx context.Context, id catalog.ItemID) error {
	return s.move(ctx, id, (*catalog.FeedItem).Remove)
}

func (s *Items) move(ctx context.Context, id catalog.ItemID, to func(*catalog.FeedItem, time.Time) error) error {
	return s.change(ctx, id, newChanges(), func(item *catalog.FeedItem, _ func() (catalog.Number, error)) error {
		return to(item, s.clock())
	})
}

type change = func(item *catalog.FeedItem, number func() (catalog.Number, error)) error

func (s *Items) change(ctx context.Context, id catalog.ItemID, changes *changes, do change) error {
	if _, err := catalog.ParseItemID(string(id)); err != nil {
		return fault.Of(err).On("id")
	}
	errs, err := s.repo.Update(ctx, []catalog.ItemID{id}, changes.collecting(do))
	if err != nil {
		return err
	}
	if errs[0] != nil {
		return errs[0]
	}
	changes.show(s.shelf)
	return nil
}

// changes remembers what the last run of a change did to each item: a store may run it again.
type changes struct {
	facts map[catalog.ItemID]catalog.Fact
}

func newChanges() *changes { return &changes{map[catalog.ItemID]catalog.Fact{}} }

func (c *changes) collecting(do change) change {
	return func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
		delete(c.facts, item.ID())
		if err := do(item, number); err != nil {
			return err
		}
		if facts := item.Facts(); len(facts) > 0 {
			c.facts[item.ID()] = facts[len(facts)-1]
		}
		return nil
	}
}

func (c *changes) created(id catalog.ItemID) bool { return c.facts[id].Created }

func (c *changes) show(shelf Shelf) {
	items := make([]catalog.Snapshot, 0, len(c.facts))
	for _, f := range c.facts {
		items = append(items, f.Item)
	}
	shelf.Apply(items)
}
