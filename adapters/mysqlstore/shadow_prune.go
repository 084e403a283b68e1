package mysqlstore

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// ShadowEvents prunes the event log of shadow traffic, of which nothing was counted.
type ShadowEvents struct{ db *DB }

// NewShadowEvents works on what Shadow returns.
func NewShadowEvents(db *DB) *ShadowEvents { return &ShadowEvents{db} }

// Prune implements pruning.Store. Events go in the order of the log, a play with its last one.
func (s *ShadowEvents) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	var events []engagement.Logged
	err = s.db.read(ctx, func(tx *gorm.DB) (err error) {
		events, err = outdated(tx, math.MaxInt64, before, limit)
		return err
	})
	if err != nil || len(events) == 0 {
		return 0, err
	}
	err = s.db.write(ctx, func(tx *gorm.DB) error {
		plays := make(map[playKey]bool)
		for i := range events {
			if e := &events[i].Event; isPlay(e.Act) {
				plays[keyOf(e)] = true
			}
		}
		upTo := int64(events[len(events)-1].Offset)
		if err := s.db.endPlays(tx, slices.Collect(maps.Keys(plays)), upTo, make(deltas)); err != nil {
			return err
		}
		return tx.Exec("DELETE FROM events WHERE pos <= ?", upTo).Error
	})
	if err != nil {
		return 0, err
	}
	return len(events), nil
}

// ShadowViewers prunes what the viewers of shadow traffic decided.
type ShadowViewers struct{ db *DB }

// NewShadowViewers works on what Shadow returns.
func NewShadowViewers(db *DB) *ShadowViewers { return &ShadowViewers{db} }

// Prune implements pruning.Store. A viewer goes with all decisions when the last of them is old.
func (s *ShadowViewers) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	const due = "SELECT viewer FROM viewers WHERE changed_at < ? ORDER BY changed_at LIMIT ?"
	var old []audience.ViewerID
	err = s.db.read(ctx, func(tx *gorm.DB) error { return tx.Raw(due, before.UnixMilli(), limit).Scan(&old).Error })
	if err != nil || len(old) == 0 {
		return 0, err
	}
	err = s.db.write(ctx, func(tx *gorm.DB) error { // again, now that nobody may decide meanwhile
		pruned, old = 0, nil
		if err := tx.Raw(due+s.db.dialect.forUpdate(), before.UnixMilli(), limit).Scan(&old).Error; err != nil {
			return err
		}
		for _, table := range []string{"ties", "decisions", "repairs", "viewers"} {
			err := chunks(old, func(some []audience.ViewerID) error {
				return tx.Exec("DELETE FROM "+table+" WHERE viewer IN ?", some).Error
			})
			if err != nil {
				return err
			}
		}
		pruned = len(old)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}

// ShadowFollows prunes the changes of follows that shadow traffic leaves for nobody to count.
type ShadowFollows struct{ db *DB }

// NewShadowFollows works on what Shadow returns.
func NewShadowFollows(db *DB) *ShadowFollows { return &ShadowFollows{db} }

// Prune implements pruning.Store. They go at any age, as those of others do.
func (s *ShadowFollows) Prune(ctx context.Context, _ time.Time, limit int) (pruned int, err error) {
	var ids []int64
	err = s.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT id FROM follow_changes ORDER BY id LIMIT ?", limit).Scan(&ids).Error
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.db.write(ctx, func(tx *gorm.DB) error {
		return chunks(ids, func(some []int64) error {
			return tx.Exec("DELETE FROM follow_changes WHERE id IN ?", some).Error
		})
	})
	if err != nil {
		return 0, err
	}
	return len(ids), nil
}
