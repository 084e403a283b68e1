package rpc

import (
	"context"
	"strings"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// deeds say what each method is about to do. Those in inside concern whom the method itself finds, and it asks the caller's
// leave; other requests with a viewer concern that one.
var (
	deeds = map[string]access.Deed{
		"GetFeed": access.Watch, "GetRelated": access.Watch, "GetSession": access.Watch, "ListSessions": access.Watch, "ReplayPage": access.Watch,
		"GetTuning": access.Watch, "ListRelations": access.Watch,
		"RecordEvents": access.Act, "SetTuning": access.Act, "ClearTuning": access.Act, "SetRelation": access.Act, "ClearRelation": access.Act,
		"ExportViewer": access.Export, "EraseViewer": access.Erase,
		"GetItem": access.Browse,
		"PutItem": access.Publish, "PutItems": access.Publish, "PatchItem": access.Publish, "HideItem": access.Publish, "RestoreItem": access.Publish, "RemoveItem": access.Publish,
	}
	inside = map[string]bool{"GetSession": true, "ReplayPage": true, "RecordEvents": true}
)

// admit finds out who calls, and refuses what they may not do.
func (s *service) admit(ctx context.Context, q any) error {
	if s.Callers == nil {
		return nil
	}
	method := rpcinfo.GetRPCInfo(ctx).Invocation().MethodName()
	deed, known := deeds[method]
	if !known {
		return access.ErrDenied
	}
	g := guestOf(ctx)
	caller, err := s.Callers.Caller(ctx, admitting.Credentials{Token: g.token})
	if err != nil {
		return err
	}
	g.caller = caller
	if inside[method] {
		return caller.MaySome(deed)
	}
	viewer := audience.ViewerID("")
	if of, ok := q.(interface{ GetViewer() string }); ok {
		viewer = audience.ViewerID(of.GetViewer())
	}
	return caller.May(deed, viewer)
}

// may asks for leave once it is known whom a call concerns.
func (s *service) may(ctx context.Context, d access.Deed, viewer audience.ViewerID) error {
	if s.Callers == nil {
		return nil
	}
	return guestOf(ctx).caller.May(d, viewer)
}

// mayRead asks for leave to read a session of the viewer.
func (s *service) mayRead(ctx context.Context, viewer audience.ViewerID) error {
	if err := s.may(ctx, access.Watch, viewer); err != nil {
		return fault.Of(err).On("session").Saying("the session is another viewer's")
	}
	return nil
}

// guest is who calls: what they brought, and who that is once it is known.
type guest struct {
	token  string
	caller access.Caller
}

type guestKey struct{}

// guestOf is a stranger where the transport has no headers.
func guestOf(ctx context.Context) *guest {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		return g
	}
	return &guest{}
}

// guests takes the token from the headers of the call, as requestIDs does the id.
type guests struct{}

var tokenHeaders = []string{"RPC_TRANSIT_" + wire.TokenKey, "RPC_PERSIST_" + wire.TokenKey}

// ReadMeta implements remote.MetaHandler: TTHeader.
func (guests) ReadMeta(ctx context.Context, msg remote.Message) (context.Context, error) {
	headers := msg.TransInfo().TransStrInfo()
	g := &guest{}
	for _, name := range tokenHeaders {
		if token := headers[name]; token != "" {
			g.token = token
			break
		}
	}
	return context.WithValue(ctx, guestKey{}, g), nil
}

// OnReadStream implements remote.StreamingMetaHandler: gRPC.
func (guests) OnReadStream(ctx context.Context) (context.Context, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	g := &guest{}
	for _, name := range tokenHeaders {
		for _, token := range headers.Get(strings.ReplaceAll(name, "_", "-")) {
			g.token = token
		}
	}
	for _, h := range headers.Get("authorization") {
		if len(h) > len(bearer) && strings.EqualFold(h[:len(bearer)], bearer) {
			g.token = h[len(bearer):]
		}
	}
	return context.WithValue(ctx, guestKey{}, g), nil
}

const bearer = "Bearer "

// WriteMeta sends nothing.
func (guests) WriteMeta(ctx context.Context, _ remote.Message) (context.Context, error) {
	return ctx, nil
}

// OnConnectStream is for clients.
func (guests) OnConnectStream(ctx context.Context) (context.Context, error) { return ctx, nil }
