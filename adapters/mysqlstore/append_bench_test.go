package mysqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/servers"
)

const (
	benchCallers = 16
	benchBatch   = 100
)

// BenchmarkAppend has 16 callers append batches of 100 at the same time: each in its own transaction, in groups, and, as what
// the database can do at all, by bare INSERTs of the same rows into a table with the same indexes, where nothing keeps an order.
func BenchmarkAppend(b *testing.B) {
	for _, database := range []struct {
		name string
		open func(b *testing.B) (mysqlstore.Options, *sql.DB)
	}{{"SQLite", benchSQLite}, {"MySQL", benchMySQL}} {
		b.Run(database.name, func(b *testing.B) {
			b.Run("alone", func(b *testing.B) {
				opts, _ := database.open(b)
				benchAppends(b, mysqlstore.NewEventLog(benchOpened(b, opts)).Append)
			})
			b.Run("grouped", func(b *testing.B) {
				opts, _ := database.open(b)
				log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(benchOpened(b, opts)), mysqlstore.GroupOptions{})
				defer log.Close()
				benchAppends(b, log.Append)
				stats := log.Stats()
				b.ReportMetric(float64(stats.Events)/float64(stats.Groups), "events/group")
			})
			b.Run("bare", func(b *testing.B) {
				opts, bare := database.open(b)
				benchOpened(b, opts)
				benchBare(b, opts, bare)
			})
		})
	}
}

func benchSQLite(b *testing.B) (mysqlstore.Options, *sql.DB) {
	opts := mysqlstore.Options{Path: filepath.Join(b.TempDir(), "f.db")}
	pool, err := sql.Open(sqlite.DriverName, "file:"+opts.Path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	require.NoError(b, err)
	pool.SetMaxOpenConns(1)
	b.Cleanup(func() { require.NoError(b, pool.Close()) })
	return opts, pool
}

// benchMySQL starts a server of the benchmark's own, so that none pays for the pages another left behind.
func benchMySQL(b *testing.B) (mysqlstore.Options, *sql.DB) {
	server := servers.StartMySQL(b)
	pool, err := sql.Open("mysql", server.DSN("bench")+"&interpolateParams=true")
	require.NoError(b, err)
	pool.SetMaxIdleConns(benchCallers)
	b.Cleanup(func() { require.NoError(b, pool.Close()) })
	admin, err := sql.Open("mysql", server.DSN(""))
	require.NoError(b, err)
	defer func() { require.NoError(b, admin.Close()) }()
	for _, statement := range []string{
		"CREATE DATABASE bench CHARACTER SET utf8mb4", "SET GLOBAL innodb_buffer_pool_size = 512 * 1024 * 1024", "SET GLOBAL innodb_log_file_size = 256 * 1024 * 1024",
	} {
		_, err := admin.ExecContext(b.Context(), statement)
		require.NoError(b, err)
	}
	return mysqlstore.Options{DSN: server.DSN("bench")}, pool
}

func benchOpened(b *testing.B, opts mysqlstore.Options) *mysqlstore.DB {
	db, err := mysqlstore.Open(b.Context(), opts)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	require.NoError(b, db.Migrate(b.Context()))
	return db
}

type appendFunc = func(context.Context, []engagement.Event, time.Time) ([]bool, error)

func benchAppends(b *testing.B, appendEvents appendFunc) {
	var ids atomic.Int64
	b.SetParallelism(max(1, benchCallers/runtime.GOMAXPROCS(0)))
	b.ReportAllocs()
	before := processorTime(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			last := ids.Add(benchBatch)
			events := make([]engagement.Event, benchBatch)
			for i := range events {
				events[i] = benchEvent(last - int64(i))
			}
			if _, err := appendEvents(b.Context(), events, time.Now()); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(ids.Load())/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/1000/float64(ids.Load()), "own-cpu-µs/event")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func benchEvent(id int64) engagement.Event {
	return engagement.Event{
		ID: engagement.EventID(fmt.Sprintf("%016x", uint64(id)*0x9e3779b97f4a7c15)), Viewer: audience.ViewerID(fmt.Sprint("v", id%5000)),
		Act: audience.Like, Item: catalog.ItemID(fmt.Sprint("i", id%3000)), At: dawn, Session: "0123456789abcdefghijklmnop",
	}
}

// benchBare inserts a batch by one statement, on SQLite, whose driver takes many variables badly, by a few in one transaction.
func benchBare(b *testing.B, opts mysqlstore.Options, pool *sql.DB) {
	most := benchBatch
	script := []string{"CREATE TABLE bare LIKE events"}
	if opts.Path != "" {
		most = 25
		var table string
		require.NoError(b, pool.QueryRow("SELECT sql FROM sqlite_master WHERE name = 'events'").Scan(&table))
		script = []string{
			strings.Replace(table, "events", "bare", 1), "CREATE UNIQUE INDEX bare_by_id ON bare (event_id)",
			"CREATE INDEX bare_by_viewer ON bare (viewer, pos)", "CREATE INDEX bare_by_receipt ON bare (received_at, viewer)",
		}
	}
	for _, statement := range script {
		_, err := pool.ExecContext(b.Context(), statement)
		require.NoError(b, err)
	}
	row := "(" + strings.Repeat("?,", 12) + "?)"
	insert := "INSERT INTO bare (pos, event_id, viewer, act, item, author, at, session, context, watched_ms, duration_ms, auto_presented, received_at) VALUES " +
		strings.Repeat(row+",", most-1) + row
	var last atomic.Int64
	benchAppends(b, func(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		defer func() { _ = tx.Rollback() }()
		for ; len(events) > 0; events = events[most:] {
			args := make([]any, 0, most*13)
			for _, e := range events[:most] {
				args = append(args, last.Add(1), string(e.ID), string(e.Viewer), int64(e.Act), string(e.Item), string(e.Author), e.At.UnixMilli(), e.Session, e.Context,
					0, 0, 0, received.UnixMilli())
			}
			if _, err := tx.ExecContext(ctx, insert, args...); err != nil {
				return nil, err
			}
		}
		return nil, tx.Commit()
	})
}
