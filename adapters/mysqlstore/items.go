package mysqlstore

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/domain/catalog"
)

// Items is the catalog.ItemRepository. With every item it writes the fact for the Outbox.
type Items struct {
	db      *DB
	numbers *numbers
}

// NewItems works on db. Who only reads items needs no numbers: next may be nil.
func NewItems(db *DB, next NextNumber) *Items { return &Items{db, &numbers{next: next}} }

// Find implements catalog.ItemRepository.
func (r *Items) Find(ctx context.Context, id catalog.ItemID) (*catalog.FeedItem, error) {
	var found []catalog.Snapshot
	err := r.db.read(ctx, func(tx *gorm.DB) (err error) {
		found, err = itemsIn(tx, selectItem+"items WHERE id = ?", string(id))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].State == catalog.Removed {
		return nil, catalog.ErrItemNotFound
	}
	return catalog.Recall(found[0]), nil
}

// Update implements catalog.ItemRepository.
func (r *Items) Update(ctx context.Context, ids []catalog.ItemID, change func(*catalog.FeedItem, func() (catalog.Number, error)) error) ([]error, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	reserved, short := r.numbers.reserve(ctx, len(ids))
	used := 0 // in any attempt: one whose commit went unanswered may stand
	defer func() { r.numbers.giveBack(reserved[used:]) }()

	var outcomes []error
	err := r.db.write(ctx, func(tx *gorm.DB) error {
		items, err := r.lock(tx, ids)
		if err != nil {
			return err
		}
		outcomes = make([]error, len(ids))
		given, missing := 0, false
		var created, revised []*catalog.FeedItem
		for i, item := range items {
			wasNew := item.NeedsNumber()
			var own catalog.Number
			outcomes[i] = change(item, func() (catalog.Number, error) {
				if own == 0 {
					if given == len(reserved) {
						missing = true
						return 0, short
					}
					own = reserved[given]
					given++
					used = max(used, given)
				}
				return own, nil
			})
			switch {
			case outcomes[i] != nil || len(item.Facts()) == 0:
			case wasNew:
				created = append(created, item)
			default:
				revised = append(revised, item)
			}
		}
		if missing {
			return short
		}
		return r.store(tx, created, revised)
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// lock loads the items aligned with ids; those that exist are ours until the transaction ends.
func (r *Items) lock(tx *gorm.DB, ids []catalog.ItemID) ([]*catalog.FeedItem, error) {
	sorted := slices.Clone(ids) // everyone locks in the same order
	slices.Sort(sorted)
	held := make(map[catalog.ItemID]catalog.Snapshot, len(ids))
	err := chunks(sorted, func(some []catalog.ItemID) error {
		found, err := itemsIn(tx, selectItem+"items WHERE id IN ? ORDER BY id"+r.db.dialect.forUpdate(), some)
		for _, s := range found {
			held[s.ID] = s
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]*catalog.FeedItem, len(ids))
	for i, id := range ids {
		if s, ok := held[id]; ok {
			items[i] = catalog.Recall(s)
		} else {
			items[i] = catalog.Unknown(id)
		}
	}
	return items, nil
}

// store writes the items and their facts. A new item that another writer created meanwhile is a
// collision, for its key is taken.
func (r *Items) store(tx *gorm.DB, created, revised []*catalog.FeedItem) error {
	replace := r.db.dialect.onClash(clash{key: []string{"number"}, replace: []string{"state", "version", "changed_at", "details", "payload"}})
	for _, step := range []struct {
		items []*catalog.FeedItem
		to    *bulk
	}{
		{created, newBulk(tx, "items", "", itemColumns...)},
		{revised, newBulk(tx, "items", replace, itemColumns...)},
	} {
		for _, item := range step.items {
			row, err := itemRow(item.Snapshot())
			if err != nil {
				return err
			}
			step.to.add(row...)
		}
		if err := step.to.flush(); err != nil {
			return err
		}
	}
	facts := newBulk(tx, "outbox", "", itemColumns...)
	for _, item := range slices.Concat(created, revised) {
		for _, fact := range item.Facts() {
			row, err := itemRow(fact.Item)
			if err != nil {
				return err
			}
			facts.add(row...)
		}
	}
	return facts.flush()
}

// Scan implements catalog.ItemRepository.
func (r *Items) Scan(ctx context.Context, since time.Time, after catalog.Number, limit int) (found []catalog.Snapshot, err error) {
	query, args := selectItem+"items WHERE number > ?", []any{int64(after)}
	if !since.IsZero() {
		query, args = query+" AND changed_at >= ?", append(args, since.UnixMilli())
	}
	err = r.db.read(ctx, func(tx *gorm.DB) (err error) {
		found, err = itemsIn(tx, query+" ORDER BY number LIMIT ?", append(args, limit)...)
		return err
	})
	return found, err
}

// IDs returns up to limit ids of items, removed ones included, whose numbers are above after, in order of number, and the last number.
func (r *Items) IDs(ctx context.Context, after catalog.Number, limit int) (ids []string, last catalog.Number, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		var rows []struct {
			Number catalog.Number
			ID     string
		}
		err := tx.Raw("SELECT number, id FROM items WHERE number > ? ORDER BY number LIMIT ?", int64(after), limit).Scan(&rows).Error
		ids, last = make([]string, len(rows)), after
		for i, row := range rows {
			ids[i], last = row.ID, row.Number
		}
		return err
	})
	return ids, last, err
}

// Versions implements indexing.Versions.
func (r *Items) Versions(ctx context.Context, after catalog.Number, limit int, into []indexing.Version) (found []indexing.Version, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		rows, err := tx.Raw("SELECT number, id, version, changed_at FROM items WHERE number > ? ORDER BY number LIMIT ?", int64(after), limit).Rows()
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		found = into
		for rows.Next() {
			var v indexing.Version
			if err := rows.Scan(&v.Number, &v.ID, &v.Version, &v.Changed); err != nil {
				return err
			}
			found = append(found, v)
		}
		return rows.Err()
	})
	return found, err
}

// Count answers how many items there are, removed ones included.
func (r *Items) Count(ctx context.Context) (n int, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) error { return tx.Raw("SELECT COUNT(*) FROM items").Scan(&n).Error })
	return n, err
}
