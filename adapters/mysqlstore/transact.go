package mysqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/fault"
)

// attempts bounds how often one transaction is tried; with the pauses between them about a second.
const attempts = 8

// write runs do in one transaction: what it wrote is stored when write returns nil. On a collision
// with another writer do runs again from the start, so it sets everything it answers anew. After
// an error of the network the transaction may or may not have been committed.
func (db *DB) write(ctx context.Context, do func(tx *gorm.DB) error) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := db.writer.WithContext(ctx).Transaction(do)
		if err == nil {
			return nil
		}
		if attempt == attempts || !collided(err) || !pause(ctx, attempt) {
			return failure(ctx, err)
		}
	}
}

// execute runs one statement that commits by itself: whatever becomes of this process, no lock outlives the statement. After an
// error of the network it may or may not have been done.
func (db *DB) execute(ctx context.Context, statement string, args ...any) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := db.writer.WithContext(ctx).Exec(statement, args...).Error
		if err == nil || attempt == attempts || !collided(err) || errors.Is(err, gorm.ErrDuplicatedKey) || !pause(ctx, attempt) {
			return err
		}
	}
}

// read runs do outside any transaction; do may run twice.
func (db *DB) read(ctx context.Context, do func(tx *gorm.DB) error) error {
	return db.readFrom(ctx, db.reader, do)
}

// readLagging is for what may be a moment old: a replica answers, or the primary where it does not.
func (db *DB) readLagging(ctx context.Context, do func(tx *gorm.DB) error) error {
	err := db.readFrom(ctx, db.lagging, do)
	if db.lagging != db.reader && fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		return db.read(ctx, do)
	}
	return err
}

func (db *DB) readFrom(ctx context.Context, from *gorm.DB, do func(tx *gorm.DB) error) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	err := do(from.WithContext(ctx))
	if cutShort(err) && ctx.Err() == nil {
		// Another caller gave up while preparing the statement that we were waiting for.
		err = do(from.WithContext(ctx))
	}
	return failure(ctx, err)
}

// bounded gives the operation a deadline when its caller set none.
func (db *DB) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, db.opts.Timeout)
}

func pause(ctx context.Context, attempt int) bool {
	wait := time.Duration(1+rand.IntN(8)) * time.Millisecond << min(attempt-1, 6)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

func cutShort(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// lockHead locks a row of log_heads until the transaction ends and returns its value. Whoever else
// wants it waits, so what follows happens in one order for all instances.
func (db *DB) lockHead(tx *gorm.DB, name string) (int64, error) {
	var heads []int64
	err := tx.Raw("SELECT head FROM log_heads WHERE name = ?"+db.dialect.forUpdate(), name).Scan(&heads).Error
	if err == nil && len(heads) == 0 {
		err = errNoHead(name)
	}
	if err != nil {
		return 0, err
	}
	return heads[0], nil
}

// moveHead is lockHead, and moves the head n on, n above 0, in as few round trips as the database allows. It returns where
// the head was.
func (db *DB) moveHead(tx *gorm.DB, name string, n int) (int64, error) {
	if db.dialect == sqliteDialect {
		head, err := db.lockHead(tx, name)
		if err != nil {
			return 0, err
		}
		return head, setHead(tx, name, head+int64(n))
	}
	moved, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, "UPDATE log_heads SET head = LAST_INSERT_ID(head + ?) WHERE name = ?", n, name)
	if err != nil {
		return 0, err
	}
	head, err := moved.LastInsertId()
	if err == nil && head == 0 {
		err = errNoHead(name)
	}
	return head - int64(n), err
}

func errNoHead(name string) error {
	return errors.New("no log head " + name + ": the database is not migrated")
}

func setHead(tx *gorm.DB, name string, head int64) error {
	return tx.Exec("UPDATE log_heads SET head = ? WHERE name = ?", head, name).Error
}
