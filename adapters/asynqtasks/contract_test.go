package asynqtasks_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/asynqtasks"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/application/notifying/notifyingtest"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/test/servers"
)

var (
	_ notifying.Tasks   = (*asynqtasks.Queue)(nil)
	_ notifying.Backlog = (*asynqtasks.Queue)(nil)
	_ erasing.Store     = (*asynqtasks.Queue)(nil)
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
	server, err := embeddedredis.Start(embeddedredis.Options{Tick: 10 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return patient(redisstore.Options{Addrs: []string{server.Addr()}})
}

// patient waits as long as a busy test machine needs.
func patient(o redisstore.Options) redisstore.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = 10*time.Second, 10*time.Second, 10*time.Second, 10*time.Second
	return o
}

// own gives the test's queue a name of its own.
func own(t testing.TB, o redisstore.Options) redisstore.Options {
	o.Prefix = "test:" + strings.NewReplacer("{", "", "}", "").Replace(t.Name()) + ":" + time.Now().Format("150405.000000000") + ":"
	return o
}

func open(t testing.TB, o redisstore.Options) *asynqtasks.Queue {
	t.Helper()
	q, err := asynqtasks.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Close()) })
	return q
}

func work(t testing.TB, q *asynqtasks.Queue, run func(context.Context, notifying.Task) error) *asynqtasks.Worker {
	t.Helper()
	w := asynqtasks.NewWorker(q, run, asynqtasks.WorkerOptions{Backoff: time.Millisecond})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return w
}

func TestTasks(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		notifyingtest.Tasks(t, func(t *testing.T) notifyingtest.Queue {
			o := own(t, opts)
			here, there := open(t, o), open(t, o)
			return notifyingtest.Queue{
				Here: here, There: there, Backlog: there,
				Work: func(t *testing.T, run func(context.Context, notifying.Task) error) func() {
					return work(t, here, run).Stop
				},
			}
		})
	})
}
