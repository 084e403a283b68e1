package mysqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
)

// shadowPrefix begins the names of the tables of shadow traffic.
const shadowPrefix = "shadow_"

// twins are the tables that shadow traffic has of its own, each with the columns and indexes of the one it stands for. Nobody counts
// what shadow traffic does, so some of them stay empty: they are there so that every statement on the real ones works on these.
var twins = []string{
	"viewers", "ties", "decisions", "follow_changes", "repairs",
	"events", "plays", "reactions", "counted_plays", "pruned_reactions", "log_heads",
	"sessions", "pages",
}

// Shadow is the same database for shadow traffic, over the same connections: whatever works on it reads and writes the tables of
// shadow traffic in the place of those they stand for, and refuses any other but the items, which it only reads. Closing it does nothing.
func (db *DB) Shadow() (*DB, error) {
	s := &DB{opts: db.opts, dialect: db.dialect, close: func() error { return nil }}
	var err error
	if s.reader, err = db.shadowOf(db.reader, true); err != nil {
		return nil, err
	}
	if s.writer, err = db.shadowOf(db.writer, false); err != nil {
		return nil, err
	}
	s.lagging = s.reader
	return s, nil
}

func (db *DB) shadowOf(real *gorm.DB, prepare bool) (*gorm.DB, error) {
	pool, err := real.DB()
	if err != nil {
		return nil, err
	}
	if db.dialect == sqliteDialect {
		return gorm.Open(sqlite.New(sqlite.Config{Conn: shadowPool{pool}}), gormConfig(prepare))
	}
	return gorm.Open(mysqlOver(shadowPool{pool}), gormConfig(prepare))
}

// shadowPool is a pool of connections for shadow traffic.
type shadowPool struct{ *sql.DB }

func (p shadowPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

func (p shadowPool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return p.DB.PrepareContext(ctx, query)
}

func (p shadowPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return p.DB.ExecContext(ctx, query, args...)
}

func (p shadowPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return p.DB.QueryContext(ctx, query, args...)
}

func (p shadowPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.DB.QueryRowContext(ctx, shadowedOrNothing(query), args...)
}

func (p shadowPool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := p.DB.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &shadowTx{tx}, nil
}

// shadowTx is a transaction of shadow traffic.
type shadowTx struct{ *sql.Tx }

func (t *shadowTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return t.Tx.PrepareContext(ctx, query)
}

func (t *shadowTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

func (t *shadowTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, err := shadowed(query)
	if err != nil {
		return nil, err
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

func (t *shadowTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(ctx, shadowedOrNothing(query), args...)
}

// shadowedOrNothing is for calls that answer their error with the row: a statement that is refused becomes one that the database
// refuses.
func shadowedOrNothing(query string) string {
	query, err := shadowed(query)
	if err != nil {
		return "refused: " + err.Error()
	}
	return query
}

// ClearShadow removes all that is kept of shadow traffic. Offsets go on from where they were, so that instances that serve meanwhile
// lose nothing but what is removed. It may be repeated.
func (db *DB) ClearShadow(ctx context.Context) (err error) {
	pool, err := db.patientPool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(failure(ctx, err), db.leave(pool)) }()
	empty := "TRUNCATE TABLE "
	if db.dialect == sqliteDialect {
		empty = "DELETE FROM "
	}
	for _, table := range twins {
		if table == "log_heads" {
			continue
		}
		if _, err := pool.ExecContext(ctx, empty+shadowPrefix+table); err != nil {
			return err
		}
	}
	return nil
}
