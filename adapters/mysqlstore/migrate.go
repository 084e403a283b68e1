package mysqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables to the version this program knows. Instances may do so at once: they
// take turns. It never goes back; run again after a failure it goes on.
func (db *DB) Migrate(ctx context.Context) (err error) {
	pool, err := db.patientPool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(failure(ctx, err), db.leave(pool)) }()
	provider, err := db.migrator(pool)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// SchemaVersion answers which version the tables have (0: none) and which one this program wants.
func (db *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	pool, _ := db.reader.DB()
	provider, err := db.migrator(pool)
	if err != nil {
		return 0, 0, err
	}
	for _, source := range provider.ListSources() {
		want = max(want, source.Version)
	}
	err = db.read(ctx, func(tx *gorm.DB) error {
		exists := "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?"
		if db.dialect == sqliteDialect {
			exists = "SELECT COUNT(*) FROM sqlite_master WHERE name = ?"
		}
		var tables int
		if err := tx.Raw(exists, goose.DefaultTablename).Scan(&tables).Error; err != nil || tables == 0 {
			return err
		}
		return tx.Raw("SELECT COALESCE(MAX(version_id), 0) FROM " + goose.DefaultTablename).Scan(&have).Error
	})
	return have, want, err
}

func (db *DB) migrator(pool *sql.DB) (*goose.Provider, error) {
	dialect, folder, lock := goose.DialectMySQL, "migrations/mysql", goose.WithSessionLocker(serverLock{})
	if db.dialect == sqliteDialect {
		dialect, folder, lock = goose.DialectSQLite3, "migrations/sqlite", goose.WithLocker(&fileLock{path: db.opts.Path + ".migrating"})
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, lock, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// patientPool lets a statement run as long as the context allows: changing a big table takes its time.
func (db *DB) patientPool() (*sql.DB, error) {
	if db.dialect == sqliteDialect {
		return sql.Open(sqlite.DriverName, sqliteDSN(db.opts.Path))
	}
	opts := db.opts
	opts.ReadTimeout = 0
	opts.LockTimeout = time.Minute
	connector, err := mysqlConnector(db.opts.DSN, opts)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// serverLock is a lock of the server that ends with the connection.
type serverLock struct{}

const serverLockName = "CONCAT('freshet.migrate.', LEFT(SHA2(DATABASE(), 256), 32))"

func (serverLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for {
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+serverLockName+", 1)").Scan(&got); err != nil {
			return err
		}
		if got.Int64 == 1 {
			return beginHistory(ctx, conn)
		}
	}
}

// beginHistory makes goose's table with its first row. Goose itself cannot go on from a table without
// it, which is what a process that dies between the two leaves behind: here DDL commits by itself.
func beginHistory(ctx context.Context, conn *sql.Conn) error {
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS ` + goose.DefaultTablename + ` (
			id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
			version_id BIGINT          NOT NULL,
			is_applied BOOLEAN         NOT NULL,
			tstamp     DATETIME        NULL DEFAULT CURRENT_TIMESTAMP
		)`,
		`INSERT INTO ` + goose.DefaultTablename + ` (version_id, is_applied)
			SELECT 0, TRUE FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM ` + goose.DefaultTablename + ` WHERE version_id = 0)`,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (serverLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK("+serverLockName+")")
	return err
}

// fileLock is the write lock of an otherwise empty SQLite file, which ends with the process.
type fileLock struct {
	path string
	pool *sql.DB
	tx   *sql.Tx
}

func (l *fileLock) Lock(ctx context.Context, _ *sql.DB) (err error) {
	if l.pool, err = sql.Open(sqlite.DriverName, sqliteDSN(l.path)); err != nil {
		return err
	}
	for {
		if l.tx, err = l.pool.BeginTx(ctx, nil); err == nil {
			return nil
		}
		if ctx.Err() != nil || !collided(err) {
			return errors.Join(err, l.pool.Close())
		}
	}
}

func (l *fileLock) Unlock(context.Context, *sql.DB) error {
	return errors.Join(l.tx.Rollback(), l.pool.Close())
}
