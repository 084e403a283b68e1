package readcache

import (
	"context"
	"sync"
	"time"

	"github.com/freshet/freshet/adapters/redisstore"
)

// answer is what a read came to, and as of when it is current.
type answer struct {
	redisstore.Copy
	err  error
	asOf time.Time // it was current at this moment or after it
}

// flights let one of those who ask for an id at the same time ask for all.
type flights struct {
	mu     sync.Mutex
	by     map[string]*flight
	joined uint64
}

type flight struct {
	done chan struct{}
	answer
	left bool // who asked for all went away
}

// fly asks, or waits for who asks already; second is true where the answer is that one's.
func (f *flights) fly(ctx context.Context, id string, ask func() answer) (a answer, second bool) {
	for {
		f.mu.Lock()
		flying, ok := f.by[id]
		if !ok {
			return f.lead(ctx, id, ask), false // unlocks
		}
		f.joined++
		f.mu.Unlock()
		select {
		case <-flying.done:
		case <-ctx.Done():
			return answer{err: errUnread.Because(ctx.Err())}, true
		}
		if !flying.left {
			return flying.answer, true
		}
	}
}

func (f *flights) lead(ctx context.Context, id string, ask func() answer) answer {
	mine := &flight{done: make(chan struct{}), left: true}
	if f.by == nil {
		f.by = make(map[string]*flight)
	}
	f.by[id] = mine
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.by, id)
		f.mu.Unlock()
		close(mine.done)
	}()
	mine.answer = ask()
	mine.left = ctx.Err() != nil
	return mine.answer
}

// count is how many were answered by what another asked.
func (f *flights) count() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.joined
}
