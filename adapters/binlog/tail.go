package binlog

import (
	"context"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/audience"
)

// batchRows is about how many rows one batch holds at most; partRows, how many of one transaction are held back until it
// ends.
const (
	batchRows = 2000
	partRows  = 20_000
)

// tail is the capturing.Tail.
type tail struct {
	log    *Log
	syncer *replication.BinlogSyncer
	door   *door
	stream *replication.BinlogStreamer
	gather *gathering
	unread []*replication.BinlogEvent
}

// Next implements capturing.Tail.
func (t *tail) Next(ctx context.Context, wait time.Duration) (capturing.Batch, error) {
	until := time.Now().Add(wait)
	for {
		if err := t.receive(ctx, until); err != nil {
			return capturing.Batch{}, err
		}
		for len(t.unread) > 0 && t.gather.rows < batchRows {
			e := t.unread[0]
			t.unread = t.unread[1:]
			t.gather.take(e)
		}
		if t.gather.open.rows >= partRows {
			t.gather.part()
		}
		if t.gather.ready() || !time.Now().Before(until) {
			break
		}
	}
	b := t.gather.batch()
	b.More = len(t.unread) > 0
	return b, t.settled(ctx, b.Viewers)
}

// receive waits for events until the moment; none is no error.
func (t *tail) receive(ctx context.Context, until time.Time) error {
	if len(t.unread) > 0 {
		return nil
	}
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	e, err := t.stream.GetEvent(waiting)
	switch {
	case err == nil:
		t.unread = append(append(t.unread[:0], e), t.stream.DumpEvents()...)
		return nil
	case waiting.Err() != nil && ctx.Err() == nil:
		return nil
	}
	return refusal(err)
}

// settled returns once what the log says of the viewers is what others read in the tables: the log is sent a moment
// before a transaction lets go of its rows.
func (t *tail) settled(ctx context.Context, viewers []audience.ViewerID) error {
	for len(viewers) > 0 {
		some := viewers[:min(len(viewers), 500)]
		viewers = viewers[len(some):]
		list := strings.Repeat("?,", len(some)-1) + "?"
		args := make([]any, len(some))
		for i, v := range some {
			args[i] = []byte(v)
		}
		for _, table := range []string{"ties", "decisions"} {
			rows, err := t.log.db.QueryContext(ctx, "SELECT viewer FROM "+table+" WHERE viewer IN ("+list+") LOCK IN SHARE MODE", args...)
			if err != nil {
				return unavailable(err)
			}
			if err := each(rows, 1, func([]string) {}); err != nil {
				return unavailable(err)
			}
		}
	}
	return nil
}

// Close implements capturing.Tail.
func (t *tail) Close() {
	t.door.shut()
	t.syncer.Close()
}
