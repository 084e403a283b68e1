package mysqlstore

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// reactionKind is how a viewer stands to an item. The numbers are stored.
type reactionKind uint8

const (
	liked reactionKind = iota + 1
	favored
)

// reaction is one viewer's standing to one item.
type reaction struct {
	viewer audience.ViewerID
	item   catalog.ItemID
	kind   reactionKind
}

// reactionOf says which reaction the act begins (on) or ends.
func reactionOf(act audience.Act) (kind reactionKind, on, ok bool) {
	switch act {
	case audience.Like, audience.Unlike:
		return liked, act == audience.Like, true
	case audience.Favorite, audience.Unfavorite:
		return favored, act == audience.Favorite, true
	}
	return 0, false, false
}

// deltas are what counts change by.
type deltas map[catalog.ItemID]*engagement.Counts

func (d deltas) of(item catalog.ItemID) *engagement.Counts {
	c, ok := d[item]
	if !ok {
		c = new(engagement.Counts)
		d[item] = c
	}
	return c
}

func (d deltas) react(r reaction, by int64) {
	if r.kind == liked {
		d.of(r.item).Likes += by
	} else {
		d.of(r.item).Favorites += by
	}
}

// settleReactions makes each reaction what now says and counts those that were otherwise. The
// caller holds the tally's head, so nobody else settles.
func (db *DB) settleReactions(tx *gorm.DB, now map[reaction]bool, d deltas) error {
	was := make(map[reaction]bool, len(now))
	keys := slices.Collect(maps.Keys(now))
	err := chunks(keys, func(some []reaction) error {
		rows, err := tx.Raw("SELECT viewer, item, kind FROM reactions WHERE (viewer, item, kind) IN "+db.dialect.tuples(len(some), 3), reactionArgs(some)...).Rows()
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r reaction
			if err := rows.Scan(&r.viewer, &r.item, &r.kind); err != nil {
				return err
			}
			was[r] = true
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	begun := newPlainBulk(tx, "reactions", "", "viewer", "item", "kind")
	defer begun.free()
	var ended []reaction
	for r, on := range now {
		switch {
		case on && !was[r]:
			begun.add(reactionArgs([]reaction{r})...)
			d.react(r, 1)
		case !on && was[r]:
			ended = append(ended, r)
			d.react(r, -1)
		}
	}
	if err := begun.flush(); err != nil {
		return err
	}
	return db.endReactions(tx, ended)
}

func (db *DB) endReactions(tx *gorm.DB, ended []reaction) error {
	return chunks(ended, func(some []reaction) error {
		return run(tx, "DELETE FROM reactions WHERE (viewer, item, kind) IN "+db.dialect.tuples(len(some), 3), reactionArgs(some))
	})
}

func reactionArgs(rs []reaction) []any {
	args := make([]any, 0, 3*len(rs))
	for _, r := range rs {
		args = append(args, string(r.viewer), string(r.item), int64(r.kind))
	}
	return args
}

// countPlays counts the plays that were not counted before, under the same lock.
func (db *DB) countPlays(tx *gorm.DB, plays map[playKey]bool, d deltas) error {
	err := chunks(slices.Collect(maps.Keys(plays)), func(some []playKey) error {
		counted, err := playsIn(tx, "SELECT viewer, item, session FROM counted_plays WHERE (viewer, item, session) IN "+db.dialect.tuples(len(some), 3), playArgs(some)...)
		for _, k := range counted {
			delete(plays, k)
		}
		return err
	})
	if err != nil {
		return err
	}
	fresh := newPlainBulk(tx, "counted_plays", "", "viewer", "item", "session")
	defer fresh.free()
	for k := range plays {
		fresh.add(playArgs([]playKey{k})...)
		d.of(k.item).Plays++
	}
	return fresh.flush()
}

func playArgs(ks []playKey) []any {
	args := make([]any, 0, 3*len(ks))
	for _, k := range ks {
		args = append(args, string(k.viewer), string(k.item), k.session)
	}
	return args
}

// addCounts adds the deltas under one new revision and answers the counts of the items that changed.
// The caller holds the tally's head, so revisions are committed in order.
func (db *DB) addCounts(tx *gorm.DB, d deltas) (map[catalog.ItemID]engagement.Counts, error) {
	changed := make(map[catalog.ItemID]engagement.Counts)
	maps.DeleteFunc(d, func(_ catalog.ItemID, c *engagement.Counts) bool { return *c == engagement.Counts{} })
	if len(d) == 0 {
		return changed, nil
	}
	revision, err := db.lockHead(tx, "counts")
	if err != nil {
		return nil, err
	}
	revision++
	sum := db.dialect.onClash(clash{key: []string{"item"}, replace: []string{"revision"}, add: []string{"likes", "favorites", "comments", "shares", "plays"}})
	rows := newPlainBulk(tx, "item_counts", sum, "item", "likes", "favorites", "comments", "shares", "plays", "revision")
	defer rows.free()
	items := slices.Sorted(maps.Keys(d))
	for _, item := range items {
		c := d[item]
		rows.add(string(item), c.Likes, c.Favorites, c.Comments, c.Shares, c.Plays, revision)
	}
	if err := rows.flush(); err != nil {
		return nil, err
	}
	if err := countsInto(tx, items, changed); err != nil {
		return nil, err
	}
	return changed, setHead(tx, "counts", revision)
}
