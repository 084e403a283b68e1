package readcache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/catalog"
)

// Bounds are what copies may take. Zero values mean the defaults.
type Bounds struct {
	LocalBytes int           // of copies of one kind in this process; default 32 MiB
	Life       time.Duration // of any copy; default 10 min
	Missing    time.Duration // of the copy that says there is no such item; default 1 min
}

func (b Bounds) withDefaults() Bounds {
	if b.LocalBytes <= 0 {
		b.LocalBytes = 32 << 20
	}
	b.Life = orElse(b.Life, 10*time.Minute)
	b.Missing = orElse(b.Missing, time.Minute)
	return b
}

// Items is the catalog.ItemRepository over another.
type Items struct {
	catalog.ItemRepository
	tiers     tiers
	newcomers *redisstore.Newcomers
}

const missing = "" // the contents of the copy that says there is no such item

// NewItems answers Find for the source from copies. All who write to the source go through such Items.
func NewItems(source catalog.ItemRepository, guard *Guard, redis *redisstore.Client, known *Known, bounds Bounds) *Items {
	bounds = bounds.withDefaults()
	r := &Items{ItemRepository: source, newcomers: known.newcomers}
	r.tiers = tiers{
		guard: guard, shared: redisstore.NewCache(redis, "i", bounds.Life), local: newLocal(bounds.LocalBytes, bounds.Life), known: known,
		unknown: redisstore.Copy{Contents: missing},
		read: func(ctx context.Context, id string) (redisstore.Copy, time.Duration, error) {
			item, err := source.Find(ctx, catalog.ItemID(id))
			if errors.Is(err, catalog.ErrItemNotFound) {
				return redisstore.Copy{Contents: missing}, bounds.Missing, nil
			}
			if err != nil {
				return redisstore.Copy{}, 0, err
			}
			return copyOf(item.Snapshot()), bounds.Life, nil
		},
	}
	return r
}

// copyOf keeps of a removed item its version alone.
func copyOf(s catalog.Snapshot) redisstore.Copy {
	if s.State == catalog.Removed {
		return redisstore.Copy{Tag: s.Version, Contents: missing}
	}
	return redisstore.Copy{Tag: s.Version, Contents: redisstore.EncodeItem(&s)}
}

// Find implements catalog.ItemRepository.
func (r *Items) Find(ctx context.Context, id catalog.ItemID) (*catalog.FeedItem, error) {
	c, err := r.tiers.get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	if c.Contents == missing {
		return nil, catalog.ErrItemNotFound
	}
	if s, ok := redisstore.DecodeItem(c.Contents); ok && s.ID == id {
		return catalog.Recall(s), nil
	}
	return r.ItemRepository.Find(ctx, id) // a copy of another version of this program
}

// Update implements catalog.ItemRepository. Before it returns nil every instance answers with what it stored or found. That goes for a change
// that changes nothing, too: it may be the repetition of one whose commit went unanswered.
func (r *Items) Update(ctx context.Context, ids []catalog.ItemID, change func(*catalog.FeedItem, func() (catalog.Number, error)) error) ([]error, error) {
	after := make(map[string]redisstore.Copy, len(ids))
	outcomes, err := r.ItemRepository.Update(ctx, ids, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
		id := string(item.ID())
		delete(after, id)
		err := change(item, number)
		if s := item.Snapshot(); err == nil && s.Version > 0 {
			after[id] = copyOf(s)
		}
		return err
	})
	if len(after) == 0 || err != nil { // where a commit went unanswered, the change stream tells of it
		return outcomes, err
	}
	for id := range after {
		r.tiers.local.drop(id)
	}
	if err := r.tiers.guard.settle(ctx, len(after), func(ctx context.Context, epoch uint64) error { return r.copyOut(ctx, epoch, after) }); err != nil {
		return nil, err
	}
	return outcomes, nil
}

func (r *Items) copyOut(ctx context.Context, epoch uint64, after map[string]redisstore.Copy) error {
	ids := slices.Collect(maps.Keys(after))
	if err := r.newcomers.Tell(ctx, epoch, ids); err != nil {
		return err
	}
	if r.tiers.shared.Store(ctx, epoch, after, false) == nil {
		return nil
	}
	_, err := r.tiers.shared.Drop(ctx, ids...) // a store that is full takes no copy, and can drop one
	return err
}

// Apply mends copies that are older than the items, which the change stream told or the catalogue holds: whoever stored them died before the
// copies were written. It may be repeated.
func (r *Items) Apply(ctx context.Context, items []catalog.Snapshot) error {
	l, err := r.tiers.guard.current(ctx)
	if err != nil || !l.pact.Open {
		return err
	}
	newest := make(map[string]redisstore.Copy, len(items))
	for i := range items {
		id := string(items[i].ID)
		if c, ok := newest[id]; !ok || c.Tag < items[i].Version {
			newest[id] = copyOf(items[i])
		}
		r.tiers.local.drop(id)
	}
	return r.tiers.shared.Store(ctx, l.pact.Epoch, newest, true)
}

// Stats tells how reads were answered.
func (r *Items) Stats() Stats { return r.tiers.stats() }
