package readcache_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

// frail is stores whose Redis the test may kill and pause; they hold it for unreachable soon.
func frail(t *testing.T) (*stores, *servers.Redis) {
	server := servers.StartRedis(t)
	s := fresh(t, mysqlstore.Options{DSN: databases.MySQL(t)}, server.Addr())
	s.opts.Patience, s.opts.Pause, s.opts.Lease = 50*time.Millisecond, 50*time.Millisecond, 200*time.Millisecond
	return s, server
}

func TestARedisThatIsBackHasNoOldCopyBelieved(t *testing.T) {
	s, server := frail(t)
	a, b := pair(t, s)
	for round := range 3 {
		old, young := fmt.Sprint("old", round), fmt.Sprint("young", round)
		a.put("x", old)
		stale()
		require.Equal(t, old, b.title("x"))
		time.Sleep(1100 * time.Millisecond) // the old copy is on the disk
		if round == 1 {
			server.Kill()
		} else {
			server.Stop()
		}
		a.put("x", young)
		require.Equal(t, young, b.title("x"))
		server.Restart()
		for range 20 {
			require.Equal(t, young, b.title("x"))
			require.Equal(t, young, a.title("x"))
			stale()
		}
		a.warm()
		b.warm()
		require.Equal(t, young, b.title("x"))
	}
	require.Positive(t, a.guard.State().Closed)
}

// held is the copy of the item in Redis, as it stands there.
func (s *stores) held(t *testing.T, id catalog.ItemID) (raw *redis.Client, key, value string) {
	t.Helper()
	raw = redis.NewClient(&redis.Options{Addr: s.redis.Addrs[0], Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { _ = raw.Close() })
	keys, err := raw.Keys(ctx, s.redis.Prefix+"*cached:i:"+string(id)).Result()
	require.NoError(t, err)
	require.Len(t, keys, 1)
	value, err = raw.Get(ctx, keys[0]).Result()
	require.NoError(t, err)
	return raw, keys[0], value
}

func TestARedisThatForgotItsLastSecondIsNotBelieved(t *testing.T) {
	s, server := frail(t)
	a, b := pair(t, s)
	for round := range 3 {
		want := fmt.Sprint(round)
		a.put("x", "old"+want)
		raw, key, old := s.held(t, "x")
		a.put("x", want)
		server.Kill()
		server.Restart()
		require.NoError(t, raw.Set(ctx, key, old, 0).Err()) // as if it had not reached the disk
		for range 10 {
			require.Equal(t, want, b.title("x"))
			require.Equal(t, want, a.title("x"))
			stale()
		}
		a.warm()
		b.warm()
		require.Equal(t, want, b.title("x"))
	}
}

func TestAWriterThatCannotReachRedisHasEverybodyElseStopBelievingCopies(t *testing.T) {
	s, _ := frail(t)
	s.opts.Rest = 500 * time.Millisecond
	b := s.ready(t)
	cut := *s
	cut.redis.Addrs = []string{"127.0.0.1:1"}
	a := cut.instance(t)
	for i := range 5 {
		want := fmt.Sprint(i)
		b.warm()
		_ = b.title("x")
		closed := a.guard.State().Closed
		require.NoError(t, a.publish("x", want), "it is acknowledged all the same")
		require.Equal(t, want, b.title("x"))
		require.Equal(t, want, a.title("x"))
		require.Equal(t, closed+1, a.guard.State().Closed)
		require.NoError(t, a.publish("x", want+" again"))
		require.Equal(t, closed+1, a.guard.State().Closed, "while copies are closed nobody waits")
		require.Equal(t, want+" again", b.title("x"))
	}
}

func TestASlowRedisKeepsNoReaderLong(t *testing.T) {
	s, server := frail(t)
	s.opts.Pause = 10 * time.Second
	a := s.ready(t)
	a.put("x", "one")
	stale()
	server.Pause()
	began := time.Now()
	require.Equal(t, "one", a.title("x"))
	require.Less(t, time.Since(began), 5*time.Second)
	asked := a.source.finds.Load()
	began = time.Now()
	for range 200 {
		stale()
		require.Equal(t, "one", a.title("x"))
	}
	require.EqualValues(t, 200, a.source.finds.Load()-asked)
	require.Less(t, time.Since(began), 200*s.opts.Patience, "it is not asked again each time")
	server.Resume()
}

// TestAcknowledgedIsAnsweredWhileRedisDies has two instances write and read while Redis is killed, stopped and paused.
func TestAcknowledgedIsAnsweredWhileRedisDies(t *testing.T) {
	s, server := frail(t)
	a, b := pair(t, s)
	const items = 4
	var acknowledged [items]atomic.Int64
	var checks, copies atomic.Int64
	end := make(chan struct{})
	going := func() bool {
		select {
		case <-end:
			return false
		default:
			return true
		}
	}
	var all sync.WaitGroup
	for i, in := range []*instance{a, b, a, b} {
		id := catalog.ItemID(fmt.Sprint("item", i))
		all.Go(func() { // one writer for each item
			for n := int64(1); going(); n++ {
				if in.publish(id, fmt.Sprint(n)) == nil {
					acknowledged[i].Store(n)
				}
				time.Sleep(time.Duration(n%7) * time.Millisecond)
			}
		})
	}
	for _, in := range []*instance{a, a, b, b} {
		all.Go(func() {
			for k := 0; going(); k++ {
				i := k % items
				least := acknowledged[i].Load()
				item, err := in.items.Find(ctx, catalog.ItemID(fmt.Sprint("item", i)))
				if err != nil {
					if least > 0 {
						t.Errorf("%d was acknowledged: %v", least, err)
					}
					continue
				}
				got, err := strconv.ParseInt(item.Snapshot().Details.Title, 10, 64)
				if err != nil || got < least {
					t.Errorf("%d was acknowledged before the question, the answer is %d", least, got)
				}
				checks.Add(1)
			}
		})
	}
	for _, in := range []*instance{a, b} {
		all.Go(func() {
			for going() {
				_, _ = in.guard.Renew(ctx)
				_, _ = in.known.Build(ctx)
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	for round := range 6 {
		time.Sleep(time.Second)
		switch round % 3 {
		case 0:
			server.Kill()
			time.Sleep(200 * time.Millisecond)
			server.Restart()
		case 1:
			server.Pause()
			time.Sleep(300 * time.Millisecond)
			server.Resume()
		default:
			server.Stop()
			server.Restart()
		}
	}
	time.Sleep(time.Second)
	close(end)
	all.Wait()
	for _, in := range []*instance{a, b} {
		stats := in.items.Stats()
		copies.Add(int64(stats.Local.Hits + stats.Redis.Hits))
	}
	t.Logf("%d answers, %d of them from copies, %d epochs closed", checks.Load(), copies.Load(), a.guard.State().Closed+b.guard.State().Closed)
	require.Positive(t, copies.Load())
	require.Positive(t, a.guard.State().Closed+b.guard.State().Closed)
}
