package mysqlstore

import (
	"context"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Favorited implements engagement.Reactions. What the tally has not reached is read from the log,
// so that an acknowledged act shows at once.
func (t *Tally) Favorited(ctx context.Context, viewer audience.ViewerID, items []catalog.ItemID) (map[catalog.ItemID]bool, error) {
	stands := make(map[reaction]bool)
	err := t.db.read(ctx, func(tx *gorm.DB) error {
		clear(stands)
		// The offset is read first: acts that the tally reaches meanwhile are met twice, to the same end.
		var offset int64
		if err := tx.Raw("SELECT head FROM log_heads WHERE name = 'tally'").Scan(&offset).Error; err != nil {
			return err
		}
		return chunks(items, func(some []catalog.ItemID) error {
			var settled []struct {
				Item catalog.ItemID
				Kind reactionKind
			}
			err := tx.Raw("SELECT item, kind FROM reactions WHERE viewer = ? AND item IN ?", string(viewer), padded(some)).Scan(&settled).Error
			if err != nil {
				return err
			}
			for _, s := range settled {
				stands[reaction{viewer, s.Item, s.Kind}] = true
			}
			var acts []struct {
				Item catalog.ItemID
				Act  audience.Act
			}
			err = tx.Raw("SELECT item, act FROM events WHERE viewer = ? AND pos > ? AND item IN ? ORDER BY pos", string(viewer), offset, padded(some)).Scan(&acts).Error
			for _, a := range acts {
				if kind, on, ok := reactionOf(a.Act); ok {
					stands[reaction{viewer, a.Item, kind}] = on
				}
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	answer := make(map[catalog.ItemID]bool, len(items))
	for _, item := range items {
		answer[item] = stands[reaction{viewer, item, liked}] || stands[reaction{viewer, item, favored}]
	}
	return answer, nil
}
