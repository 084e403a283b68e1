package fault

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// TestNothingAcknowledgedIsLostWhileRedisHasNoMemory is the same of a Redis that is full: it refuses all that takes memory, or evicts what has
// an end.
func TestNothingAcknowledgedIsLostWhileRedisHasNoMemory(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load and the same limits", envSeed, seed, envKills, n)
	f := &fleet{t: t, redis: servers.StartRedis(t), base: servers.StartMySQL(t)}
	f.settle(nil, "FRESHET_REDIS_ADDRS="+f.redis.Addr())
	client := redis.NewClient(&redis.Options{Addr: f.redis.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	f.endure(rand.New(rand.NewPCG(seed, 13)), func(rnd *rand.Rand) {
		for i := range max(6, n/5) {
			f.starve(rnd, client, []string{"noeviction", "volatile-ttl", "volatile-lru"}[i%3])
		}
	})
	f.ranOn()
	t.Logf("%d keys were evicted, and %d commands refused", info(t, client, "evicted_keys"), info(t, client, "errorstat_OOM"))
	require.Positive(t, info(t, client, "evicted_keys"))
	require.Positive(t, info(t, client, "errorstat_OOM"))
}

// starve leaves Redis a little less memory than it has taken, or a little more, for a while.
func (f *fleet) starve(rnd *rand.Rand, client *redis.Client, policy string) {
	ctx := context.Background()
	time.Sleep(time.Duration(200+rnd.IntN(500)) * ms)
	used := info(f.t, client, "used_memory")
	limit := used * int64(90+rnd.IntN(15)) / 100
	over := f.away(&f.redisDown)
	defer over()
	if policy != "noeviction" {
		defer f.away(&f.evicting)()
	}
	for _, setting := range [][2]string{{"maxmemory-policy", policy}, {"maxmemory", strconv.FormatInt(limit, 10)}} {
		require.NoError(f.t, client.ConfigSet(ctx, setting[0], setting[1]).Err())
	}
	time.Sleep(time.Duration(500+rnd.IntN(1000)) * ms)
	f.t.Logf("%s %s: %d bytes of %d", clock(time.Now()), policy, limit, used)
	require.NoError(f.t, client.ConfigSet(ctx, "maxmemory", "0").Err())
}

// info is a number that Redis tells of itself; of an error, how often it was.
func info(t *testing.T, client *redis.Client, name string) int64 {
	t.Helper()
	text, err := client.Info(context.Background(), "memory", "stats", "errorstats").Result()
	require.NoError(t, err)
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			n, err := strconv.ParseInt(strings.TrimPrefix(value, "count="), 10, 64)
			require.NoError(t, err)
			return n
		}
	}
	return 0
}

// underWay is for how long at most, on busy cores, an answer may be on its way, and a page to the archive.
const underWay = 500 * ms

// evicted reports that Redis may have forgotten a page right after it took it, which then has another one beside it.
func (f *fleet) evicted(at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.evicting, func(s span) bool { return s.from.Before(at) && at.Before(s.until.Add(underWay)) })
}
