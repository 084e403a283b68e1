package indexing

import (
	"context"
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
)

// Index is the local read model.
type Index interface {
	Apply(items []catalog.Snapshot) int
}

// Keeper keeps the index current.
type Keeper struct {
	repo   catalog.ItemRepository
	stream catalog.Changes
	index  Index
	clock  func() time.Time

	mu       sync.Mutex
	position string
	looked   time.Time
}

// NewKeeper wires the parts.
func NewKeeper(repo catalog.ItemRepository, stream catalog.Changes, index Index, clock func() time.Time) *Keeper {
	return &Keeper{repo: repo, stream: stream, index: index, clock: clock}
}

// Build fills the index from the records; the stream's position is taken first, so that nothing
// falls between. Without the stream it builds all the same, and CatchUp keeps it current.
func (k *Keeper) Build(ctx context.Context) (int, error) {
	k.position, _ = k.stream.Position(ctx) // empty: Follow takes the position when the stream is back
	return k.scan(ctx, time.Time{})
}

// Follow applies what comes next in the stream, waiting up to a second for it. While the stream is out
// of reach it looks at the records instead and fails with the stream's error.
func (k *Keeper) Follow(ctx context.Context) (int, error) {
	if k.position == "" {
		at, err := k.stream.Position(ctx)
		if err != nil {
			return 0, err
		}
		k.position = at
		return k.CatchUp(ctx)
	}
	items, at, err := k.stream.Follow(ctx, k.position, followBatch, followWait)
	if err != nil {
		news, _ := k.CatchUp(ctx) // the records may answer where the stream does not
		return news, err
	}
	k.position = at
	if len(items) == 0 {
		return 0, nil
	}
	return k.index.Apply(items), nil
}

// CatchUp applies what the records say has changed since the last look, and returns how much of it
// was news.
func (k *Keeper) CatchUp(ctx context.Context) (int, error) {
	k.mu.Lock()
	since := k.looked
	k.mu.Unlock()
	if !since.IsZero() {
		since = since.Add(-overlap)
	}
	return k.scan(ctx, since)
}

func (k *Keeper) scan(ctx context.Context, since time.Time) (int, error) {
	began := k.clock()
	news := 0
	var after catalog.Number
	for {
		items, err := k.repo.Scan(ctx, since, after, scanBatch)
		if err != nil {
			return news, err
		}
		if len(items) > 0 {
			news += k.index.Apply(items)
			after = items[len(items)-1].Number
		}
		if len(items) < scanBatch {
			k.mu.Lock()
			k.looked = began
			k.mu.Unlock()
			return news, nil
		}
	}
}
