package mysqlstore

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

var errTallyCursor = fault.New(fault.Invalid, "bad_cursor", "this is not a place in the list of changed counts")

// Tally is the engagement.Tally and, from the same tables, the engagement.Reactions.
type Tally struct{ db *DB }

// NewTally works on db.
func NewTally(db *DB) *Tally { return &Tally{db} }

// Advance implements engagement.Tally. Instances take turns: whoever advances holds the tally's head.
func (t *Tally) Advance(ctx context.Context, limit int) (changed map[catalog.ItemID]engagement.Counts, applied int, err error) {
	err = t.db.write(ctx, func(tx *gorm.DB) error {
		changed, applied = nil, 0
		head, err := t.db.lockHead(tx, "tally")
		if err != nil {
			return err
		}
		events, err := eventsIn(tx, selectEvent+"WHERE e.pos > ? ORDER BY e.pos LIMIT ?", head, limit)
		if err != nil || len(events) == 0 {
			return err
		}
		deltas, err := t.apply(tx, events)
		if err != nil {
			return err
		}
		if changed, err = t.db.addCounts(tx, deltas); err != nil {
			return err
		}
		applied = len(events)
		return setHead(tx, "tally", int64(events[applied-1].Offset))
	})
	if err != nil {
		return nil, 0, err
	}
	return changed, applied, nil
}

// apply settles reactions and plays and returns by how much each item's counts change.
func (t *Tally) apply(tx *gorm.DB, events []engagement.Logged) (deltas, error) {
	d := make(deltas)
	now := make(map[reaction]bool)
	plays := make(map[playKey]bool)
	for i := range events {
		e := &events[i].Event
		if kind, on, ok := reactionOf(e.Act); ok {
			now[reaction{e.Viewer, e.Item, kind}] = on
			continue
		}
		switch e.Act {
		case audience.Comment:
			d.of(e.Item).Comments++
		case audience.Share:
			d.of(e.Item).Shares++
		case audience.PlayStart, audience.PlayProgress, audience.PlayComplete:
			plays[keyOf(e)] = true
		}
	}
	if err := t.db.settleReactions(tx, now, d); err != nil {
		return nil, err
	}
	return d, t.db.countPlays(tx, plays, d)
}

const selectCounts = "SELECT item, likes, favorites, comments, shares, plays, revision FROM item_counts "

type countsRow struct {
	Item     catalog.ItemID
	Revision int64
	engagement.Counts
}

// Counts implements engagement.Tally.
func (t *Tally) Counts(ctx context.Context, items []catalog.ItemID) (map[catalog.ItemID]engagement.Counts, error) {
	known := make(map[catalog.ItemID]engagement.Counts, len(items))
	err := t.db.readLagging(ctx, func(tx *gorm.DB) error {
		return countsInto(tx, items, known)
	})
	for item, c := range known {
		if c == (engagement.Counts{}) { // everything that happened to it was taken back or erased
			delete(known, item)
		}
	}
	return known, err
}

func countsInto(tx *gorm.DB, items []catalog.ItemID, into map[catalog.ItemID]engagement.Counts) error {
	return chunks(items, func(some []catalog.ItemID) error {
		var rows []countsRow
		err := tx.Raw(selectCounts+"WHERE item IN ?", padded(some)).Scan(&rows).Error
		for _, row := range rows {
			into[row.Item] = row.Counts
		}
		return err
	})
}

// Changed implements engagement.Tally. Its cursor is a revision and the last item of it that was read.
func (t *Tally) Changed(ctx context.Context, cursor string, limit int) (map[catalog.ItemID]engagement.Counts, string, error) {
	revision, item := int64(0), ""
	if cursor != "" {
		number, rest, ok := strings.Cut(cursor, ".")
		var err error
		if revision, err = strconv.ParseInt(number, 10, 64); err != nil || !ok {
			return nil, "", errTallyCursor
		}
		item = rest
	}
	var rows []countsRow
	err := t.db.readLagging(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw(selectCounts+"WHERE revision > ? OR (revision = ? AND item > ?) ORDER BY revision, item LIMIT ?",
			revision, revision, item, limit).Scan(&rows).Error
	})
	if err != nil {
		return nil, "", err
	}
	changed := make(map[catalog.ItemID]engagement.Counts, len(rows))
	for _, row := range rows {
		changed[row.Item] = row.Counts
		cursor = strconv.FormatInt(row.Revision, 10) + "." + string(row.Item)
	}
	return changed, cursor, nil
}
