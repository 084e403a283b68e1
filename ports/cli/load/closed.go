package load

import (
	"context"
	"sync"
	"time"
)

// closed lets so many callers ask, each again once it was answered, until ctx or the time ends.
func (r *running) closed(ctx context.Context) {
	var callers sync.WaitGroup
	for range r.o.Connections {
		callers.Go(func() { r.call(ctx) })
	}
	callers.Wait()
}

func (r *running) call(ctx context.Context) {
	var with scratch
	var s *session
	for {
		if s == nil || s.over {
			s = r.audience.arrive(r.arrivals.Add(1))
		} else if !s.due.Before(r.ends) || !wait(ctx, s.due) {
			return
		}
		now := time.Now()
		if ctx.Err() != nil || !now.Before(r.ends) {
			return
		}
		r.underWay.Add(1)
		failed := r.step(s, now, &with)
		r.underWay.Add(-1)
		if failed == noConnection && !wait(ctx, time.Now().Add(nobodyThere)) {
			return
		}
	}
}

// nobodyThere is how long a caller rests where it cannot connect: to try at once would only take the CPU from whoever
// is starting there.
const nobodyThere = 100 * time.Millisecond

// wait returns at the moment, or false when ctx ends before.
func wait(ctx context.Context, until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
