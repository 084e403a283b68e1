package mysqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// still runs do over one moment of the whole database, however long it takes. It locks nothing.
func (db *DB) still(ctx context.Context, do func(conn *sql.Conn) error) (err error) {
	pool, err := db.patientPool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(failure(ctx, err), db.leave(pool)) }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	begin := []string{"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"}
	if db.dialect == sqliteDialect {
		begin = []string{"BEGIN"} // its first read is the moment
	}
	for _, statement := range begin {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	return do(conn)
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each runs row for every row of the answer.
func each(ctx context.Context, on querier, query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
