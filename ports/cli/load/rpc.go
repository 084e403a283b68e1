package load

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/client/callopt"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/ports/wire"
)

// rpcDoor asks one instance by Kitex: TTHeader over long connections, as the services around it would.
type rpcDoor struct {
	addr   string
	client freshet.Client
	there  callopt.Option // named in the call: Kitex tries several times, and says so each time, where it resolves by itself
	feed   string
	tag    string
	limit  int32
	shadow bool
	key    string // empty: none
}

func newRPCDoor(addr string, o *Options) (*rpcDoor, error) {
	at, err := net.ResolveTCPAddr("tcp", addr) // here and not for every call
	if err != nil {
		return nil, err
	}
	c, err := freshet.NewClient("freshet",
		client.WithHostPorts(at.String()),
		client.WithTransportProtocol(transport.TTHeaderFramed),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: o.Connections, MaxIdleGlobal: o.Connections, MaxIdleTimeout: time.Minute}),
		client.WithConnectTimeout(o.Timeout),
		client.WithRPCTimeout(o.Timeout),
	)
	return &rpcDoor{addr: addr, client: c, there: callopt.WithHostPort(at.String()), feed: o.Feed, tag: o.Tag, limit: int32(o.Limit), shadow: !o.Real, key: o.Key}, err
}

func (d *rpcDoor) over() way { return overRPC }

// renewed is nothing: Kitex does not send again what it was not told to.
func (d *rpcDoor) renewed() int64 { return 0 }

// close does nothing: a generated client has no end, and its connections end with the process or by themselves.
func (d *rpcDoor) close() {}

func (d *rpcDoor) marked(ctx context.Context) context.Context {
	if d.shadow {
		ctx = metainfo.WithPersistentValue(ctx, wire.ShadowKey, "1")
	}
	if d.key != "" {
		ctx = metainfo.WithValue(ctx, wire.TokenKey, d.key)
	}
	return ctx
}

func (d *rpcDoor) page(ctx context.Context, s *session, p *page) error {
	a, err := d.client.GetFeed(d.marked(ctx), &thrift.GetFeedRequest{Feed: d.feed, Viewer: s.viewer, Limit: &d.limit, Cursor: s.cursor, Tag: d.tag}, d.there)
	if err != nil {
		return failureOf(err)
	}
	p.reset()
	p.Session, p.Number, p.Cursor, p.Rung = a.Session, int64(a.Page), a.Cursor, a.Rung
	for _, it := range a.Items {
		p.Items = append(p.Items, shown{it.Id, it.Context, int64(it.Position)})
	}
	return nil
}

func (d *rpcDoor) report(ctx context.Context, s *session, acts []act, t *taken) error {
	now := time.Now().UnixMilli()
	events := make([]*thrift.Event, len(acts))
	for i := range acts {
		a := &acts[i]
		events[i] = &thrift.Event{
			EventId: a.id, Type: a.kind, Viewer: s.viewer, Item: a.item, At: now, Session: s.id, Context: a.context,
			WatchMs: a.watched.Milliseconds(), DurationMs: a.of.Milliseconds(),
		}
	}
	a, err := d.client.RecordEvents(d.marked(ctx), &thrift.RecordEventsRequest{Events: events}, d.there)
	if err != nil {
		return failureOf(err)
	}
	*t = taken{Accepted: int64(a.Accepted), Duplicate: int64(a.Duplicate), Rejected: int64(a.Rejected)}
	if t.Accepted+t.Duplicate+t.Rejected != int64(len(acts)) {
		return &failure{class: broken, malformed: true}
	}
	for _, r := range a.Results {
		if r.Error != "" {
			t.Results = append(t.Results, result{r.Error})
		}
	}
	return nil
}

func failureOf(err error) *failure {
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		return &failure{class: rpcClass(biz.BizStatusCode(), biz.BizExtra()["error"])}
	}
	var told *thrift.Failure
	switch {
	case errors.As(err, &told):
		return &failure{class: rpcClass(told.Code, told.Key)}
	case errors.Is(err, kerrors.ErrGetConnection):
		return &failure{class: noConnection}
	case kerrors.IsTimeoutError(err):
		return &failure{class: noAnswer}
	}
	return &failure{class: cutShort}
}

func rpcClass(code int32, key string) string { return "rpc " + strconv.Itoa(int(code)) + " " + key }
