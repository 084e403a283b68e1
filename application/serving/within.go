package serving

import (
	"context"
	"sync"
	"time"
)

// Within is context.WithTimeout for one step of a page. Who calls it calls leave once, when nobody uses the context any more: its
// memory is used again. Derived contexts are to be left before.
func Within(ctx context.Context, d time.Duration) (_ context.Context, leave func()) {
	until := time.Now().Add(d)
	if outer, ok := ctx.(*limit); ok {
		if outer.until.Before(until) {
			until = outer.until
		}
		ctx = outer.Context
	}
	if ctx.Done() != nil { // it may end by itself, and what is derived from it is told
		ctx, cancel := context.WithDeadline(ctx, until)
		return ctx, cancel
	}
	l, ok := limits.Get().(*limit)
	if !ok {
		l = newLimit()
	}
	l.Context, l.until = ctx, until
	return l, l.leave
}

// apart is the context without its end: what was begun is not given up because the client went away.
func apart(ctx context.Context) context.Context {
	if l, ok := ctx.(*limit); ok {
		return l.Context
	}
	if ctx.Done() == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// limit is a context with a deadline. Its timer runs only from when somebody waits.
type limit struct {
	context.Context // which does not end
	until           time.Time
	leave           func()

	mu      sync.Mutex
	waited  bool
	elapsed chan struct{}
	timer   *time.Timer
}

// limits are those that did not elapse.
var limits sync.Pool

func newLimit() *limit {
	l := &limit{elapsed: make(chan struct{})}
	l.leave = l.put
	return l
}

// Deadline implements context.Context.
func (l *limit) Deadline() (time.Time, bool) { return l.until, true }

// Done implements context.Context.
func (l *limit) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.waited {
		l.waited = true
		if left := time.Until(l.until); l.timer == nil {
			l.timer = time.AfterFunc(left, func() { close(l.elapsed) })
		} else {
			l.timer.Reset(left)
		}
	}
	return l.elapsed
}

// Err implements context.Context.
func (l *limit) Err() error {
	if time.Now().Before(l.until) {
		return nil
	}
	return context.DeadlineExceeded
}

func (l *limit) put() {
	l.mu.Lock()
	running := !l.waited || l.timer.Stop() // else it has elapsed, or is about to
	l.waited = false
	l.mu.Unlock()
	if running {
		limits.Put(l)
	}
}
