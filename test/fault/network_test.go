package fault

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// longest is how long a page may take: serving.page_time for computing it, and serving.store_patience for each store that is asked
// before and after, at most ten times; and that three times over, for machines with more to do than they can.
const longest = 3 * (time.Second + 10*200*time.Millisecond)

// TestNothingAcknowledgedIsLostWhileTheNetworkFails is the same as of kills, with every process running on: the network between each
// instance and each server is cut, swallows what is asked or answered, or is slow.
func TestNothingAcknowledgedIsLostWhileTheNetworkFails(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load and the same troubles", envSeed, seed, envKills, n)
	f, all := newWired(t, "outbox")
	f.endure(rand.New(rand.NewPCG(seed, 10)), func(rnd *rand.Rand) { f.fray(rnd, all, n/2) })
	f.ranOn()
}

// ranOn checks that no instance ended, and that no page took too long.
func (f *fleet) ranOn() {
	for _, n := range f.nodes {
		if closed(n.Gone()) {
			f.complain("%s ended", n.name)
		}
	}
	if took := time.Duration(f.seen.slowest.Load()); took > longest {
		f.complain("a page took %v", took)
	}
}

// wires are those of each instance, to Redis and to the database.
type wires [2][2]*wire

// newWired starts a fleet of which every instance has a wire of its own to each server.
func newWired(t *testing.T, source string) (*fleet, *wires) {
	t.Helper()
	f := &fleet{t: t, redis: servers.StartRedis(t), base: servers.StartMySQL(t), parted: true}
	var all wires
	f.settle(func(i int) []string {
		name := string(rune('A' + i))
		all[i] = [2]*wire{
			newWire(t, name+" and Redis", f.redis.Addr(), &f.redisDown),
			newWire(t, name+" and the database", f.base.Addr(), &f.baseDown),
		}
		cfg, err := mysql.ParseDSN(f.base.DSN("freshet"))
		require.NoError(t, err)
		cfg.Addr = all[i][1].addr
		return []string{"FRESHET_REDIS_ADDRS=" + all[i][0].addr, "FRESHET_MYSQL_DSN=" + cfg.FormatDSN()}
	}, "FRESHET_REDIS_ADDRS="+f.redis.Addr(), "FRESHET_RELAY_SOURCE="+source)
	return f, &all
}

const ms = time.Millisecond

var troubles = []trouble{
	{name: "cut", cut: true},
	{name: "reset", reset: true},
	{name: "black hole", up: flow{vanish: true}, down: flow{vanish: true}},
	{name: "what is asked vanishes", up: flow{vanish: true}},
	{name: "answers vanish", down: flow{vanish: true}},
	{name: "slow", up: flow{delay: 30 * ms, jitter: 30 * ms}, down: flow{delay: 30 * ms, jitter: 30 * ms}},
	{name: "too slow", down: flow{delay: 400 * ms, jitter: 300 * ms}},
	{name: "narrow", up: flow{rate: 30_000}, down: flow{rate: 30_000, slowClose: 500 * ms}},
}

// fray troubles wires n times, every kind on wires to either server as often as any other, several at once.
func (f *fleet) fray(rnd *rand.Rand, all *wires, n int) {
	type one struct {
		server int
		is     trouble
	}
	plan := make([]one, n)
	for i := range plan {
		plan[i] = one{i % 2, troubles[i/2%len(troubles)]}
	}
	rnd.Shuffle(n, func(i, k int) { plan[i], plan[k] = plan[k], plan[i] })
	var busy [2][2]sync.WaitGroup
	for _, p := range plan {
		time.Sleep(time.Duration(100+rnd.IntN(600)) * time.Millisecond)
		lasts, who := time.Duration(300+rnd.IntN(1200))*time.Millisecond, rnd.IntN(3) // 2: both instances
		for i := range f.nodes {
			if who == 1-i {
				continue
			}
			w := all[i][p.server]
			busy[i][p.server].Wait()
			over := f.away(w.spans)
			require.NoError(f.t, w.befall(p.is))
			f.t.Logf("%s %s: %s for %v", clock(time.Now()), w.name, p.is.name, lasts)
			busy[i][p.server].Go(func() {
				time.Sleep(lasts)
				if err := w.befall(trouble{}); err != nil {
					f.t.Error(err)
				}
				over()
			})
		}
	}
	for i := range busy {
		for k := range busy[i] {
			busy[i][k].Wait()
		}
	}
}

// mended is within what time an instance that reaches both servers learns whose copies another one could not bring up to date: the loop
// repair runs every half second.
const mended = 2 * time.Second

// unaware reports that an instance may not know yet what was acknowledged: whoever took it could not reach Redis, and since then the
// database was not there for long enough to tell the others.
func (f *fleet) unaware(acked time.Time) bool {
	return f.parted && f.cutOff(acked) && !f.reachable(acked, time.Now(), mended)
}

// cutOff reports that somebody could not reach Redis then, or a moment before.
func (f *fleet) cutOff(at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.redisDown, func(s span) bool { return s.from.Before(at) && at.Before(s.until.Add(2*time.Second)) })
}
