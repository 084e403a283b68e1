package mysqlstore

import (
	"context"
	"database/sql"
	"net/url"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
)

// SQLite has one writer at a time, so one connection writes and writers queue in Go, fairly; readers
// have connections of their own and never wait for it.
func (db *DB) openSQLite(ctx context.Context) (err error) {
	db.dialect = sqliteDialect
	w, err := sql.Open(sqlite.DriverName, sqliteDSN(db.opts.Path, "journal_mode(WAL)", "synchronous(NORMAL)"))
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
