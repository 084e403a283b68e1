package kafkastore

import "github.com/freshet/freshet/domain/engagement"

// Stats is what became of events here.
type Stats struct {
	Waiting int               // events on their way to the brokers
	Head    engagement.Offset // as far as this process has read
	Copied  engagement.Offset // as far as it knows
	Failed  uint64            // records that the brokers did not take, or did not say so
	Full    uint64            // callers refused for lack of room
	Late    uint64            // callers who waited too long; their events may be stored
	Closed  uint64            // callers refused at the end
	Foreign uint64            // records that are not of an event log
	Deleted int64             // the record before which this process has deleted all
	Reading bool              // whether the log can be read
}

// Stats returns what became of events here.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Waiting, s.Copied, s.Reading = l.waiting, l.copied.Offset, l.tail != nil
	if l.tail != nil {
		s.Head, s.Foreign = l.tail.at.Offset, l.tail.foreign
	}
	return s
}

func (l *Log) count(do func(*Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(&l.stats)
}
