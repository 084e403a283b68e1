package kafkastore_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
)

var (
	_ engagement.EventLog = (*kafkastore.Log)(nil)
	_ copying.Source      = (*kafkastore.Log)(nil)
)

func TestLog(t *testing.T) {
	engagementtest.Log(t, func(t *testing.T) engagement.EventLog { return open(t, broker(t)) })
}

func TestLogOfAFleet(t *testing.T) {
	engagementtest.Log(t, func(t *testing.T) engagement.EventLog {
		c := broker(t)
		return &inTurn{of: []engagement.EventLog{open(t, c), open(t, c)}}
	})
}

// inTurn asks one instance after the other.
type inTurn struct {
	of   []engagement.EventLog
	turn atomic.Int64
}

func (f *inTurn) next() engagement.EventLog { return f.of[int(f.turn.Add(1))%len(f.of)] }

func (f *inTurn) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	return f.next().Append(ctx, events, received)
}

func (f *inTurn) Known(ctx context.Context, ids []engagement.EventID) ([]bool, error) {
	return f.next().Known(ctx, ids)
}

func (f *inTurn) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	return f.next().Read(ctx, after, limit)
}

func (f *inTurn) Head(ctx context.Context) (engagement.Offset, error) { return f.next().Head(ctx) }
