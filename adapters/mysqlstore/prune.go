package mysqlstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// Prune implements pruning.Store. Events go in the order of the log, none before it was counted, and in the same commit what counts of them is put
// down: who liked what after them, comments, shares, and the plays of which no event is left.
func (l *EventLog) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	var oldest []int64
	err = l.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT received_at FROM events ORDER BY pos LIMIT 1").Scan(&oldest).Error
	})
	if err != nil || len(oldest) == 0 || oldest[0] >= before.UnixMilli() {
		return 0, err
	}
	err = l.db.write(ctx, func(tx *gorm.DB) error {
		pruned = 0
		tallied, err := l.db.lockHead(tx, "tally")
		if err != nil {
			return err
		}
		events, err := outdated(tx, tallied, before, limit)
		if err != nil || len(events) == 0 {
			return err
		}
		upTo := int64(events[len(events)-1].Offset)
		if err := l.db.keepCounts(tx, events, upTo); err != nil {
			return err
		}
		pruned = len(events)
		if err := tx.Exec("DELETE FROM events WHERE pos <= ?", upTo).Error; err != nil {
			return err
		}
		return setHead(tx, "pruned", upTo)
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}

// outdated are the first events of the log, up to the offset, that were all received before a moment, with what counting looks at.
func outdated(tx *gorm.DB, upTo int64, before time.Time, limit int) (events []engagement.Logged, err error) {
	rows, err := tx.Raw("SELECT pos, viewer, act, item, session, received_at FROM events WHERE pos <= ? ORDER BY pos LIMIT ?", upTo, limit).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e engagement.Logged
		var received int64
		if err := rows.Scan(&e.Offset, &e.Viewer, &e.Act, &e.Item, &e.Session, &received); err != nil {
			return nil, err
		}
		if received >= before.UnixMilli() {
			break
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// keepCounts puts down what counts of the events, the first of the log, up to the offset.
func (db *DB) keepCounts(tx *gorm.DB, events []engagement.Logged, upTo int64) error {
	kept := make(deltas)
	now := make(map[reaction]bool)
	plays := make(map[playKey]bool)
	for i := range events {
		e := &events[i].Event
		kind, on, ok := reactionOf(e.Act)
		switch {
		case ok:
			now[reaction{e.Viewer, e.Item, kind}] = on
		case e.Act == audience.Comment:
			kept.of(e.Item).Comments++
		case e.Act == audience.Share:
			kept.of(e.Item).Shares++
		case isPlay(e.Act):
			plays[keyOf(e)] = true
		}
	}
	if err := db.keepReactions(tx, now); err != nil {
		return err
	}
	if err := db.endPlays(tx, slices.Collect(maps.Keys(plays)), upTo, kept); err != nil {
		return err
	}
	sum := db.dialect.onClash(clash{key: []string{"item"}, add: []string{"comments", "shares", "plays"}})
	rows := newBulk(tx, "pruned_counts", sum, "item", "comments", "shares", "plays")
	for _, item := range slices.Sorted(maps.Keys(kept)) {
		c := kept[item]
		rows.add(string(item), c.Comments, c.Shares, c.Plays)
	}
	return rows.flush()
}

// keepReactions makes each reaction what now says, as far as what was pruned goes.
func (db *DB) keepReactions(tx *gorm.DB, now map[reaction]bool) error {
	begun := newBulk(tx, "pruned_reactions", db.dialect.onClash(clash{key: []string{"viewer", "item", "kind"}}), "viewer", "item", "kind")
	var ended []reaction
	for r, on := range now {
		if on {
			begun.add(reactionArgs([]reaction{r})...)
		} else {
			ended = append(ended, r)
		}
	}
	if err := begun.flush(); err != nil {
		return err
	}
	return chunks(ended, func(some []reaction) error {
		return run(tx, "DELETE FROM pruned_reactions WHERE (viewer, item, kind) IN "+db.dialect.tuples(len(some), 3), reactionArgs(some))
	})
}

// endPlays forgets the plays of which no event comes after the offset, and counts those that the tally had counted. An event of one that is stored
// meanwhile waits for this commit and begins the play anew.
func (db *DB) endPlays(tx *gorm.DB, plays []playKey, upTo int64, kept deltas) error {
	return chunks(plays, func(some []playKey) error {
		ended, err := playsIn(tx, "SELECT viewer, item, session FROM plays WHERE (viewer, item, session) IN "+
			db.dialect.tuples(len(some), 3)+" AND last_pos <= ?"+db.dialect.forUpdate(), append(playArgs(some), upTo)...)
		if err != nil || len(ended) == 0 {
			return err
		}
		these := " WHERE (viewer, item, session) IN " + db.dialect.tuples(len(ended), 3)
		counted, err := playsIn(tx, "SELECT viewer, item, session FROM counted_plays"+these, playArgs(ended)...)
		if err != nil {
			return err
		}
		for _, k := range counted {
			kept.of(k.item).Plays++
		}
		if err := run(tx, "DELETE FROM counted_plays"+these, playArgs(ended)); err != nil {
			return err
		}
		return run(tx, "DELETE FROM plays"+these, playArgs(ended))
	})
}

// playsIn runs a query that answers the keys of plays.
func playsIn(tx *gorm.DB, query string, args ...any) (plays []playKey, err error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k playKey
		if err := rows.Scan(&k.viewer, &k.item, &k.session); err != nil {
			return nil, err
		}
		plays = append(plays, k)
	}
	return plays, rows.Err()
}
