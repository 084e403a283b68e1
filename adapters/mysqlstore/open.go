package mysqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// DB is an open database, safe for concurrent use. Its owner closes it.
type DB struct {
	opts    Options
	dialect dialect
	reader  *gorm.DB // statements outside transactions; prepared
	lagging *gorm.DB // like reader, over the replicas where there are any
	writer  *gorm.DB // transactions; not prepared, for their batches vary in length
	pools   []*sql.DB
	close   func() error
}

// Open connects to the database and does not touch its tables: Migrate does. It fails with a fault
// of kind Unavailable when the server does not answer.
func Open(ctx context.Context, opts Options) (*DB, error) {
	opts, err := opts.filled()
	if err != nil {
		return nil, err
	}
	db := &DB{opts: opts}
	db.close = sync.OnceValue(db.closePools)
	if opts.Path != "" {
		err = db.openSQLite(ctx)
	} else {
		err = db.openMySQL(ctx)
	}
	if err != nil {
		return nil, errors.Join(failure(ctx, err), db.Close())
	}
	return db, nil
}

// Ping answers nil when the database can be read.
func (db *DB) Ping(ctx context.Context) error {
	return db.read(ctx, func(tx *gorm.DB) error {
		var one int
		return tx.Raw("SELECT 1").Scan(&one).Error
	})
}

// Close ends every connection; what runs fails. Closing twice is harmless.
func (db *DB) Close() error { return db.close() }

func (db *DB) closePools() error {
	var errs []error
	for i, pool := range slices.Backward(db.pools) {
		if i == 0 {
			errs = append(errs, db.empty(pool))
		}
		errs = append(errs, db.leave(pool))
	}
	return errors.Join(errs...)
}

// leave closes a pool. A server that is gone hears no goodbye; the connections are closed all the same.
func (db *DB) leave(pool *sql.DB) error {
	err := pool.Close()
	if db.dialect == mysqlDialect {
		return nil
	}
	return err
}

// adopt bounds the pool and makes it the DB's to close.
func (db *DB) adopt(pool *sql.DB, size int) *sql.DB {
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(min(size, db.opts.MaxIdle))
	if db.dialect == mysqlDialect {
		pool.SetConnMaxLifetime(db.opts.MaxLifetime)
	}
	db.pools = append(db.pools, pool)
	return pool
}

// forEver is the one time to live for which gorm's statement cache starts no goroutine: nothing could stop it.
const forEver = 10 * 365 * 24 * time.Hour

func gormConfig(prepare bool) *gorm.Config {
	return &gorm.Config{
		PrepareStmt: prepare, PrepareStmtMaxSize: 128, PrepareStmtTTL: forEver,
		SkipDefaultTransaction: true, TranslateError: true, DisableAutomaticPing: true,
		Logger: logger.Discard,
	}
}
