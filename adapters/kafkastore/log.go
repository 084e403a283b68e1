package kafkastore

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
)

// fetchWait is how long a broker may keep us waiting for records.
const fetchWait = 500 * time.Millisecond

// Log is the engagement.EventLog, and the copying.Source. What was copied and deleted it does not read any more: that is a fault
// of kind Gone. Its owner closes it.
type Log struct {
	opts     Options
	producer *kgo.Client
	admin    *kadm.Client
	name     [8]byte // in the keys of our records

	stop context.CancelFunc
	done chan struct{} // tail has ended

	mu      sync.Mutex
	closed  bool
	tail    *machine      // nil while the log cannot be read
	failed  error         // why
	moved   chan struct{} // closed, and another made, when anything below or above has changed
	waiters map[uint64]*waiter
	seq     uint64
	waiting int // events on their way
	copied  copying.Mark
	behind  behind
	stats   Stats

	reading sync.Mutex
	reader  *reader
}

// waiter is an Append that waits to find its record in the log.
type waiter struct {
	found chan struct{} // closed once fresh is set
	fresh []bool
}

// Append implements engagement.EventLog.
func (l *Log) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	if len(events) == 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, errUnavailable.Because(err)
	}
	value := encodeEvents(events, received)
	if len(value) > maxRecord-1024 { // of the frame
		return nil, errTooLarge
	}
	_, fresh, err := l.put(ctx, value, len(events))
	return fresh, err
}

// putBarrier has everybody forget the ids so far, and returns the number of its record.
func (l *Log) putBarrier(ctx context.Context) (int64, error) {
	number, _, err := l.put(ctx, encodeBarrier(l.opts.Window), 0)
	return number, err
}

// put appends a record, and returns once it is acknowledged and was read back.
func (l *Log) put(ctx context.Context, value []byte, events int) (int64, []bool, error) {
	w := &waiter{found: make(chan struct{})}
	key, seq, err := l.enter(w, events)
	if err != nil {
		return 0, nil, err
	}
	defer l.leave(seq)
	type answer struct {
		number int64
		err    error
	}
	answered := make(chan answer, 1)
	l.producer.TryProduce(context.Background(), &kgo.Record{Key: key, Value: value}, func(r *kgo.Record, err error) {
		l.produced(events, err)
		answered <- answer{r.Offset, err}
	})
	patience := time.NewTimer(l.opts.Patience)
	defer patience.Stop()
	var got answer
	found := w.found
	for waits := 2; waits > 0; waits-- {
		select {
		case got = <-answered:
			if got.err != nil {
				return 0, nil, failure(got.err)
			}
		case <-found:
			found = nil
		case <-ctx.Done():
			return 0, nil, errUnavailable.Because(ctx.Err())
		case <-patience.C:
			l.count(func(s *Stats) { s.Late++ })
			return 0, nil, errBusy
		}
	}
	return got.number, w.fresh, nil
}

func (l *Log) enter(w *waiter, events int) (key []byte, seq uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		l.stats.Closed++
		return nil, 0, errClosing
	case l.waiting+events > l.opts.Waiting:
		l.stats.Full++
		return nil, 0, errFull
	}
	l.waiting += events
	l.seq++
	l.waiters[l.seq] = w
	return binary.BigEndian.AppendUint64(l.name[:8:8], l.seq), l.seq, nil
}

func (l *Log) leave(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiters, seq)
}

func (l *Log) produced(events int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting -= events
	if err != nil {
		l.stats.Failed++
	}
}

// Known implements engagement.EventLog, as far as ids are remembered.
func (l *Log) Known(ctx context.Context, ids []engagement.EventID) ([]bool, error) {
	if err := l.sync(ctx); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tail == nil {
		return nil, l.failed
	}
	known := make([]bool, len(ids))
	for i, id := range ids {
		known[i] = l.tail.knows(printOf(id))
	}
	return known, nil
}

// Head implements engagement.EventLog.
func (l *Log) Head(ctx context.Context) (engagement.Offset, error) {
	end, err := l.End(ctx)
	return end.Offset, err
}

// End implements copying.Source.
func (l *Log) End(ctx context.Context) (copying.Mark, error) {
	if err := l.sync(ctx); err != nil {
		return copying.Mark{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tail == nil {
		return copying.Mark{}, l.failed
	}
	return l.tail.at, nil
}

// Close refuses what comes, gives what is on its way its time, and ends.
func (l *Log) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), l.opts.Patience)
	defer cancel()
	_ = l.producer.Flush(ctx)
	l.stop()
	<-l.done
	l.producer.Close()
	l.reading.Lock()
	defer l.reading.Unlock()
	l.reader.close()
	l.reader = nil
}
