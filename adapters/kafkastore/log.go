package kafkastore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"hash/maphash"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
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

// Open connects, makes sure of the topic, and has read all that is there when it returns.
func Open(ctx context.Context, o Options) (*Log, error) {
	o = o.filled()
	producer, err := o.client(
		kgo.DefaultProduceTopic(o.Topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(maxRecord),
		kgo.RecordDeliveryTimeout(max(time.Second, o.Patience)),
		kgo.ProduceRequestTimeout(max(time.Second, o.Patience)),
		kgo.UnknownTopicRetries(3),
	)
	if err != nil {
		return nil, failure(err)
	}
	l := &Log{
		opts: o, producer: producer, admin: kadm.NewClient(producer), done: make(chan struct{}),
		moved: make(chan struct{}), waiters: make(map[uint64]*waiter), behind: behind{seed: maphash.MakeSeed()},
	}
	_, _ = rand.Read(l.name[:])
	if err := l.found(ctx); err != nil {
		producer.Close()
		return nil, err
	}
	background, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.run(background)
	if err := l.catchUp(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// found makes sure of the topic.
func (l *Log) found(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	for {
		err := ensureTopic(ctx, l.admin, l.opts)
		if err == nil || !fault.Is(err, fault.Unavailable) || denied(err) || !pause(ctx) {
			return err
		}
	}
}

// catchUp reads what is there, for as long as it gets on.
func (l *Log) catchUp(ctx context.Context) error {
	for read, since := int64(-1), time.Now(); ; {
		err := l.sync(ctx)
		if err == nil {
			err = l.agree(ctx)
		}
		if err == nil || !fault.Is(err, fault.Unavailable) {
			return err
		}
		if now := l.read(); now != read {
			read, since = now, time.Now()
		}
		if time.Since(since) > openPatience || !pause(ctx) { // a topic that was just made is known to all after a while
			return err
		}
	}
}

// read is the record up to which the tail has come.
func (l *Log) read() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tail == nil {
		return -1
	}
	return l.tail.read
}

// pause waits before something is tried again, and reports whether there is time for that.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(again):
		return true
	}
}

// openPatience is how long brokers may take to answer, and reading may stand still.
const openPatience = time.Minute

// agree has all remember as many ids as this process is told to.
func (l *Log) agree(ctx context.Context) error {
	end, err := l.End(ctx)
	if err != nil || end.Window == l.opts.Window {
		return err
	}
	_, err = l.putBarrier(ctx)
	return err
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
