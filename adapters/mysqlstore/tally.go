package mysqlstore

import (
	"context"
	"strconv"
	"strings"
	"time"

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
		var newest int64
		if err := tx.Raw("SELECT head FROM log_heads WHERE name = 'events'").Scan(&newest).Error; err != nil || newest <= head {
			return err
		}
		upTo := min(newest, head+int64(limit))
		events, err := countedIn(tx, head, upTo)
		if err != nil {
			return err
		}
		deltas, err := t.apply(tx, events)
		if err != nil {
			return err
		}
		if changed, err = t.db.addCounts(tx, deltas); err != nil {
			return err
		}
		applied = int(upTo - head)
		return setHead(tx, "tally", upTo)
	})
	if err != nil {
		return nil, 0, err
	}
	return changed, applied, nil
}

// countedActs are those that change a count.
var countedActs = []audience.Act{
	audience.Like, audience.Unlike, audience.Favorite, audience.Unfavorite, audience.Comment, audience.Share,
	audience.PlayStart, audience.PlayProgress, audience.PlayComplete,
}

// countedIn are the events of the log after an offset, up to another, that may change a count, with what counting looks at.
func countedIn(tx *gorm.DB, after, upTo int64) (events []engagement.Event, err error) {
	rows, err := tx.Raw("SELECT viewer, act, item, session FROM events WHERE pos > ? AND pos <= ? AND act IN ? ORDER BY pos", after, upTo, countedActs).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e engagement.Event
		if err := rows.Scan(&e.Viewer, &e.Act, &e.Item, &e.Session); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// Lag implements engagement.Tally.
func (t *Tally) Lag(ctx context.Context) (events int64, since time.Time, err error) {
	var row struct{ Newest, Tallied, Since int64 }
	err = t.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw(`SELECT n.head AS newest, t.head AS tallied, COALESCE((SELECT received_at FROM events WHERE pos > t.head ORDER BY pos LIMIT 1), 0) AS since
			FROM log_heads n JOIN log_heads t ON t.name = 'tally' WHERE n.name = 'events'`).Scan(&row).Error
	})
	if err != nil || row.Newest <= row.Tallied {
		return 0, time.Time{}, err
	}
	if row.Since != 0 { // else all that is left was erased
		since = timeOf(row.Since)
	}
	return row.Newest - row.Tallied, since, nil
}

// apply settles reactions and plays and returns by how much each item's counts change.
func (t *Tally) apply(tx *gorm.DB, events []engagement.Event) (deltas, error) {
	d := make(deltas)
	now := make(map[reaction]bool)
	plays := make(map[playKey]bool)
	for i := range events {
		e := &events[i]
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
	revision, item, err := parseRevision(cursor)
	if err != nil {
		return nil, "", err
	}
	var rows []countsRow
	err = t.db.readLagging(ctx, func(tx *gorm.DB) error {
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
		cursor = revisionCursor(row.Revision, string(row.Item))
	}
	return changed, cursor, nil
}

func revisionCursor(revision int64, last string) string {
	return strconv.FormatInt(revision, 10) + "." + last
}

func parseRevision(cursor string) (revision int64, last string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	number, last, ok := strings.Cut(cursor, ".")
	if revision, err = strconv.ParseInt(number, 10, 64); err != nil || !ok {
		return 0, "", errTallyCursor
	}
	return revision, last, nil
}
