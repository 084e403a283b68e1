package rpc

import (
	"context"
	"strings"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// What marked calls are refused.
var (
	errMark     = fault.New(fault.Invalid, "bad_shadow", "the metainfo value "+wire.ShadowKey+" is 1, or there is none")
	errNoShadow = fault.New(fault.Denied, "shadow_disabled", "calls marked "+wire.ShadowKey+" are refused: shadow.enabled is off on this service")
	errShared   = fault.New(fault.Denied, "shadow_refused",
		"a call marked "+wire.ShadowKey+" may not do this: the catalogue is everybody's, and erasing concerns what is real")
)

// rehearsed are the methods for shadow traffic too, because all they write is kept apart.
var rehearsed = map[string]bool{
	"GetFeed": true, "GetRelated": true, "GetSession": true, "ListSessions": true, "ReplayPage": true, "RecordEvents": true, "GetItem": true,
	"SetTuning": true, "ClearTuning": true, "GetTuning": true, "SetRelation": true, "ClearRelation": true, "ListRelations": true,
	"ExportViewer": true,
}

// side is the service that the call is for.
func (s *service) side(ctx context.Context) (*service, error) {
	mark, marked := ctx.Value(shadowMarkKey{}).(string)
	if !marked {
		return s, nil
	}
	s.shadowed.Add(1)
	switch {
	case mark != "1":
		return nil, errMark
	case s.apart == nil:
		return nil, errNoShadow
	case !rehearsed[rpcinfo.GetRPCInfo(ctx).Invocation().MethodName()]:
		return nil, errShared
	}
	return s.apart, nil
}

// shadowMarks takes the mark of shadow traffic from the headers of the call, as requestIDs does the id.
type shadowMarks struct{}

type shadowMarkKey struct{}

var shadowHeaders = []string{"RPC_TRANSIT_" + wire.ShadowKey, "RPC_PERSIST_" + wire.ShadowKey}

// ReadMeta implements remote.MetaHandler: TTHeader.
func (shadowMarks) ReadMeta(ctx context.Context, msg remote.Message) (context.Context, error) {
	headers := msg.TransInfo().TransStrInfo()
	for _, name := range shadowHeaders {
		if mark := headers[name]; mark != "" {
			return context.WithValue(ctx, shadowMarkKey{}, mark), nil
		}
	}
	return ctx, nil
}

// OnReadStream implements remote.StreamingMetaHandler: gRPC.
func (shadowMarks) OnReadStream(ctx context.Context) (context.Context, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	for _, name := range shadowHeaders {
		for _, mark := range headers.Get(strings.ReplaceAll(name, "_", "-")) {
			if mark != "" {
				return context.WithValue(ctx, shadowMarkKey{}, mark), nil
			}
		}
	}
	return ctx, nil
}

// WriteMeta sends nothing.
func (shadowMarks) WriteMeta(ctx context.Context, _ remote.Message) (context.Context, error) {
	return ctx, nil
}

// OnConnectStream is for clients.
func (shadowMarks) OnConnectStream(ctx context.Context) (context.Context, error) { return ctx, nil }
