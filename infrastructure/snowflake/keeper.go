package snowflake

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"time"
)

// Leases holds who may issue ids under which worker's number. Every implementation passes snowflaketest.Leases.
//
// A reach never falls, and survives whatever the ids that were issued are kept through. Leases end by the clock of whoever
// keeps them. Methods are safe for concurrent use; when one fails, what was asked may or may not have been done.
type Leases interface {
	// Take leases to owner, for so long, one of the numbers 0 to workers-1 that nobody holds: of those the one with the
	// earliest reach. It answers the reach that the number had, the zero time for none; now it is reach if that is later.
	// When all are held it fails, saying so. An owner takes one at a time.
	Take(ctx context.Context, owner string, workers int, lease time.Duration, reach time.Time) (worker int, after time.Time, err error)
	// Renew makes the lease last so long from now, and its reach this one if it is later, where the number is still owner's,
	// even when the lease has ended. It answers whether it is.
	Renew(ctx context.Context, owner string, worker int, lease time.Duration, reach time.Time) (held bool, err error)
	// Give ends the lease if the number is owner's. Its reach stays.
	Give(ctx context.Context, owner string, worker int) error
}

// KeeperOptions are how a Keeper leases.
type KeeperOptions struct {
	Workers int // 0: as many as the layout has
	// Lease is how long others wait for a holder that is gone. It is renewed three times in that time, and the holder stops
	// issuing, by its own clock, after three quarters of it.
	Lease time.Duration
}

// Keeper issues ids under a worker's number that it leases when the first id is asked for, and renews until Close.
type Keeper struct {
	gen    *Generator
	leases Leases
	opts   KeeperOptions
	owner  string
	demand chan chan error
	stop   context.CancelFunc
	ended  chan struct{}

	after time.Time // of the lease held; the loop's

	worker                 atomic.Int64 // -1: none
	issued, refused, taken atomic.Uint64
}

// NewKeeper asks for nothing yet. Its owner closes it.
func NewKeeper(g *Generator, leases Leases, opts KeeperOptions) *Keeper {
	if opts.Workers == 0 {
		opts.Workers = g.layout.Workers()
	}
	ctx, stop := context.WithCancel(context.Background())
	k := &Keeper{gen: g, leases: leases, opts: opts, owner: rand.Text(), demand: make(chan chan error), stop: stop, ended: make(chan struct{})}
	k.worker.Store(-1)
	go k.keep(ctx)
	return k
}

// Next issues an id. Beyond what Generator.Next fails with, it fails with what Leases does when no worker's number is held and
// none can be had.
func (k *Keeper) Next(ctx context.Context) (uint64, error) {
	for try := 0; ; try++ {
		id, err := k.gen.Next(ctx)
		if errors.Is(err, ErrNotHeld) && try < 2 {
			if err = k.obtain(ctx); err == nil {
				continue
			}
		}
		if err != nil {
			k.refused.Add(1)
			return 0, err
		}
		k.issued.Add(1)
		return id, nil
	}
}

// obtain waits until the loop has asked for a lease.
func (k *Keeper) obtain(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case k.demand <- answer:
	case <-ctx.Done():
		return ctx.Err()
	case <-k.ended:
		return ErrNotHeld
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *Keeper) keep(ctx context.Context) {
	defer close(k.ended)
	tick := time.NewTicker(k.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if k.worker.Load() >= 0 {
				_ = k.refresh(ctx) // failing, it is tried again until the term ends, and then for whoever asks
			}
		case answer := <-k.demand:
			err := k.refresh(ctx)
			for _, waiting := range append(k.waiting(), answer) {
				waiting <- err
			}
		}
	}
}

// waiting are those who asked meanwhile. Who asks once anybody has an answer is not among them: things may have changed.
func (k *Keeper) waiting() (answers []chan error) {
	for {
		select {
		case answer := <-k.demand:
			answers = append(answers, answer)
		default:
			return answers
		}
	}
}

// refresh renews the lease, or takes another where there is none or it is lost.
func (k *Keeper) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, k.opts.Lease/3)
	defer cancel()
	asked := k.gen.clock()
	reach := k.reach(asked)
	if worker := int(k.worker.Load()); worker >= 0 {
		held, err := k.leases.Renew(ctx, k.owner, worker, k.opts.Lease, reach)
		if err != nil {
			return err
		}
		if held {
			k.grant(worker, reach, asked)
			return nil
		}
		k.gen.Revoke()
		k.worker.Store(-1)
	}
	worker, after, err := k.leases.Take(ctx, k.owner, k.opts.Workers, k.opts.Lease, reach)
	if err != nil {
		return err
	}
	k.after = after
	k.taken.Add(1)
	k.grant(worker, reach, asked)
	return nil
}

// reach is as late as ids can become while a lease that is asked for now lasts.
func (k *Keeper) reach(now time.Time) time.Time {
	if reached := k.gen.Reached(); reached.After(now) {
		now = reached
	}
	return now.Add(k.opts.Lease + time.Duration(k.gen.ahead)*k.gen.layout.Unit)
}

// grant counts from before the lease was asked for, so that here it ends before it does for others.
func (k *Keeper) grant(worker int, reach, asked time.Time) {
	k.gen.Grant(Term{Worker: worker, After: k.after, Reach: reach, End: asked.Add(k.opts.Lease * 3 / 4)})
	k.worker.Store(int64(worker))
}

// Close gives the worker's number back; where that fails, others have it when the lease ends. No id is issued afterwards.
func (k *Keeper) Close(ctx context.Context) error {
	k.stop()
	<-k.ended
	k.gen.Revoke()
	worker := int(k.worker.Swap(-1))
	if worker < 0 {
		return nil
	}
	return k.leases.Give(ctx, k.owner, worker)
}

// KeeperStats are what became of a Keeper so far.
type KeeperStats struct {
	Worker                         int    // whose number is held; -1 for none
	Issued, Refused, Waited, Taken uint64 // ids, calls that got none, waits for the clock, numbers leased
}

// Stats answers without waiting.
func (k *Keeper) Stats() KeeperStats {
	return KeeperStats{Worker: int(k.worker.Load()), Issued: k.issued.Load(), Refused: k.refused.Load(), Waited: k.gen.Waits(), Taken: k.taken.Load()}
}
