package serving

import (
	"context"
	"sync"
	"time"
)

// wait is the context of a page's answers from stores, one after the other: each has a time of its own. It has the values of the
// context that it is made of, and does not end with that: a store that was asked is asked to the end.
type wait struct {
	of    context.Context
	done  chan struct{}
	timer *time.Timer

	mu    sync.Mutex
	until time.Time
	err   error
}

func newWait(of context.Context, patience time.Duration) *wait {
	w := &wait{of: of, done: make(chan struct{}), until: time.Now().Add(patience)}
	w.timer = time.AfterFunc(patience, w.expire)
	return w
}

// again begins another time; it is false where the one before is over.
func (w *wait) again(patience time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return false
	}
	w.until = time.Now().Add(patience)
	w.timer.Reset(patience)
	return true
}

// pause lets no time end until again.
func (w *wait) pause() { w.timer.Stop() }

// end tells all who still wait.
func (w *wait) end() {
	w.timer.Stop()
	w.close(context.Canceled)
}

func (w *wait) expire() {
	w.mu.Lock()
	late := !time.Now().Before(w.until) // else it began again meanwhile
	w.mu.Unlock()
	if late {
		w.close(context.DeadlineExceeded)
	}
}

func (w *wait) close(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		close(w.done)
	}
}

// Deadline implements context.Context.
func (w *wait) Deadline() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.until, true
}

// Done implements context.Context.
func (w *wait) Done() <-chan struct{} { return w.done }

// Err implements context.Context.
func (w *wait) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Value implements context.Context.
func (w *wait) Value(key any) any { return w.of.Value(key) }
