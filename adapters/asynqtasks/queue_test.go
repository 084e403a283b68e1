package asynqtasks_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/asynqtasks"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/servers"
)

const leaver = "viewer-who-leaves-11ab"

var task = notifying.Task{Subject: notifying.Subject{Kind: notifying.Viewer, ID: leaver}, Events: 1, UpTo: 1, Since: time.Now(), At: time.Now()}

func TestTwoInstallationsOnOneRedisDoNotMix(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		a, b := own(t, opts), own(t, opts)
		b.Prefix += "b:"
		one, other := open(t, a), open(t, b)
		var ran atomic.Int32
		work(t, other, func(context.Context, notifying.Task) error { ran.Add(1); return nil })
		outcome, err := one.Enqueue(t.Context(), task, time.Minute)
		require.NoError(t, err)
		require.Equal(t, notifying.Enqueued, outcome)
		outcome, err = other.Enqueue(t.Context(), task, time.Minute)
		require.NoError(t, err)
		require.Equal(t, notifying.Enqueued, outcome)
		require.Eventually(t, func() bool { return ran.Load() == 1 }, 10*time.Second, 10*time.Millisecond)
		sizes, err := one.Sizes(t.Context())
		require.NoError(t, err)
		require.Equal(t, notifying.Sizes{Waiting: 1}, sizes)
	})
}

// holding lists the keys that name the text, in themselves or in what they hold.
func holding(t *testing.T, rdb redis.UniversalClient, text string) (found []string) {
	ctx := context.Background()
	keys, err := rdb.Keys(ctx, "*").Result()
	require.NoError(t, err)
	for _, key := range keys {
		kind, err := rdb.Type(ctx, key).Result()
		require.NoError(t, err)
		var held any
		switch kind {
		case "string":
			held = rdb.Get(ctx, key).Val()
		case "hash":
			held = rdb.HGetAll(ctx, key).Val()
		case "zset":
			held = rdb.ZRange(ctx, key, 0, -1).Val()
		case "set":
			held = rdb.SMembers(ctx, key).Val()
		case "list":
			held = rdb.LRange(ctx, key, 0, -1).Val()
		case "none":
		default:
			t.Fatalf("%s is a %s, which is not searched", key, kind)
		}
		if strings.Contains(fmt.Sprint(key, held), text) {
			found = append(found, key)
		}
	}
	return found
}

// In every state that a task can be in, one key names its subject, and none does after the erasure.
func TestAnErasureLeavesNoTraceInWhateverStateTheTaskIs(t *testing.T) {
	server := servers.StartRedis(t)
	opts := patient(redisstore.Options{Addrs: []string{server.Addr()}})
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2})
	defer func() { require.NoError(t, rdb.Close()) }()
	down := fault.New(fault.Unavailable, "down", "nobody is there")
	for name, prepare := range map[string]func(t *testing.T, q *asynqtasks.Queue){
		"waiting": func(*testing.T, *asynqtasks.Queue) {},
		"running": func(t *testing.T, q *asynqtasks.Queue) {
			begun := make(chan struct{})
			work(t, q, func(ctx context.Context, _ notifying.Task) error {
				close(begun)
				select {
				case <-time.After(7 * time.Second): // asynq writes down twice what it runs
				case <-ctx.Done():
				}
				return nil
			})
			<-begun
			time.Sleep(5500 * time.Millisecond)
		},
		"tried again later": func(t *testing.T, q *asynqtasks.Queue) {
			w := asynqtasks.NewWorker(q, func(context.Context, notifying.Task) error { return down }, asynqtasks.WorkerOptions{Backoff: time.Hour})
			require.NoError(t, w.Start())
			require.Eventually(t, func() bool { return w.Stats().Retried == 1 }, 10*time.Second, 10*time.Millisecond)
			w.Stop()
		},
		"put aside": func(t *testing.T, q *asynqtasks.Queue) {
			w := work(t, q, func(context.Context, notifying.Task) error { return down })
			require.Eventually(t, func() bool { return w.Stats().Archived == 1 }, 30*time.Second, 10*time.Millisecond)
			w.Stop()
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := open(t, own(t, opts))
			_, err := q.Enqueue(t.Context(), task, time.Minute)
			require.NoError(t, err)
			prepare(t, q)
			require.Len(t, holding(t, rdb, leaver), 1)
			removed, err := q.Erase(t.Context(), leaver)
			require.NoError(t, err)
			require.Equal(t, []erasing.Removed{{Store: "redis", What: "tasks", Count: 1}}, removed)
			require.Empty(t, holding(t, rdb, leaver))
			removed, err = q.Erase(t.Context(), leaver)
			require.NoError(t, err)
			require.Equal(t, []erasing.Removed{{Store: "redis", What: "tasks", Count: 0}}, removed)
		})
	}
}

func TestWithoutRedisNothingIsTakenAndAWorkerWaits(t *testing.T) {
	server := servers.StartRedis(t)
	opts := own(t, redisstore.Options{Addrs: []string{server.Addr()}})
	q := open(t, opts)
	var ran atomic.Int32
	w := work(t, q, func(context.Context, notifying.Task) error { ran.Add(1); return nil })
	_, err := q.Enqueue(t.Context(), task, 20*time.Millisecond)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return ran.Load() == 1 }, 10*time.Second, 10*time.Millisecond)
	server.Kill()
	for range 3 {
		began := time.Now()
		_, err = q.Enqueue(t.Context(), notifying.Task{Subject: task.Subject, Events: 1, UpTo: 2}, 20*time.Millisecond)
		require.ErrorIs(t, err, notifying.ErrUnavailable)
		require.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond, "who asks again at once is held back")
		_, err = q.Forget(t.Context(), task.Subject)
		require.ErrorIs(t, err, notifying.ErrUnavailable)
	}
	server.Restart()
	require.Eventually(t, func() bool {
		_, err := q.Enqueue(t.Context(), notifying.Task{Subject: task.Subject, Events: 1, UpTo: 2}, 20*time.Millisecond)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return ran.Load() == 2 }, 10*time.Second, 10*time.Millisecond)
	server.Kill()
	w.Stop() // does not hang
}

func TestAWorkerThatStopsFinishesWhatItRuns(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		q := open(t, own(t, opts))
		begun, ended := make(chan struct{}), atomic.Bool{}
		w := work(t, q, func(context.Context, notifying.Task) error {
			close(begun)
			time.Sleep(300 * time.Millisecond)
			ended.Store(true)
			return nil
		})
		_, err := q.Enqueue(t.Context(), task, time.Minute)
		require.NoError(t, err)
		<-begun
		w.Stop()
		w.Stop()
		require.True(t, ended.Load())
		require.Equal(t, int64(1), w.Stats().Done)
		sizes, err := q.Sizes(t.Context())
		require.NoError(t, err)
		require.Equal(t, notifying.Sizes{}, sizes)
	})
}

func TestAWorkerThatNeverStartedStops(t *testing.T) {
	q := open(t, own(t, embedded(t)))
	asynqtasks.NewWorker(q, nil, asynqtasks.WorkerOptions{}).Stop()
}

func TestBracesInAPrefixAreRefused(t *testing.T) {
	_, err := asynqtasks.Open(redisstore.Options{Addrs: []string{"h:1"}, Prefix: "{x}"})
	require.ErrorIs(t, err, redisstore.ErrOptions)
}
