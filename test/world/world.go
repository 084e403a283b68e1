package world

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/test/databases"
)

// World is the stores that processes share. It ends with the test.
type World struct {
	Clock  *Clock
	DB     *mysqlstore.DB
	Redis  *redisstore.Client
	Sealer *feed.Sealer

	t       testing.TB
	Numbers mysqlstore.NextNumber // of new items
	file    string
	server  *embeddedredis.Server
	raw     *redis.Client
}

// patience is for stores that work on a machine that is busy with other tests.
const patience = 20 * time.Second

// New opens empty stores.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{t: t, Numbers: databases.Counting(), Clock: newClock(), Sealer: feed.NewSealer([]byte("sixteen bytes and a few"))}
	w.file = databases.SQLite(t, "freshet.db")
	var err error
	w.DB, err = mysqlstore.Open(context.Background(), mysqlstore.Options{Path: w.file})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.DB.Close()) })

	w.server, err = embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(w.server.Close)
	w.Redis, err = redisstore.Open(redisstore.Options{
		Addrs: []string{w.server.Addr()}, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Redis.Close()) })
	w.raw = redis.NewClient(&redis.Options{Addr: w.server.Addr(), Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, w.raw.Close()) })
	return w
}

// WipeRedis loses everything the fast store holds.
func (w *World) WipeRedis() {
	w.t.Helper()
	require.NoError(w.t, w.raw.FlushAll(context.Background()).Err())
}

// Archived is what the archive keeps of a session.
func (w *World) Archived(id feed.SessionID) (feed.Visit, []feed.Page, error) {
	return mysqlstore.NewArchive(w.DB).Session(context.Background(), id)
}

// StopRedis takes the fast store away for good.
func (w *World) StopRedis() { w.server.Close() }

// Publish puts items into the stream of changes, whatever the relay does.
func (w *World) Publish(items ...catalog.Snapshot) error {
	return redisstore.NewChanges(w.Redis).Publish(context.Background(), items)
}

// SQL changes rows as an operator does, past every command, and returns how many.
func (w *World) SQL(statement string, args ...any) int64 {
	w.t.Helper()
	db, err := sql.Open(sqlite.DriverName, "file:"+w.file+"?_pragma=busy_timeout(5000)")
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, db.Close()) }()
	done, err := db.Exec(statement, args...)
	require.NoError(w.t, err)
	n, err := done.RowsAffected()
	require.NoError(w.t, err)
	return n
}
