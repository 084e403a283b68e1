package doctor

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/servers"
)

// TestEveryCheckOfRedisGoesRedAndGreenAgain changes a real server by hand, and back.
func TestEveryCheckOfRedisGoesRedAndGreenAgain(t *testing.T) {
	server := servers.StartRedis(t)
	client, err := redisstore.Open(redisstore.Options{Addrs: []string{server.Addr()}, DialTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	raw := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	do := func(args ...any) {
		t.Helper()
		require.NoError(t, raw.Do(t.Context(), args...).Err())
	}
	look := func() map[string]diagnosing.Finding {
		all := map[string]diagnosing.Finding{}
		for _, f := range diagnosing.Examine(t.Context(), diagnosing.OfRedis(redisstore.NewCondition(client)), time.Minute) {
			all[f.Check] = f
		}
		return all
	}
	sound := func() {
		t.Helper()
		for _, f := range look() {
			require.Equal(t, diagnosing.OK, f.Status, "%v", f)
		}
	}
	red := func(check string, want diagnosing.Status) {
		t.Helper()
		found := look()
		require.Equal(t, want, found[check].Status, "%v", found[check])
		require.NotEmpty(t, found[check].Do)
	}

	// A page is served and taken, and another waits.
	serve := func(id string) string {
		s := feed.Begin(feed.Visit{ID: feed.SessionID(id), Viewer: "v", Feed: "f", StartedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		_, err := s.Serve(1, feed.Page{Want: 1, Items: []feed.Placement{{Item: "i", Number: catalog.Number(len(id))}}}, time.Now())
		require.NoError(t, err)
		require.NoError(t, redisstore.NewSessions(client).Commit(t.Context(), s))
		keys, err := raw.Keys(t.Context(), "*exposures").Result()
		require.NoError(t, err)
		require.Len(t, keys, 1)
		return keys[0]
	}
	stream := serve("a")
	_, err = redisstore.NewExposures(client).Drain(t.Context(), "c", 10, time.Minute, func([]feed.Exposure) error { return nil })
	require.NoError(t, err)
	sound()

	do("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru")
	red("redis-memory", diagnosing.Fail)
	do("CONFIG", "SET", "maxmemory-policy", "noeviction")
	red("redis-memory", diagnosing.Warn)
	do("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
	sound()
	do("CONFIG", "SET", "maxmemory", "500kb")
	red("redis-memory", diagnosing.Warn)
	do("CONFIG", "SET", "maxmemory", "0")
	sound()

	do("CONFIG", "SET", "appendonly", "no")
	red("redis-persistence", diagnosing.Warn)
	do("CONFIG", "SET", "appendonly", "yes")
	require.Eventually(t, func() bool { return look()["redis-persistence"].Status == diagnosing.OK }, 20*time.Second, 100*time.Millisecond)

	// A page that has waited for an hour, and one that somebody took an hour ago.
	old := fmt.Sprintf("%d-1", time.Now().Add(-time.Hour).UnixMilli())
	kept := stream
	other := kept[:len(kept)-len("p00}:exposures")] + "p63}:exposures"
	if other == kept {
		other = kept[:len(kept)-len("p00}:exposures")] + "p62}:exposures"
	}
	do("XADD", other, old, "v", "", "p", "")
	red("exposures", diagnosing.Fail)
	do("XGROUP", "CREATE", other, "archive", "0")
	do("XREADGROUP", "GROUP", "archive", "gone", "STREAMS", other, ">")
	do("XCLAIM", other, "archive", "gone", "0", old, "IDLE", int64(time.Hour/time.Millisecond))
	red("streams", diagnosing.Fail)
	do("XACK", other, "archive", old)
	do("XDEL", other, old)
	sound()

	// A group that was read beyond its stream: the stream was made anew by hand.
	do("XGROUP", "SETID", other, "archive", fmt.Sprintf("%d-0", time.Now().Add(time.Hour).UnixMilli()))
	red("streams", diagnosing.Fail)
	do("XGROUP", "SETID", other, "archive", "0")
	sound()

	server.Kill()
	found := look()
	require.Equal(t, diagnosing.Fail, found["redis"].Status)
	require.Equal(t, diagnosing.Skipped, found["streams"].Status)
	server.Restart()
	sound()
}
