package kafkastore

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/application/copying"
)

// follower reads records one after the other. It is for one goroutine.
type follower struct {
	*machine
	client *kgo.Client
}

// follow begins at the mark, and learns what is kept before it.
func (l *Log) follow(ctx context.Context, base copying.Mark) (*follower, error) {
	low, end, err := l.bounds(ctx)
	switch {
	case err != nil:
		return nil, err
	case low > base.Record:
		return nil, errLost.Saying("records %d to %d of the event log are gone, and were not copied", base.Record, low-1)
	case end < base.Record:
		return nil, errOther
	}
	client, err := l.opts.client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{l.opts.Topic: {0: kgo.NewOffset().At(low)}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchMaxPartitionBytes(4<<20),
		kgo.FetchMaxBytes(maxRecord),
		kgo.FetchMaxWait(fetchWait),
	)
	if err != nil {
		return nil, failure(err)
	}
	f := &follower{machine: newMachine(base), client: client}
	f.read = low
	return f, nil
}

// poll waits for records and hands each to do until it fails. What failed is not read again: the follower is to be closed, unless
// only ctx has ended, which takes no records.
func (f *follower) poll(ctx context.Context, do func(number int64, key, value []byte) error) error {
	fetched := f.client.PollRecords(ctx, 1000)
	if err := fetched.Err(); err != nil {
		return failure(err)
	}
	for it := fetched.RecordIter(); !it.Done(); {
		r := it.Next()
		if err := do(r.Offset, r.Key, r.Value); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) close() {
	if f != nil {
		f.client.Close()
	}
}
