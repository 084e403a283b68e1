package mysqlstore

import (
	"context"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// DeadLetters is the catalog.DeadLetters over what Outbox gave up.
type DeadLetters struct{ db *DB }

// NewDeadLetters works on db.
func NewDeadLetters(db *DB) *DeadLetters { return &DeadLetters{db} }

const selectLetter = "SELECT seq, id, version, state, changed_at, failures, error, died_at, overtaken, "

// List implements catalog.DeadLetters.
func (l *DeadLetters) List(ctx context.Context, after catalog.LetterID, limit int) (all []catalog.DeadLetter, err error) {
	err = l.db.read(ctx, func(tx *gorm.DB) error {
		all, err = lettersIn(tx, selectLetter+"NULL, NULL FROM dead_letters WHERE seq > ? ORDER BY seq LIMIT ?", int64(after), limit)
		return err
	})
	return all, err
}

// Find implements catalog.DeadLetters.
func (l *DeadLetters) Find(ctx context.Context, id catalog.LetterID) (catalog.DeadLetter, error) {
	var found []catalog.DeadLetter
	err := l.db.read(ctx, func(tx *gorm.DB) (err error) {
		found, err = lettersIn(tx, selectLetter+"details, payload FROM dead_letters WHERE seq = ?", int64(id))
		return err
	})
	if err != nil {
		return catalog.DeadLetter{}, err
	}
	if len(found) == 0 {
		return catalog.DeadLetter{}, catalog.ErrNoLetter
	}
	return found[0], nil
}

func lettersIn(tx *gorm.DB, query string, args ...any) (all []catalog.DeadLetter, err error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l catalog.DeadLetter
		var id, version, state, changedAt any
		var diedAt int64
		err := rows.Scan(&l.ID, &id, &version, &state, &changedAt, &l.Failures, &l.Why, &diedAt, &l.Overtaken, &l.Details, &l.Payload)
		if err != nil {
			return nil, err
		}
		l.Item, l.DiedAt = catalog.ItemID(loose(id)), timeOf(diedAt)
		if n, err := whole("version", version, 0); err == nil {
			l.Version = uint64(n)
		}
		if n, err := whole("state", state, 0); err == nil && n <= int64(catalog.Removed) {
			l.State = catalog.State(n)
		}
		if n, err := whole("changed_at", changedAt, 0); err == nil {
			l.ChangedAt = timeOf(n)
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// Requeue implements catalog.DeadLetters. It keeps relays away until it has committed, so that none is delivering
// something newer meanwhile.
func (l *DeadLetters) Requeue(ctx context.Context, id catalog.LetterID) (what catalog.Requeueing, err error) {
	err = l.db.write(ctx, func(tx *gorm.DB) error {
		if err := l.keepRelaysAway(tx); err != nil {
			return err
		}
		var stale []bool
		err := tx.Raw("SELECT overtaken > version FROM dead_letters WHERE seq = ?"+l.db.dialect.forUpdate(), int64(id)).Scan(&stale).Error
		if err != nil {
			return err
		}
		if len(stale) == 0 {
			var waits int64
			if err := tx.Raw("SELECT COUNT(*) FROM outbox WHERE seq = ?", int64(id)).Scan(&waits).Error; err != nil {
				return err
			}
			if what = catalog.Waiting; waits == 0 {
				return catalog.ErrNoLetter
			}
			return nil
		}
		if what = catalog.Superseded; stale[0] {
			return nil
		}
		what = catalog.Requeued
		err = tx.Exec("INSERT INTO outbox ("+factColumns+") SELECT "+factColumns+" FROM dead_letters WHERE seq = ?", int64(id)).Error
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM dead_letters WHERE seq = ?", int64(id)).Error
	})
	if err != nil {
		return "", err
	}
	return what, nil
}

// keepRelaysAway locks the lease until the transaction ends.
func (l *DeadLetters) keepRelaysAway(tx *gorm.DB) error {
	var held []bool
	err := tx.Raw("SELECT until_ms > " + l.db.dialect.nowMillis() + " FROM leases WHERE name = 'outbox'" + l.db.dialect.forUpdate()).Scan(&held).Error
	if err == nil && len(held) > 0 && held[0] {
		return catalog.ErrRelaying
	}
	return err
}

// Drop implements catalog.DeadLetters.
func (l *DeadLetters) Drop(ctx context.Context, id catalog.LetterID) error {
	return l.db.write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM dead_letters WHERE seq = ?", int64(id))
		if done.Error == nil && done.RowsAffected == 0 {
			return catalog.ErrNoLetter
		}
		return done.Error
	})
}
