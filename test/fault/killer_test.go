package fault

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/test/instances"
)

// counters are what a run tells of itself.
type counters struct {
	kills          [4]atomic.Int64
	events, items  atomic.Int64 // acknowledged
	decisions      atomic.Int64
	pages          sync.Map // rung → *atomic.Int64
	retries        atomic.Int64
	later, broken  atomic.Int64 // writes answered 429 or 503, and writes without an answer
	lost, asked    atomic.Int64 // pages whose answer was thrown away, cursors asked
	forks, checked atomic.Int64 // cursors with two answers, pages looked at for decisions
	again          atomic.Int64 // starts that the database cut short
	parted         atomic.Int64 // exposures in whose place another page of the cursor was archived
	stale          atomic.Int64 // pages that did not heed what was decided at an instance that alone was cut off
	slowest        atomic.Int64 // the page that took longest, in nanoseconds
	absent         atomic.Int64 // exposures that died with their process, as the rungs below full allow
}

func (c *counters) page(rung string) {
	n, _ := c.pages.LoadOrStore(rung, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

// took notes how long a page took.
func (c *counters) took(d time.Duration) {
	for old := c.slowest.Load(); int64(d) > old && !c.slowest.CompareAndSwap(old, int64(d)); old = c.slowest.Load() {
	}
}

// String is all of it.
func (c *counters) String() string {
	pages := map[string]int64{}
	c.pages.Range(func(rung, n any) bool {
		pages[rung.(string)] = n.(*atomic.Int64).Load()
		return true
	})
	var kills []string
	for i := range c.kills {
		kills = append(kills, fmt.Sprintf("%s %d", victims[i], c.kills[i].Load()))
	}
	return fmt.Sprintf("kills %v, %d starts cut short; acknowledged: %d events, %d changes of items, %d decisions; pages by rung %v, the slowest %v, of %d cursors, %d answers thrown away, "+
		"%d cursors with two answers, of which %d were archived as the one not received, %d exposures that died with their process; %d pages looked at for decisions, of which %d did not know of one taken where Redis alone was not reached; %d retries of writes (%d answered 429 or 503, %d not at all)",
		kills, c.again.Load(), c.events.Load(), c.items.Load(), c.decisions.Load(), pages, time.Duration(c.slowest.Load()).Round(time.Millisecond), c.asked.Load(), c.lost.Load(), c.forks.Load(), c.parted.Load(), c.absent.Load(),
		c.checked.Load(), c.stale.Load(), c.retries.Load(), c.later.Load(), c.broken.Load())
}

var victims = [...]string{"instance A", "instance B", "redis", "database"}

// blow is one kill: of whom, how long after the one before, and for how long it stays down.
type blow struct {
	victim      int
	after, down time.Duration
}

// plan is the blows of a run, every victim as often as any other.
func plan(rnd *rand.Rand, n int) []blow {
	blows := make([]blow, n)
	for i := range blows {
		blows[i] = blow{i % len(victims), time.Duration(200+rnd.IntN(1800)) * time.Millisecond, time.Duration(rnd.IntN(1200)) * time.Millisecond}
	}
	rnd.Shuffle(n, func(i, k int) { blows[i].victim, blows[k].victim = blows[k].victim, blows[i].victim })
	return blows
}

// kill strikes every blow and returns when all are up again. Whoever is struck while still coming up from the blow before is
// awaited first; all others may be down meanwhile.
func (f *fleet) kill(blows []blow) {
	var coming [len(victims)]sync.WaitGroup
	for _, b := range blows {
		time.Sleep(b.after)
		coming[b.victim].Wait()
		f.seen.kills[b.victim].Add(1)
		revive := f.strike(b.victim)
		coming[b.victim].Go(func() {
			time.Sleep(b.down)
			revive()
		})
	}
	for i := range coming {
		coming[i].Wait()
	}
}

// strike kills one and answers what brings it back.
func (f *fleet) strike(victim int) (revive func()) {
	switch victims[victim] {
	case "redis":
		over := f.away(&f.redisDown)
		f.redis.Kill()
		return func() { f.redis.Restart(); over() }
	case "database":
		over := f.away(&f.baseDown)
		f.base.Kill()
		return func() { f.base.Restart(); over() }
	}
	n := f.nodes[victim]
	n.mu.Lock()
	n.ready = false
	n.killed = append(n.killed, time.Now())
	n.mu.Unlock()
	n.Kill()
	return func() {
		ready := f.launch(n)
		n.mu.Lock()
		n.life++
		n.ready = ready
		n.mu.Unlock()
	}
}

// launch does what a supervisor does: a process that ended because the database went away while it started is started again.
func (f *fleet) launch(n *node) bool {
	for end := time.Now().Add(instances.Patience); time.Now().Before(end); {
		n.Launch()
		for gone := n.Gone(); ; time.Sleep(20 * time.Millisecond) {
			if n.Ready() {
				return true
			}
			if closed(gone) {
				break
			}
		}
		f.seen.again.Add(1)
	}
	f.complain("%s does not start", n.name)
	return false
}

// away notes that a server is down from now on, until the answer is called.
func (f *fleet) away(spans *[]span) (over func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := len(*spans)
	*spans = append(*spans, span{from: time.Now(), until: time.Now().Add(time.Hour)})
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		(*spans)[i].until = time.Now()
	}
}

// reachable reports that the database was there for so long without a break between two moments.
func (f *fleet) reachable(from, until time.Time, whole time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.baseDown { // in order: there is one database
		if s.until.Before(from) {
			continue
		}
		if s.from.After(until) {
			break
		}
		if s.from.Sub(from) >= whole {
			return true
		}
		from = s.until
	}
	return until.Sub(from) >= whole
}
