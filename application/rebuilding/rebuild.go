package rebuilding

import (
	"context"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// Options say how much is restored, and how fast. Zero values are of no use but where said.
type Options struct {
	Since    time.Time     // only viewers of whom something was recorded since then; zero: all
	Sessions time.Duration // how long sessions live: older ones are not looked at
	Parallel int           // batches at a time
	Rate     int           // viewers a second at most; 0: as many as the stores take
	DryRun   bool          // look, and write nothing
}

// Progress is what a rebuild came to so far.
type Progress struct {
	Looked   int // active viewers of the durable records
	Held     int // held already, also by a try of this run that a store cut short, and left as they were
	Restored int // filled; in a dry run: would be
	Left     int // served meanwhile, time and again: their next page fills them
	Sessions int // sessions that are held again
}

const (
	// lookBatch viewers are looked for at a time, fillBatch of them are read and written at a time: it bounds the memory.
	lookBatch = 1024
	fillBatch = 64
	// tries is how often a viewer is read whom others record something of meanwhile, and a batch while a store does not answer.
	tries      = 5
	firstPause = 200 * time.Millisecond
)

// Rebuild is the use case of whoever has lost the fast store.
type Rebuild struct {
	records Records
	copies  Copies
	clock   func() time.Time
}

// NewRebuild wires the parts.
func NewRebuild(records Records, copies Copies, clock func() time.Time) *Rebuild {
	return &Rebuild{records, copies, clock}
}

// Run fills the copy of every active viewer that is not held, and holds their live sessions again. What instances record and
// serve meanwhile stands: where they were first, or come in between, theirs is kept. It may be cut short anywhere and run again;
// what is held is not read again. Told is called now and then, by one goroutine at a time.
func (r *Rebuild) Run(ctx context.Context, o Options, told func(Progress)) (Progress, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	run := &run{Rebuild: r, o: o, told: told, began: r.clock()}
	batches := make(chan []audience.ViewerID)
	var going sync.WaitGroup
	going.Go(func() {
		defer close(batches)
		if err := run.list(ctx, batches); err != nil {
			stop(err) // the first to fail ends the others
		}
	})
	for range o.Parallel {
		going.Go(func() {
			for ids := range batches {
				if err := run.patiently(ctx, func() error { return run.fill(ctx, ids) }); err != nil {
					stop(err)
				}
			}
		})
	}
	going.Wait()
	return run.done, context.Cause(ctx)
}

// run is one run.
type run struct {
	*Rebuild
	o     Options
	began time.Time

	mu   sync.Mutex
	done Progress
	told func(Progress)
}

func (r *run) add(p Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Looked += p.Looked
	r.done.Held += p.Held
	r.done.Restored += p.Restored
	r.done.Left += p.Left
	r.done.Sessions += p.Sessions
	r.told(r.done)
}

// list hands out the active viewers, no faster than asked for.
func (r *run) list(ctx context.Context, batches chan<- []audience.ViewerID) error {
	var after audience.ViewerID
	for handed := 0; ; {
		var active []audience.ViewerID
		var last audience.ViewerID
		err := r.patiently(ctx, func() (err error) {
			active, last, err = r.records.Active(ctx, r.o.Since, after, lookBatch)
			return err
		})
		if err != nil {
			return err
		}
		for len(active) > 0 {
			n := min(len(active), r.fillBatch())
			if err := r.pace(ctx, handed); err != nil {
				return err
			}
			select {
			case batches <- active[:n]:
			case <-ctx.Done():
				return ctx.Err()
			}
			active, handed = active[n:], handed+n
		}
		if last == "" {
			return nil
		}
		after = last
	}
}

// fillBatch keeps a slow pace even.
func (r *run) fillBatch() int {
	if r.o.Rate > 0 {
		return max(1, min(fillBatch, r.o.Rate/4))
	}
	return fillBatch
}

// pace waits until that many viewers may have been handed out.
func (r *run) pace(ctx context.Context, handed int) error {
	if r.o.Rate == 0 {
		return nil
	}
	due := r.began.Add(time.Duration(float64(handed) / float64(r.o.Rate) * float64(time.Second)))
	return sleep(ctx, due.Sub(r.clock()))
}

// patiently does it again while a store does not answer.
func (r *run) patiently(ctx context.Context, do func() error) error {
	for try, pause := 1, firstPause; ; try, pause = try+1, 2*pause {
		err := do()
		if err == nil || try == tries || !fault.Is(err, fault.Unavailable) {
			return err
		}
		if sleep(ctx, pause) != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
