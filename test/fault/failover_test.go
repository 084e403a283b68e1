package fault

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// TestNothingAcknowledgedIsLostWhileSentinelsFailOver is the same of a Redis with replicas, whose master is killed, or stands still and
// comes back believing that it is the master. What it had not told its replicas is lost by Redis then, and by nothing else.
func TestNothingAcknowledgedIsLostWhileSentinelsFailOver(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load", envSeed, seed, envKills, n)
	watched := servers.StartSentinels(t)
	f := &fleet{t: t, base: servers.StartMySQL(t), forgetful: true}
	f.settle(nil, "FRESHET_REDIS_ADDRS="+strings.Join(watched.Addrs(), ","), "FRESHET_REDIS_MASTER_NAME="+servers.MasterName)
	f.endure(rand.New(rand.NewPCG(seed, 11)), func(rnd *rand.Rand) {
		for range max(1, n/32) {
			for _, old := range []*servers.Redis{f.failOver(rnd, watched, false), f.failOver(rnd, watched, true)} {
				f.settled(watched, old)
			}
		}
	})
	f.ranOn()
}

// failOver takes the master away, has another follow, and brings the old one back, which believes that it is the master.
func (f *fleet) failOver(rnd *rand.Rand, watched *servers.Watched, paused bool) (old *servers.Redis) {
	old = f.master(watched)
	over := f.away(&f.redisDown)
	began := time.Now()
	if paused {
		old.Pause()
	} else {
		old.Kill()
	}
	f.eventually(20*time.Second, "another master", func() string {
		if f.master(watched) == old {
			return "it is " + old.Addr()
		}
		return ""
	})
	over()
	f.t.Logf("%s after %v: %s is the master, and was not %s, paused: %v", clock(time.Now()), time.Since(began).Round(ms), f.master(watched).Addr(), old.Addr(), paused)
	time.Sleep(time.Duration(200+rnd.IntN(800)) * ms)
	if paused {
		old.Resume()
	} else {
		old.Restart()
	}
	return old
}

// settled returns when the old master has become a replica, or the master again: a busy machine brings failovers of its own.
func (f *fleet) settled(watched *servers.Watched, old *servers.Redis) {
	f.eventually(30*time.Second, "the old master is a replica", func() string {
		if f.master(watched) == old {
			return ""
		}
		if role := roleOf(old.Addr()); !strings.Contains(role, "role:slave") || !strings.Contains(role, "master_link_status:up") {
			return role
		}
		return ""
	})
	f.away(&f.redisDown)() // what it was told meanwhile is gone
	f.t.Logf("%s %s is settled", clock(time.Now()), old.Addr())
}

// master is the one that most sentinels name.
func (f *fleet) master(watched *servers.Watched) *servers.Redis {
	votes := map[string]int{}
	for _, addr := range watched.Addrs() {
		sentinel := redis.NewSentinelClient(&redis.Options{Addr: addr})
		if at, err := sentinel.GetMasterAddrByName(context.Background(), servers.MasterName).Result(); err == nil {
			votes[strings.Join(at, ":")]++
		}
		_ = sentinel.Close()
	}
	for _, node := range watched.Nodes {
		if votes[node.Addr()] > len(watched.Sentinels)/2 {
			return node
		}
	}
	require.Fail(f.t, "no master")
	return nil
}

func roleOf(addr string) string {
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	said, err := client.Info(context.Background(), "replication").Result()
	if err != nil {
		return err.Error()
	}
	return said
}
