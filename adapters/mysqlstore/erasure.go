package mysqlstore

import (
	"context"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// erasurePasses bounds how often Erase looks again for what arrived while it ran.
const erasurePasses = 5

// storeName is what receipts call this store.
const storeName = "sql"

// Erase implements erasing.Store. It removes everything kept of the viewer and takes what they did out of the counts, so that
// these follow from the log that remains. It works in many small transactions: after a failure
// some is removed, the counts are right, and Erase may be repeated. The receipt names every table.
func (d *Dossier) Erase(ctx context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	steps := []struct {
		table string
		erase func(ctx context.Context, viewer audience.ViewerID) (int64, error)
	}{
		{"pruned_reactions", d.erasePlain("pruned_reactions")}, // before the reactions that follow from them
		{"events", d.eraseEvents},
		{"reactions", d.eraseReactions},
		{"counted_plays", d.eraseCountedPlays},
		{"plays", d.erasePlain("plays")},
		{"ties", d.erasePlain("ties", d.db.endFollows)},
		{"decisions", d.erasePlain("decisions")},
		{"viewers", d.erasePlain("viewers")},
		{"pages", d.erasePlain("pages")},
		{"sessions", d.erasePlain("sessions")},
		{"repairs", d.erasePlain("repairs")},
	}
	receipt := make([]erasing.Removed, len(steps))
	for range erasurePasses {
		removed := int64(0)
		for i, step := range steps {
			n, err := step.erase(ctx, viewer)
			if err != nil {
				return nil, err
			}
			receipt[i].Store, receipt[i].What = storeName, step.table
			receipt[i].Count += n
			removed += n
		}
		if removed == 0 {
			break
		}
	}
	return receipt, d.db.settle(ctx)
}

// erasePlain removes from a table, after before has said what follows from that in the same commit. The viewer's row is locked, so that a
// decision under way is either removed or made by a viewer who starts anew.
func (d *Dossier) erasePlain(table string, before ...func(tx *gorm.DB, viewer audience.ViewerID) error) func(context.Context, audience.ViewerID) (int64, error) {
	return func(ctx context.Context, viewer audience.ViewerID) (n int64, err error) {
		err = d.db.write(ctx, func(tx *gorm.DB) error {
			var version int64
			if err := tx.Raw("SELECT version FROM viewers WHERE viewer = ?"+d.db.dialect.forUpdate(), string(viewer)).Scan(&version).Error; err != nil {
				return err
			}
			if err := tx.Raw("SELECT COUNT(*) FROM "+table+" WHERE viewer = ?", string(viewer)).Scan(&n).Error; err != nil || n == 0 {
				return err
			}
			for _, do := range before {
				if err := do(tx, viewer); err != nil {
					return err
				}
			}
			return tx.Exec("DELETE FROM "+table+" WHERE viewer = ?", string(viewer)).Error
		})
		return n, err
	}
}

// eraseBatches repeats erase, each time in a transaction that holds the tally's head, until it removes
// nothing more; what erase puts into the deltas is taken out of the counts in the same commit.
func (d *Dossier) eraseBatches(ctx context.Context, erase func(tx *gorm.DB, tallied int64, d deltas) (int, error)) (total int64, err error) {
	for {
		var n int
		err := d.db.write(ctx, func(tx *gorm.DB) error {
			tallied, err := d.db.lockHead(tx, "tally")
			if err != nil {
				return err
			}
			change := make(deltas)
			if n, err = erase(tx, tallied, change); err != nil {
				return err
			}
			_, err = d.db.addCounts(tx, change)
			return err
		})
		if err != nil {
			return total, err
		}
		total += int64(n)
		if n < dossierPage {
			return total, nil
		}
	}
}

func (d *Dossier) eraseEvents(ctx context.Context, viewer audience.ViewerID) (int64, error) {
	return d.eraseBatches(ctx, func(tx *gorm.DB, tallied int64, change deltas) (int, error) {
		var rows []struct {
			Pos  int64
			Act  audience.Act
			Item catalog.ItemID
		}
		err := tx.Raw("SELECT pos, act, item FROM events WHERE viewer = ? ORDER BY pos LIMIT ?", string(viewer), dossierPage).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		at := make([]int64, len(rows))
		for i, r := range rows {
			at[i] = r.Pos
			switch {
			case r.Pos > tallied: // not counted yet, and never will be
			case r.Act == audience.Comment:
				change.of(r.Item).Comments--
			case r.Act == audience.Share:
				change.of(r.Item).Shares--
			}
		}
		return len(rows), tx.Exec("DELETE FROM events WHERE pos IN ?", at).Error
	})
}

func (d *Dossier) eraseReactions(ctx context.Context, viewer audience.ViewerID) (int64, error) {
	return d.eraseBatches(ctx, func(tx *gorm.DB, _ int64, change deltas) (int, error) {
		var rows []struct {
			Item catalog.ItemID
			Kind reactionKind
		}
		err := tx.Raw("SELECT item, kind FROM reactions WHERE viewer = ? LIMIT ?", string(viewer), dossierPage).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		ended := make([]reaction, len(rows))
		for i, r := range rows {
			ended[i] = reaction{viewer, r.Item, r.Kind}
			change.react(ended[i], -1)
		}
		return len(rows), d.db.endReactions(tx, ended)
	})
}

func (d *Dossier) eraseCountedPlays(ctx context.Context, viewer audience.ViewerID) (int64, error) {
	return d.eraseBatches(ctx, func(tx *gorm.DB, _ int64, change deltas) (int, error) {
		var rows []struct {
			Item    catalog.ItemID
			Session string
		}
		err := tx.Raw("SELECT item, session FROM counted_plays WHERE viewer = ? LIMIT ?", string(viewer), dossierPage).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		keys := make([]playKey, len(rows))
		for i, r := range rows {
			keys[i] = playKey{viewer, r.Item, r.Session}
			change.of(r.Item).Plays--
		}
		return len(rows), run(tx, "DELETE FROM counted_plays WHERE (viewer, item, session) IN "+d.db.dialect.tuples(len(keys), 3), playArgs(keys))
	})
}
