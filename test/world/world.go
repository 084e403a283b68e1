package world

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
)

// World is the stores that processes share. It ends with the test.
type World struct {
	Clock  *Clock
	DB     *mysqlstore.DB
	Redis  *redisstore.Client
	Sealer *feed.Sealer

	t    testing.TB
	file string
	raw  *redis.Client
}

// patience is for stores that work on a machine that is busy with other tests.
const patience = 20 * time.Second

// New opens empty stores.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{t: t, Clock: newClock(), Sealer: feed.NewSealer([]byte("sixteen bytes and a few"))}
	w.file = filepath.Join(t.TempDir(), "freshet.db")
	var err error
	w.DB, err = mysqlstore.Open(context.Background(), mysqlstore.Options{Path: w.file})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.DB.Close()) })
	require.NoError(t, w.DB.Migrate(context.Background()))

	server, err := embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	w.Redis, err = redisstore.Open(redisstore.Options{
		Addrs: []string{server.Addr()}, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Redis.Close()) })
	w.raw = redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, w.raw.Close()) })
	return w
}

// WipeRedis loses everything the fast store holds.
func (w *World) WipeRedis() {
	w.t.Helper()
	require.NoError(w.t, w.raw.FlushAll(context.Background()).Err())
}
