package rpc_test

import (
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/observing"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/ports/rpc"
	"github.com/freshet/freshet/test/databases"
)

func TestEventsThatFindNoRoomInTheLogAreToComeLater(t *testing.T) {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "events.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(db), mysqlstore.GroupOptions{Waiting: 1})
	t.Cleanup(log.Close)
	w := &world{t: t}
	w.serve(rpc.Options{}, rpc.Deps{Events: observing.NewRecordEvents(log, nil, nil, memindex.New(), true, time.Now)})
	at := time.Now().UnixMilli()
	two := &thrift.RecordEventsRequest{Events: []*thrift.Event{
		{EventId: "e", Type: "like", Viewer: "ann", Item: "i", At: at}, {EventId: "f", Type: "like", Viewer: "ann", Item: "i", At: at},
	}}
	for _, c := range []struct {
		before func()
		code   int32
		key    string
	}{{func() {}, 429, "event_log_full"}, {log.Close, 503, "event_log_closing"}} {
		c.before()
		_, err := w.RecordEvents(t.Context(), two)
		_, biz := kerrors.FromBizStatusError(err)
		require.True(t, biz, "%v", err)
		said := reads(t, err)
		require.Equal(t, []any{c.code, c.key, true}, []any{said.code, said.key, said.retryable})
	}
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.Zero(t, head)
}
