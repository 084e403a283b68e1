package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// TestNothingAcknowledgedIsLostWhileSlotsOfAClusterMove is the same of a Redis Cluster whose masters hand each other viewers, and the
// streams that all read.
func TestNothingAcknowledgedIsLostWhileSlotsOfAClusterMove(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load and the same slots", envSeed, seed, envKills, n)
	cluster := servers.StartRedisCluster(t)
	f := &fleet{t: t, base: servers.StartMySQL(t), parted: true} // what one instance asks of a slot half moved may be refused, and what another asks not
	f.settle(nil, "FRESHET_REDIS_ADDRS="+strings.Join(cluster.Addrs(), ","))
	m := newMovers(f, cluster)
	f.endure(rand.New(rand.NewPCG(seed, 12)), func(rnd *rand.Rand) {
		for range max(2, n/8) {
			m.move(rnd, 10)
		}
		t.Logf("%d slots with %d keys were moved", m.slots, m.keys)
	})
	f.ranOn()
}

// movers hands slots from one master to another, the way redis-cli does it.
type movers struct {
	*fleet
	nodes       []*redis.Client
	ids         []string
	addrs       []string
	owner       map[int]int // slot → node
	slots, keys int
}

// newMovers knows the slots in which something lies.
func newMovers(f *fleet, cluster *servers.Cluster) *movers {
	t := f.t
	t.Helper()
	m := &movers{fleet: f, addrs: cluster.Addrs(), owner: map[int]int{}}
	for _, addr := range m.addrs {
		node := redis.NewClient(&redis.Options{Addr: addr})
		t.Cleanup(func() { _ = node.Close() })
		id, err := node.Do(t.Context(), "CLUSTER", "MYID").Text()
		require.NoError(t, err)
		m.nodes, m.ids = append(m.nodes, node), append(m.ids, id)
	}
	names := []string{"fr:changes", "fr:pulse"}
	for p := range 64 {
		names = append(names, fmt.Sprintf("fr:{p%02d}:", p))
	}
	for _, name := range names {
		slot := int(m.nodes[0].ClusterKeySlot(t.Context(), name).Val())
		m.owner[slot] = slot * len(m.nodes) / 16384
	}
	return m
}

// move moves so many slots, one after the other, each from where it lies to any other node.
func (m *movers) move(rnd *rand.Rand, slots int) {
	ctx := context.Background()
	all := make([]int, 0, len(m.owner))
	for slot := range 16384 {
		if _, ok := m.owner[slot]; ok {
			all = append(all, slot)
		}
	}
	for _, i := range rnd.Perm(len(all))[:slots] {
		slot := all[i]
		from := m.owner[slot]
		over := m.away(&m.redisDown) // for viewers in that slot
		to := (from + 1 + rnd.IntN(len(m.nodes)-1)) % len(m.nodes)
		m.done(m.nodes[to].Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", m.ids[from]).Err())
		m.done(m.nodes[from].Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", m.ids[to]).Err())
		time.Sleep(time.Duration(rnd.IntN(100)) * ms)
		m.empty(rnd, slot, from, to)
		for _, k := range []int{to, from, 3 - to - from} { // who takes it hears first
			m.done(m.nodes[k].Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", m.ids[to]).Err())
		}
		over()
		m.owner[slot] = to
		m.slots++
	}
}

// empty moves the keys of a slot, a few at a time, until there are none.
func (m *movers) empty(rnd *rand.Rand, slot, from, to int) {
	ctx := context.Background()
	host, port, err := net.SplitHostPort(m.addrs[to])
	m.done(err)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		keys, err := m.nodes[from].ClusterGetKeysInSlot(ctx, slot, 5).Result()
		m.done(err)
		if len(keys) == 0 {
			return
		}
		args := []any{"MIGRATE", host, port, "", 0, 5000, "KEYS"}
		for _, key := range keys {
			args = append(args, key)
		}
		m.done(m.nodes[from].Do(ctx, args...).Err())
		m.keys += len(keys)
		time.Sleep(time.Duration(rnd.IntN(10)) * ms)
	}
	m.t.Errorf("slot %d is not empty", slot)
}

func (m *movers) done(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Error(err)
	}
}
