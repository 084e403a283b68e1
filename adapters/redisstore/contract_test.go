package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/catalog/catalogtest"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/feed/feedtest"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/test/servers"
)

func TestMain(m *testing.M) {
	logging.Disable()
	goleak.VerifyTestMain(m)
}

// onEach runs the test against the embedded server, a real one and a cluster.
func onEach(t *testing.T, test func(t *testing.T, opts redisstore.Options)) {
	t.Run("embedded", func(t *testing.T) { test(t, embedded(t)) })
	t.Run("redis", func(t *testing.T) { test(t, patient(redisstore.Options{Addrs: servers.RedisAddrs(t)})) })
	t.Run("cluster", func(t *testing.T) {
		test(t, patient(redisstore.Options{Addrs: servers.RedisClusterAddrs(t), Cluster: true}))
	})
}

func embedded(t testing.TB) redisstore.Options {
	server, err := embeddedredis.Start(embeddedredis.Options{Tick: 20 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return patient(redisstore.Options{Addrs: []string{server.Addr()}})
}

// patient waits as long as a busy test machine needs.
func patient(o redisstore.Options) redisstore.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = 10*time.Second, 10*time.Second, 10*time.Second, 10*time.Second
	return o
}

// connect uses keys of the test's own.
func connect(t testing.TB, o redisstore.Options) *redisstore.Client {
	t.Helper()
	return connectWith(t, o, func(*redisstore.Options) {})
}

func connectWith(t testing.TB, o redisstore.Options, change func(*redisstore.Options)) *redisstore.Client {
	t.Helper()
	change(&o)
	o.Prefix = "test:" + strings.NewReplacer("{", "", "}", "").Replace(t.Name()) + ":" + time.Now().Format("150405.000000000") + ":"
	c, err := redisstore.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func stores(t *testing.T, opts redisstore.Options) feedtest.Stores {
	c := connect(t, opts)
	return feedtest.Stores{
		Sessions: redisstore.NewSessions(c), Remembrance: redisstore.NewRemembrance(c), Exposures: redisstore.NewExposures(c),
	}
}

func TestSessions(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		feedtest.Sessions(t, func(t *testing.T) feedtest.Stores { return stores(t, opts) })
	})
}

func TestExposures(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		feedtest.Exposures(t, func(t *testing.T) feedtest.Stores { return stores(t, opts) })
	})
}

func TestBookmarks(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		feedtest.Bookmarks(t, func(t *testing.T) feed.Bookmarks { return redisstore.NewBookmarks(connect(t, opts)) })
	})
}

func TestRemembrance(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		audiencetest.Remembrance(t, func(t *testing.T) audience.Remembrance { return redisstore.NewRemembrance(connect(t, opts)) })
	})
}

func TestChanges(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		catalogtest.Changes(t, func(t *testing.T) catalog.Changes { return redisstore.NewChanges(connect(t, opts)) })
	})
}
