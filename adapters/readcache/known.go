package readcache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bits-and-blooms/bloom/v3"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/catalog"
)

const (
	falsePositives = 0.01
	leastKnown     = 100_000
	idBatch        = 10_000
)

// acquaintance is what the filter says of an id.
type acquaintance uint8

const (
	unsure     acquaintance = iota // it cannot say
	acquainted                     // there may be such an item
	stranger                       // there was none
)

// Known is the filter of the ids of items. It is built from the catalogue and extended by the newcomers that other instances tell before
// they acknowledge, so that it can deny an id although the change stream is behind. It is safe for concurrent use.
type Known struct {
	guard     *Guard
	items     *mysqlstore.Items
	newcomers *redisstore.Newcomers
	most      uint // ids it is made for at most

	mu       sync.RWMutex
	bits     *bloom.BloomFilter // nil: it says nothing
	epoch    uint64
	position string
	asOf     time.Time // everything told by then is in it
	count    uint      // ids added
	room     uint      // ids it was made for

	asking  chan struct{} // held by who asks for newcomers
	rebuilt atomic.Int64
}

// NewKnown says nothing until Build. It takes 1.2 bytes an id, for most ids at most; beyond that it denies fewer.
func NewKnown(guard *Guard, items *mysqlstore.Items, newcomers *redisstore.Newcomers, most int) *Known {
	return &Known{guard: guard, items: items, newcomers: newcomers, most: uint(most), asking: make(chan struct{}, 1)}
}

// look answers what the filter says of the id, and as of when, which is not before since.
func (k *Known) look(ctx context.Context, l *lease, id string, since time.Time) (acquaintance, time.Time) {
	if as, at := k.test(l, id); as != stranger || !at.Before(since) {
		return as, at
	}
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return unsure, time.Time{}
	}
	if as, at := k.test(l, id); as != stranger || !at.Before(since) { // another asked meanwhile
		return as, at
	}
	if !k.meet(ctx, l) {
		return unsure, time.Time{}
	}
	return k.test(l, id)
}

func (k *Known) test(l *lease, id string) (acquaintance, time.Time) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case k.bits == nil || k.epoch != l.pact.Epoch:
		return unsure, time.Time{}
	case k.bits.TestString(id):
		return acquainted, k.asOf
	}
	return stranger, k.asOf
}

// meet adds the newcomers told so far. The caller holds asking.
func (k *Known) meet(ctx context.Context, l *lease) bool {
	for {
		asOf := time.Now()
		k.mu.RLock()
		position, epoch := k.position, k.epoch
		k.mu.RUnlock()
		ids, at, known, err := k.newcomers.Since(ctx, epoch, position)
		if err != nil || !k.guard.still(ctx, l) {
			return false
		}
		k.mu.Lock()
		if !known {
			k.bits = nil
		}
		if !known || k.epoch != epoch || k.position != position { // built anew meanwhile
			k.mu.Unlock()
			return false
		}
		k.add(ids)
		k.position = at
		if at == position {
			k.asOf = asOf
			k.mu.Unlock()
			return true
		}
		k.mu.Unlock()
	}
}

func (k *Known) add(ids []string) {
	for _, id := range ids {
		if !k.bits.TestOrAddString(id) {
			k.count++
		}
	}
}

// Apply adds the items, told by the change stream or found in the catalogue. Repeats change nothing.
func (k *Known) Apply(_ context.Context, items []catalog.Snapshot) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.bits != nil {
		for i := range items {
			k.add([]string{string(items[i].ID)})
		}
	}
	return nil
}

// Build makes the filter where there is none for the epoch, or it was outgrown, and returns how many ids are in a new one. Until it is made
// nothing is denied. A filter that is there hears of newcomers. It may be repeated, and is to be called every second or so.
func (k *Known) Build(ctx context.Context) (int, error) {
	l, ok := k.guard.trusted(ctx) // by now all tell of newcomers
	if !ok {
		return 0, nil
	}
	if !k.wanting(l) {
		k.asking <- struct{}{}
		defer func() { <-k.asking }()
		k.meet(ctx, l) // so that it is never too far behind
		return 0, nil
	}
	most, err := k.items.Count(ctx)
	if err != nil {
		return 0, err
	}
	room := min(max(2*uint(most), leastKnown), max(k.most, leastKnown))
	bits := bloom.NewWithEstimates(room, falsePositives)
	position, err := k.newcomers.Begin(ctx, l.pact.Epoch) // before the catalogue is read, so that nothing falls between
	if err != nil {
		return 0, err
	}
	count := uint(0)
	for after := catalog.Number(0); ; {
		ids, last, err := k.items.IDs(ctx, after, idBatch)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			bits.AddString(id)
		}
		count, after = count+uint(len(ids)), last
		if len(ids) < idBatch {
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bits, k.epoch, k.position, k.asOf, k.count, k.room = bits, l.pact.Epoch, position, time.Time{}, count, room
	k.rebuilt.Add(1)
	return int(count), nil
}

func (k *Known) wanting(l *lease) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.bits == nil || k.epoch != l.pact.Epoch || k.count > k.room && k.room < k.most
}

// KnownStats is how big the filter is.
type KnownStats struct {
	IDs   uint // 0: there is none
	Bytes uint
	Built int64
}

// Stats tells of now.
func (k *Known) Stats() KnownStats {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.bits == nil {
		return KnownStats{Built: k.rebuilt.Load()}
	}
	return KnownStats{IDs: k.count, Bytes: k.bits.Cap() / 8, Built: k.rebuilt.Load()}
}
