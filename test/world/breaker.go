package world

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/freshet/freshet/domain/fault"
)

// State is how a broken part behaves.
type State int32

// The states.
const (
	Works    State = iota
	Fails          // answers an error at once and does nothing
	Hangs          // does nothing until its context ends
	Deceives       // does what it is asked and answers an error
)

// ErrBroken is what broken parts fail with.
var ErrBroken = fault.New(fault.Unavailable, "broken", "this part was broken by a test")

// Breaker breaks the parts that were given it. The zero value works.
type Breaker struct {
	state atomic.Int32
	calls atomic.Int64
	mu    sync.Mutex
	freed chan struct{} // closed by Release
}

// Set changes how the parts behave from the next call on.
func (b *Breaker) Set(s State) { b.state.Store(int32(s)) }

// Calls counts what was asked of the parts.
func (b *Breaker) Calls() int64 { return b.calls.Load() }

func (b *Breaker) do(ctx context.Context, work func() error) error {
	b.calls.Add(1)
	switch State(b.state.Load()) {
	case Fails:
		return ErrBroken
	case Hangs:
		select {
		case <-ctx.Done():
			return ErrBroken.Because(ctx.Err())
		case <-b.released():
		}
	case Deceives:
		_ = work()
		return ErrBroken
	}
	return work()
}

// Release lets everything that hangs go on, and works from then on.
func (b *Breaker) Release() {
	b.Set(Works)
	freed := b.released()
	b.mu.Lock()
	defer b.mu.Unlock()
	close(freed)
	b.freed = nil
}

func (b *Breaker) released() chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.freed == nil {
		b.freed = make(chan struct{})
	}
	return b.freed
}
