package mysqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"
)

func (db *DB) openMySQL(ctx context.Context) (err error) {
	db.dialect = mysqlDialect
	primary, err := db.mysqlPool(db.opts.DSN)
	if err != nil {
		return err
	}
	pingCtx, cancel := db.bounded(ctx)
	defer cancel()
	if err := primary.PingContext(pingCtx); err != nil {
		return err
	}
	if db.reader, err = gorm.Open(mysqlOver(primary), gormConfig(true)); err != nil {
		return err
	}
	if db.writer, err = gorm.Open(mysqlOver(primary), gormConfig(false)); err != nil {
		return err
	}
	if len(db.opts.Replicas) == 0 {
		db.lagging = db.reader
		return nil
	}

	var replicas []gorm.Dialector
	for _, dsn := range db.opts.Replicas {
		pool, err := db.mysqlPool(dsn)
		if err != nil {
			return err
		}
		replicas = append(replicas, mysqlOver(pool))
	}
	if db.lagging, err = gorm.Open(mysqlOver(primary), gormConfig(true)); err != nil {
		return err
	}
	return db.lagging.Use(dbresolver.Register(dbresolver.Config{Replicas: replicas, Policy: dbresolver.RandomPolicy{}}))
}

// mysqlOver asks nothing of the server, so that a replica that is down delays no start.
func mysqlOver(pool gorm.ConnPool) gorm.Dialector {
	return mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true})
}

func (db *DB) mysqlPool(dsn string) (*sql.DB, error) {
	connector, err := mysqlConnector(dsn, db.opts)
	if err != nil {
		return nil, err
	}
	return db.adopt(sql.OpenDB(connector), db.opts.MaxOpen), nil
}

func mysqlConnector(dsn string, opts Options) (driver.Connector, error) {
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("database DSN: %w", err)
	}
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout
	cfg.InterpolateParams = true            // one round trip for statements that are not prepared
	cfg.Logger = new(mysqldriver.NopLogger) // what it says is in the errors
	if err := cfg.Apply(mysqldriver.Charset("utf8mb4", "utf8mb4_bin")); err != nil {
		return nil, err
	}
	connector, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("database DSN: %w", err)
	}
	return settledConnector{connector, []string{
		// Locks then lie on rows, not on the gaps between them, and every statement sees what was committed before it.
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
		fmt.Sprintf("SET SESSION innodb_lock_wait_timeout = %d", opts.LockTimeout/time.Second),
	}}, nil
}

// settledConnector runs statements on every new connection.
type settledConnector struct {
	driver.Connector
	statements []string
}

func (c settledConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, statement := range c.statements {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}
