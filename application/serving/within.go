package serving

import (
	"context"
	"sync"
	"time"
)

// Within is context.WithTimeout for one step of a page, at less cost where the context it is given does not end by itself. Step.Leave
// is called once, when the step is over.
func Within(ctx context.Context, d time.Duration) (context.Context, Step) {
	until := time.Now().Add(d)
	if outer, ok := ctx.(*limit); ok {
		if outer.until.Before(until) {
			until = outer.until
		}
		ctx = outer.Context
	}
	if ctx.Done() != nil { // it may end by itself, and what is derived from it is told
		ctx, cancel := context.WithDeadline(ctx, until)
		return ctx, Step{cancel: cancel}
	}
	l := &limit{Context: ctx, until: until}
	return l, Step{limit: l}
}

// Step is what takes up memory, and maybe a timer, until it is over.
type Step struct {
	limit  *limit
	cancel func()
}

// Leave ends the step's context. Who waits for that already may not be told: steps are left when nobody does, but those who have a
// deadline of their own.
func (s Step) Leave() {
	if s.cancel != nil {
		s.cancel()
	} else {
		s.limit.end()
	}
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

// limit is a context with a deadline. Its timer runs only from when somebody asks to be told. Drivers keep contexts longer than their
// calls last, so that it is not used again, only its timer is.
type limit struct {
	context.Context // which does not end
	until           time.Time

	mu    sync.Mutex
	timer *timer // nil: nobody asked
	left  bool
}

// Deadline implements context.Context.
func (l *limit) Deadline() (time.Time, bool) { return l.until, true }

// Done implements context.Context.
func (l *limit) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.left:
		return over
	case l.timer == nil:
		l.timer = startTimer(time.Until(l.until))
	}
	return l.timer.fired
}

// Err implements context.Context.
func (l *limit) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.left:
		return context.Canceled
	case !time.Now().Before(l.until):
		return context.DeadlineExceeded
	}
	return nil
}

func (l *limit) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = true
	if l.timer != nil {
		l.timer.stop()
	}
}

// over is what is told who asks after the end.
var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// timer closes fired once.
type timer struct {
	fired chan struct{}
	after *time.Timer
}

// timers are those that were stopped before they fired.
var timers sync.Pool

func startTimer(d time.Duration) *timer {
	if t, ok := timers.Get().(*timer); ok {
		t.after.Reset(d)
		return t
	}
	t := &timer{fired: make(chan struct{})}
	t.after = time.AfterFunc(d, func() { close(t.fired) })
	return t
}

func (t *timer) stop() {
	if t.after.Stop() {
		timers.Put(t)
	}
}
