package load

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// arrival is a request to be made, and when it was to begin.
type arrival struct {
	session *session
	at      time.Time
}

// open makes requests at equal distances until ctx or the time ends. Nothing that becomes of them changes when the
// next one is made: whoever is due by then makes it, or else somebody new comes.
func (r *running) open(ctx context.Context) {
	arrivals := make(chan arrival, r.o.Connections) // never full: it holds no more than are under way
	resting := &resting{}
	var callers sync.WaitGroup
	for range r.o.Connections {
		callers.Go(func() {
			var with scratch
			for a := range arrivals {
				r.step(a.session, a.at, &with)
				if !a.session.over {
					resting.add(a.session)
				}
				r.underWay.Add(-1)
			}
		})
	}
	for n := 0; ; n++ {
		at := r.began.Add(time.Duration(float64(n) / r.o.Rate * float64(time.Second)))
		if !at.Before(r.ends) || !wait(ctx, at) {
			break
		}
		if r.underWay.Load() >= int64(r.o.Connections) {
			if !at.Before(r.from) {
				r.tally.failed(overflow)
			}
			continue
		}
		s := resting.due(at)
		if s == nil {
			s = r.audience.arrive(r.arrivals.Add(1))
		}
		r.underWay.Add(1)
		arrivals <- arrival{s, at}
	}
	close(arrivals)
	callers.Wait()
}

// resting are the sessions whose viewers think. It is safe for concurrent use.
type resting struct {
	mu       sync.Mutex
	sessions byDue
}

func (r *resting) add(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	heap.Push(&r.sessions, s)
}

// due takes the session that has waited longest among those that are due; nil: there is none.
func (r *resting) due(now time.Time) *session {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sessions) == 0 || r.sessions[0].due.After(now) {
		return nil
	}
	return heap.Pop(&r.sessions).(*session)
}

type byDue []*session

func (b byDue) Len() int           { return len(b) }
func (b byDue) Less(i, j int) bool { return b[i].due.Before(b[j].due) }
func (b byDue) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *byDue) Push(x any)        { *b = append(*b, x.(*session)) }
func (b *byDue) Pop() any {
	last := len(*b) - 1
	s := (*b)[last]
	(*b)[last] = nil
	*b = (*b)[:last]
	return s
}
