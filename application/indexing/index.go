package indexing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const (
	scanBatch   = 2000
	followBatch = 1000
	followWait  = time.Second
	// overlap covers clocks of instances that disagree and commits that took long: changes are
	// looked up again from this long before the last look.
	overlap = 2 * time.Minute
	// stepPatience bounds one step after the index, of one batch.
	stepPatience = 2 * time.Second
)

// Index is the local read model.
type Index interface {
	Apply(items []catalog.Snapshot) int
	// Load is Apply of all that next hands over until that is nothing, for a whole catalogue. It fails as next does, and
	// then changes nothing.
	Load(next func() ([]catalog.Snapshot, error)) (int, error)
}

// Step is something else on this instance that has to know of changed items, after the index. Items may come again, and older versions after
// newer ones.
type Step interface {
	Apply(ctx context.Context, items []catalog.Snapshot) error
}

// Keeper keeps the index current, and what follows it.
type Keeper struct {
	repo   catalog.ItemRepository
	stream catalog.Changes
	index  Index
	clock  func() time.Time
	steps  []Step

	mu       sync.Mutex
	position string
	looked   time.Time
}

// NewKeeper wires the parts; steps are taken in order.
func NewKeeper(repo catalog.ItemRepository, stream catalog.Changes, index Index, clock func() time.Time, steps ...Step) *Keeper {
	return &Keeper{repo: repo, stream: stream, index: index, clock: clock, steps: steps}
}

// Build fills the index from the records; the stream's position is taken first, so that nothing
// falls between. Without the stream it builds all the same, and CatchUp keeps it current. Steps are not taken: what follows the index makes
// its own beginning.
func (k *Keeper) Build(ctx context.Context) (int, error) {
	at, _ := k.stream.Position(ctx) // empty: Follow takes the position when the stream is back
	k.reached(at)
	began := k.clock()
	var after catalog.Number
	all := false
	news, err := k.index.Load(func() ([]catalog.Snapshot, error) {
		if all {
			return nil, nil
		}
		items, err := k.repo.Scan(ctx, time.Time{}, after, scanBatch)
		if all = len(items) < scanBatch; !all {
			after = items[len(items)-1].Number
		}
		return items, err
	})
	if err == nil {
		k.noted(began)
	}
	return news, err
}

func (k *Keeper) noted(looked time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = looked
}

// mark is how far the index had followed at some moment: all that the stream told up to its position, and all that the
// records said when they were looked at, is in the index from then on.
type mark struct {
	position string // empty: of no stream
	looked   time.Time
}

func (k *Keeper) mark() mark {
	k.mu.Lock()
	defer k.mu.Unlock()
	return mark{k.position, k.looked}
}

// resume goes on from a mark, with an index that holds what it held then, and returns how much had changed.
func (k *Keeper) resume(ctx context.Context, from mark) (int, error) {
	k.mu.Lock()
	k.position, k.looked = from.position, from.looked
	k.mu.Unlock()
	return k.scan(ctx, k.since(), nil, true)
}

func (k *Keeper) reached(position string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.position = position
}

// Follow applies what comes next in the stream, waiting up to a second for it. While the stream is out
// of reach it looks at the records instead and fails with the stream's error. So it does when a step fails; then the next
// Follow takes the steps again.
func (k *Keeper) Follow(ctx context.Context) (int, error) {
	position := k.mark().position
	if position == "" {
		at, err := k.stream.Position(ctx)
		if err != nil {
			return 0, err
		}
		k.reached(at)
		return k.CatchUp(ctx)
	}
	items, at, err := k.stream.Follow(ctx, position, followBatch, followWait)
	if err != nil {
		news, _ := k.CatchUp(ctx) // the records may answer where the stream does not
		return news, err
	}
	if len(items) == 0 {
		k.reached(at)
		return 0, nil
	}
	news := k.index.Apply(items)
	if err := take(ctx, k.steps, items); err != nil {
		more, _ := k.scan(ctx, k.since(), nil, false) // the index does not wait for the step
		return news + more, err
	}
	k.reached(at)
	return news, nil
}

// take takes every step, also after one that failed.
func take(ctx context.Context, steps []Step, items []catalog.Snapshot) error {
	errs := make([]error, len(steps))
	for i, s := range steps {
		errs[i] = func() error {
			ctx, cancel := context.WithTimeout(ctx, stepPatience)
			defer cancel()
			return s.Apply(ctx, items)
		}()
	}
	return errors.Join(errs...)
}

// CatchUp applies what the records say has changed since the last look, and returns how much of it
// was news. Where a step fails, the next CatchUp looks at the same again.
func (k *Keeper) CatchUp(ctx context.Context) (int, error) {
	return k.scan(ctx, k.since(), k.steps, true)
}

// since is where the next look begins.
func (k *Keeper) since() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.looked.IsZero() {
		return k.looked
	}
	return k.looked.Add(-overlap)
}

// scan notes that it looked, where it is to and no step failed.
func (k *Keeper) scan(ctx context.Context, since time.Time, steps []Step, note bool) (news int, failed error) {
	began := k.clock()
	var after catalog.Number
	for {
		items, err := k.repo.Scan(ctx, since, after, scanBatch)
		if err != nil {
			return news, err
		}
		if len(items) > 0 {
			news += k.index.Apply(items)
			after = items[len(items)-1].Number
			if failed == nil {
				failed = take(ctx, steps, items)
			}
		}
		if len(items) == scanBatch {
			continue
		}
		if failed == nil && note {
			k.noted(began)
		}
		return news, failed
	}
}
