package kafkastore

import (
	"context"
	"crypto/rand"
	"hash/maphash"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/domain/fault"
)

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
