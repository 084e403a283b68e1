package mysqlstore

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
)

// ShadowEvents prunes the event log of shadow traffic, of which nothing was counted.
type ShadowEvents struct{ db *DB }

// NewShadowEvents works on what Shadow returns.
func NewShadowEvents(db *DB) *ShadowEvents { return &ShadowEvents{db} }

// Prune implements pruning.Store. Events go in the order of the log, a play with its last one.
func (s *ShadowEvents) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	err = s.db.write(ctx, func(tx *gorm.DB) error {
		pruned = 0
		events, err := outdated(tx, math.MaxInt64, before, limit)
		if err != nil || len(events) == 0 {
			return err
		}
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
		pruned = len(events)
		return tx.Exec("DELETE FROM events WHERE pos <= ?", upTo).Error
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}

// ShadowViewers prunes what the viewers of shadow traffic decided.
type ShadowViewers struct{ db *DB }

// NewShadowViewers works on what Shadow returns.
func NewShadowViewers(db *DB) *ShadowViewers { return &ShadowViewers{db} }

// Prune implements pruning.Store. A viewer goes with all decisions when the last of them is old, and at once what nobody is to count of them.
func (s *ShadowViewers) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	err = s.db.write(ctx, func(tx *gorm.DB) error {
		pruned = 0
		var old []audience.ViewerID
		err := tx.Raw("SELECT viewer FROM viewers WHERE changed_at < ? ORDER BY changed_at LIMIT ?"+s.db.dialect.forUpdate(),
			before.UnixMilli(), limit).Scan(&old).Error
		if err != nil {
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
		var uncounted []int64
		if err := tx.Raw("SELECT id FROM follow_changes ORDER BY id LIMIT ?", limit).Scan(&uncounted).Error; err != nil {
			return err
		}
		return chunks(uncounted, func(some []int64) error {
			return tx.Exec("DELETE FROM follow_changes WHERE id IN ?", some).Error
		})
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}
