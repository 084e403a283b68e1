package readcache

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/fault"
)

var errUnsettled = fault.New(fault.Unavailable, "cache_unsettled", "it was stored, and other instances may not show it yet")

// fresh is for how long after a copy was found to be current it is believed without asking again, on the instance that found it. Every
// write waits so long before it is acknowledged; so all instances have the same.
const fresh = 2 * time.Millisecond

// eachCopy is how much longer writing many copies may take for each.
const eachCopy = time.Millisecond

// Options say how long what may take. Zero values mean the defaults.
type Options struct {
	Patience time.Duration // for the fast store, of one read or write; default 200 ms
	Pause    time.Duration // for how long it is not asked after it failed; default 200 ms
	// Lease is for how long what was read of the pact holds, the same on every instance; default 1 s. Who cannot write to the fast store
	// waits so long, once.
	Lease time.Duration
	Rest  time.Duration // for how long copies stay closed; default 5 s
}

func (o Options) withDefaults() Options {
	o.Patience = orElse(o.Patience, 200*time.Millisecond)
	o.Pause = orElse(o.Pause, 200*time.Millisecond)
	o.Lease = orElse(o.Lease, time.Second)
	o.Rest = orElse(o.Rest, 5*time.Second)
	return o
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}

// Guard knows whether copies in the fast store may be believed. It is safe for concurrent use.
type Guard struct {
	pacts *mysqlstore.Pacts
	redis *redisstore.Client
	opts  Options

	turn   chan struct{} // held by who reads the pact
	held   atomic.Pointer[lease]
	paused atomic.Int64 // until when, in nanoseconds since start
	start  time.Time
	closed atomic.Int64 // how often this process closed an epoch
}

// lease is what was read of the pact, and what was behind our connections then.
type lease struct {
	pact      mysqlstore.Pact
	until     time.Time // what it says of the pact holds till then
	since     time.Time // the pact was first seen before
	strangers int64     // while there are no more, connections lead to the pact's store, where here is true
	here      bool
}

// NewGuard believes nothing yet.
func NewGuard(pacts *mysqlstore.Pacts, redis *redisstore.Client, opts Options) *Guard {
	return &Guard{pacts: pacts, redis: redis, opts: opts.withDefaults(), turn: make(chan struct{}, 1), start: time.Now()}
}

// Renew reads the pact again, so that reads need not wait for it, closes it where the fast store is another than agreed on, and
// opens it where nobody could write to the fast store and this instance can. It is to be called four times in a lease.
func (g *Guard) Renew(ctx context.Context) (int, error) {
	_, err := g.renew(ctx, func(*lease) bool { return false })
	return 0, err
}

// trusted answers a lease under which copies may be read.
func (g *Guard) trusted(ctx context.Context) (*lease, bool) {
	if g.resting() {
		return nil, false
	}
	l, err := g.current(ctx)
	return l, err == nil && g.believable(l)
}

func (g *Guard) believable(l *lease) bool {
	return l.pact.Open && l.here && time.Since(l.since) >= g.opts.Lease
}

// current answers a lease that holds now.
func (g *Guard) current(ctx context.Context) (*lease, error) {
	if l := g.held.Load(); g.holds(l) {
		return l, nil
	}
	return g.renew(ctx, g.holds)
}

func (g *Guard) holds(l *lease) bool {
	return l != nil && time.Now().Before(l.until) && (!l.here || l.strangers == g.redis.Strangers())
}

