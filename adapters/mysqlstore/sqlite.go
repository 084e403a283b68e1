package mysqlstore

import (
	"context"
	"database/sql"
	"net/url"
	"os"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
)

// SQLite has one writer at a time, so one connection writes and writers queue in Go, fairly; readers
// have connections of their own and never wait for it. What is deleted is overwritten, so that the file
// keeps nothing of an erased viewer; nobody but the owner may read it.
func (db *DB) openSQLite(ctx context.Context) (err error) {
	db.dialect = sqliteDialect
	f, err := os.OpenFile(db.opts.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	w, err := sql.Open(sqlite.DriverName, sqliteDSN(db.opts.Path, "journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(ON)"))
	if err != nil {
		return err
	}
	if err := db.adopt(w, 1).PingContext(ctx); err != nil {
		return err
	}
	r, err := sql.Open(sqlite.DriverName, sqliteDSN(db.opts.Path, "query_only(1)"))
	if err != nil {
		return err
	}
	db.adopt(r, db.opts.MaxOpen)
	if db.writer, err = gorm.Open(sqlite.New(sqlite.Config{Conn: w}), gormConfig(false)); err != nil {
		return err
	}
	db.reader, err = gorm.Open(sqlite.New(sqlite.Config{Conn: r}), gormConfig(true))
	db.lagging = db.reader
	return err
}

func sqliteDSN(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...), "_txlock": {"immediate"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// settle brings what was overwritten into the file itself: SQLite's log of changes keeps the old bytes until then.
// It waits for nobody: what a reader still holds is settled later, at the latest when the file is closed. Servers
// settle by themselves.
func (db *DB) settle(ctx context.Context) error {
	if db.opts.Path == "" {
		return nil
	}
	return failure(ctx, db.writer.WithContext(ctx).Exec("PRAGMA wal_checkpoint(PASSIVE)").Error)
}

// empty leaves nothing in SQLite's log of changes; nobody but w, the writer's pool, is open any more.
func (db *DB) empty(w *sql.DB) error {
	if db.opts.Path == "" {
		return nil
	}
	_, err := w.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
