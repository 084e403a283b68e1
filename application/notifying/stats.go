package notifying

import (
	"sync/atomic"
	"time"
)

// Stats says what became of events and tasks on this instance.
type Stats struct {
	Leads    bool          // this is the instance that makes tasks
	Behind   time.Duration // how old the event was that was read last, 0 when there was nothing to read
	Open     int64         // subjects that have a window
	Events   int64         // in the tasks that were taken
	Enqueued int64
	Merged   int64 // tasks whose subject had one waiting
	Held     int64 // tasks that were put off by a window
	Refused  int64 // tasks that were put off because the queue was out of reach
	Skipped  int64 // events too far behind to make tasks of
}

type statistics struct {
	leads                                            atomic.Bool
	behind, open                                     atomic.Int64
	events, enqueued, merged, held, refused, skipped atomic.Int64
}

func (s *statistics) took(o Outcome, events int64) {
	s.events.Add(events)
	if o == Merged {
		s.merged.Add(1)
		return
	}
	s.enqueued.Add(1)
}

// Stats is safe for concurrent use.
func (t *Trigger) Stats() Stats {
	s := &t.stats
	return Stats{
		Leads: s.leads.Load(), Behind: time.Duration(s.behind.Load()), Open: s.open.Load(), Events: s.events.Load(),
		Enqueued: s.enqueued.Load(), Merged: s.merged.Load(), Held: s.held.Load(), Refused: s.refused.Load(), Skipped: s.skipped.Load(),
	}
}