// renew reads the pact, unless what somebody else read meanwhile is enough.
func (g *Guard) renew(ctx context.Context, enough func(*lease) bool) (*lease, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return nil, errUnsettled.Because(ctx.Err())
	}
	was := g.held.Load()
	if enough(was) {
		return was, nil
	}
	began := time.Now()
	pact, err := g.pacts.Current(ctx)
	if err != nil {
		return nil, err
	}
	strangers, store := g.identify(ctx)
	l := &lease{pact: pact, until: began.Add(g.opts.Lease), since: time.Now(), strangers: strangers, here: store != "" && store == pact.Store}
	if was != nil && was.pact == pact {
		l.since = was.since
	}
	g.held.Store(l)
	if next, change := g.better(l, store); change {
		if _, err := g.pacts.Replace(ctx, pact, next); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// better answers the pact that should be in force instead.
func (g *Guard) better(l *lease, store string) (mysqlstore.Pact, bool) {
	next := mysqlstore.Pact{Epoch: l.pact.Epoch + 1}
	switch {
	case store == "": // who has something to write will see
		return next, false
	case l.pact.Open:
		return next, store != l.pact.Store
	}
	next.Open, next.Store = true, store
	return next, time.Since(l.since) >= g.opts.Rest
}

// identify names the processes to which all connections lead while there are no more strangers; "" where they cannot be asked.
func (g *Guard) identify(ctx context.Context) (strangers int64, store string) {
	ctx, cancel := context.WithTimeout(ctx, g.opts.Patience)
	defer cancel()
	for { // asking may itself make a connection
		strangers = g.redis.Strangers()
		id, err := g.redis.RunID(ctx)
		if err != nil {
			return strangers, ""
		}
		if g.redis.Strangers() == strangers {
			return strangers, id
		}
	}
}

// still reports that what was answered since the lease was had came from the store that it is about.
func (g *Guard) still(ctx context.Context, l *lease) bool {
	if g.redis.Strangers() == l.strangers {
		return true
	}
	now, err := g.current(ctx)
	return err == nil && now.here && now.pact == l.pact
}

// settle is called between a commit and its acknowledgement. It has write bring the copies up to date where there are readers of
// them; if it cannot, it closes the epoch and waits until nobody reads copies of it any more. Either way, whoever asks after settle has
// returned nil is not answered from a copy that is older than the commit.
//
// So many copies are written; each adds to the time that it may take.
func (g *Guard) settle(ctx context.Context, copies int, write func(ctx context.Context, epoch uint64) error) error {
	ctx = context.WithoutCancel(ctx)
	l, err := g.current(ctx)
	if err != nil {
		return errUnsettled.Because(err)
	}
	if l.pact.Open && !g.written(ctx, l, copies, write) {
		return g.shut(ctx, l.pact)
	}
	time.Sleep(fresh)
	return nil
}

func (g *Guard) written(ctx context.Context, l *lease, copies int, write func(ctx context.Context, epoch uint64) error) bool {
	if !l.here {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, g.opts.Patience+time.Duration(copies)*eachCopy)
	defer cancel()
	return write(ctx, l.pact.Epoch) == nil && g.still(ctx, l)
}

// shut returns when every lease has ended under which copies of the pact were read.
func (g *Guard) shut(ctx context.Context, pact mysqlstore.Pact) error {
	if _, err := g.pacts.Replace(ctx, pact, mysqlstore.Pact{Epoch: pact.Epoch + 1}); err != nil {
		return errUnsettled.Because(err)
	}
	g.closed.Add(1)
	wait := time.After(g.opts.Lease)
	_, err := g.renew(ctx, func(l *lease) bool { return g.holds(l) && l.pact.Epoch > pact.Epoch })
	<-wait
	if err != nil {
		return errUnsettled.Because(err)
	}
	return nil
}

// rest has the fast store not asked for a while.
func (g *Guard) rest() { g.paused.Store(int64(time.Since(g.start) + g.opts.Pause)) }

func (g *Guard) resting() bool { return int64(time.Since(g.start)) < g.paused.Load() }

// State is how copies in the fast store stand with this instance.
type State struct {
	Epoch   uint64 // 0: it could not be read yet
	Trusted bool
	Closed  int64 // epochs that this process closed
}

// State tells of now.
func (g *Guard) State() State {
	s := State{Closed: g.closed.Load()}
	if l := g.held.Load(); l != nil {
		s.Epoch, s.Trusted = l.pact.Epoch, g.holds(l) && !g.resting() && g.believable(l)
	}
	return s
}
