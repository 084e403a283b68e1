package load

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/ports/wire"
)

// rpcStub answers pages and takes events; every fifth page of it fails.
type rpcStub struct {
	thrift.Freshet
	pages, sessions, events, marked, unmarked atomic.Int64
	disabled                                  atomic.Bool
	enough                                    atomic.Value // func(), called after some 60 calls
}

func (s *rpcStub) mark(ctx context.Context) {
	if enough, ok := s.enough.Load().(func()); ok && s.marked.Load()+s.unmarked.Load() >= 60 {
		enough()
	}
	if v, ok := metainfo.GetPersistentValue(ctx, wire.ShadowKey); ok && v == "1" {
		s.marked.Add(1)
		return
	}
	s.unmarked.Add(1)
}

func (s *rpcStub) GetItem(context.Context, *thrift.GetItemRequest) (*thrift.GetItemResponse, error) {
	if s.disabled.Load() {
		return nil, &thrift.Failure{Code: 403, Key: "shadow_disabled"}
	}
	return nil, &thrift.Failure{Code: 404, Key: "item_not_found"}
}

func (s *rpcStub) GetFeed(ctx context.Context, q *thrift.GetFeedRequest) (*thrift.Page, error) {
	s.mark(ctx)
	if n := s.pages.Add(1); n%5 == 0 {
		return nil, kerrors.NewBizStatusErrorWithExtra(410, "the session has ended", map[string]string{"error": "cursor_expired"})
	} else if n%7 == 0 {
		return nil, &thrift.Failure{Code: 503, Key: "not_ready"}
	}
	session, number := fmt.Sprintf("s%d", s.sessions.Add(1)), int32(1)
	if q.Cursor != "" {
		_, _ = fmt.Sscanf(q.Cursor, "%s %d", &session, &number)
	}
	p := &thrift.Page{Session: session, Page: number, Cursor: fmt.Sprintf("%s %d", session, number+1), Rung: "full"}
	for i := range *q.Limit {
		p.Items = append(p.Items, &thrift.PageItem{Id: fmt.Sprintf("i%d", number*100+i), Context: "c", Position: i + 1})
	}
	return p, nil
}

func (s *rpcStub) RecordEvents(ctx context.Context, q *thrift.RecordEventsRequest) (*thrift.RecordEventsResponse, error) {
	s.mark(ctx)
	s.events.Add(int64(len(q.Events)))
	for _, e := range q.Events {
		if e.Session == "" || e.Context != "c" || !strings.HasPrefix(e.Viewer, "load-") || time.Since(time.UnixMilli(e.At)).Abs() > time.Minute {
			return nil, &thrift.Failure{Code: 400, Key: "not_as_served"}
		}
	}
	return &thrift.RecordEventsResponse{Accepted: int32(len(q.Events))}, nil
}

func startRPC(t *testing.T) (*rpcStub, string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s, end, done := &rpcStub{}, make(chan error), make(chan error, 1)
	k := freshet.NewServer(s, server.WithListener(ln), server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithExitSignal(func() <-chan error { return end }), server.WithExitWaitTime(10*time.Millisecond))
	go func() { done <- k.Run() }()
	t.Cleanup(func() {
		close(end)
		require.NoError(t, <-done)
	})
	return s, ln.Addr().String()
}

func TestItAsksByKitexToo(t *testing.T) {
	s, addr := startRPC(t)
	web := newStub(t, nil)
	for _, both := range []bool{false, true} {
		o := Defaults(Closed)
		o.RPC, o.WarmUp, o.Duration, o.Connections, o.RPCShare, o.Timeout = []string{addr}, 0, time.Minute, 2, 0.3, time.Minute
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.enough.Store(func() { cancel() })
		if both {
			o.To = []string{web.URL}
			s.enough.Store(func() {})
			web.most.Store(200)
			web.enough.Store(func() { cancel() })
		}
		r, err := Run(ctx, o, nil)
		require.NoError(t, err)
		var names []string
		var rpc int64
		for _, k := range r.Kinds {
			names = append(names, k.Name)
			if strings.HasPrefix(k.Name, "rpc") {
				rpc += k.OK
			}
		}
		if both {
			require.Equal(t, []string{"http events", "http page", "rpc events", "rpc page"}, names)
			require.InDelta(t, 0.3, float64(rpc+r.Failed)/float64(r.Requests), 0.15)
			continue
		}
		require.Equal(t, []string{"rpc events", "rpc page"}, names)
		require.Equal(t, s.events.Load(), r.Events.Accepted)
		require.Len(t, r.Errors, 2)
		require.Equal(t, r.Failed, r.Errors["rpc 410 cursor_expired"]+r.Errors["rpc 503 not_ready"])
		require.NoError(t, r.Failure())
		require.Equal(t, r.Requests, s.marked.Load())
		require.Zero(t, s.unmarked.Load())
	}

	o := Defaults(Closed)
	o.RPC, o.WarmUp, o.Duration, o.Connections, o.Real = []string{addr}, 0, time.Minute, 1, true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.enough.Store(func() { cancel() })
	marked := s.marked.Load()
	_, err := Run(ctx, o, nil)
	require.NoError(t, err)
	require.Equal(t, marked, s.marked.Load())
	require.Positive(t, s.unmarked.Load())

	s.disabled.Store(true)
	o.Real = false
	_, err = Run(t.Context(), o, nil)
	require.ErrorContains(t, err, addr+" refuses shadow traffic")
}

func TestNobodyThereIsAFailedConnectionByKitexToo(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	o := Defaults(Open)
	o.RPC, o.WarmUp, o.Duration, o.Rate = []string{ln.Addr().String()}, 0, 200*time.Millisecond, 50
	_, err = Run(t.Context(), o, nil)
	require.EqualError(t, err, o.RPC[0]+" does not answer: connect")
	o.Real = true
	r, err := Run(t.Context(), o, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{noConnection: 10}, r.Errors)
}
