package rpc_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/ports/rpc"
	"github.com/freshet/freshet/ports/wire"
)

// named takes as a token's viewer what follows "of:", and as a scope what follows "may:".
type named struct{}

func (named) Bearer(_ context.Context, token string) (access.Caller, error) {
	if name, ok := strings.CutPrefix(token, "of:"); ok {
		return access.Bearer(audience.ViewerID(name), 0), nil
	}
	if scope, ok := strings.CutPrefix(token, "may:"); ok {
		set, err := access.ParseScopes([]string{scope})
		return access.Service("s", set), err
	}
	return access.Caller{}, admitting.ErrToken
}

// guarded is a world where callers prove who they are.
func guarded(t *testing.T) *world {
	w := newWorld(t)
	deps := w.deps
	deps.Callers = admitting.NewAdmit(admitting.Options{Opaque: named{}}, admitting.NewKeyring(nil, time.Now))
	w.serve(rpc.Options{PageTime: time.Minute}, deps)
	return w
}

func (w *world) as(token string) freshet.Client {
	options := []client.Option{client.WithTransportProtocol(transport.TTHeaderFramed), client.WithMetaHandler(transmeta.ClientTTHeaderHandler)}
	if token != "" {
		options = append(options, client.WithMetaHandler(header{"RPC_TRANSIT_" + wire.TokenKey, token}))
	}
	return w.client(options...)
}

// Every method is called with nothing by every kind of caller: for no viewer, who is nobody's.
func TestNobodyDoesWhatTheyMayNot(t *testing.T) {
	const in = 0
	callers := []string{"", "wrong", "of:v", "may:items:write", "may:events:write", "may:feeds:read", "may:admin"}
	publish, act, own := []int32{401, 401, 403, in, 403, 403, in}, []int32{401, 401, 403, 403, in, 403, in}, []int32{401, 401, 403, 403, 403, 403, in}
	browse, watch := []int32{401, 401, 403, in, 403, in, in}, []int32{in, 401, in, in, in, in, in}
	session := []int32{401, 401, in, 403, 403, in, in}
	rules := map[string][]int32{
		"PutItem": publish, "PutItems": publish, "PatchItem": publish, "HideItem": publish, "RestoreItem": publish, "RemoveItem": publish, "GetItem": browse,
		"SetTuning": act, "ClearTuning": act, "SetRelation": act, "ClearRelation": act, "RecordEvents": {401, 401, in, 403, in, 403, in},
		"GetFeed": watch, "GetRelated": watch, "ListSessions": watch, "GetTuning": watch, "ListRelations": watch, "GetSession": session, "ReplayPage": session,
		"ExportViewer": own, "EraseViewer": own,
	}
	w := guarded(t)
	for i, caller := range callers {
		called := 0
		eachMethod(t, w.as(caller), func(method string, err error) {
			called++
			require.Contains(t, rules, method)
			code := int32(0)
			if err != nil {
				code = int32(reads(t, err).code)
			}
			if want := rules[method][i]; want != in {
				require.Equal(t, want, code, "%q calls %s: %v", caller, method, err)
			} else {
				require.NotContains(t, []int32{401, 403}, code, "%q calls %s: %v", caller, method, err)
			}
		})
		require.Equal(t, len(rules), called)
	}
}

func TestAViewerSeesTheirOwnAndNobodyElses(t *testing.T) {
	w := guarded(t)
	w.Client = w.as("may:admin")
	w.publish(5)
	v, other := w.as("of:v"), w.as("of:w")
	page, err := v.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "v"})
	require.NoError(t, err)
	_, err = other.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "v"})
	require.Equal(t, "foreign_viewer", reads(t, err).key)
	_, err = v.GetSession(t.Context(), &thrift.GetSessionRequest{Session: page.Session})
	require.NoError(t, err)
	_, err = other.GetSession(t.Context(), &thrift.GetSessionRequest{Session: page.Session})
	require.Equal(t, "session", reads(t, err).field)
	_, err = other.ReplayPage(t.Context(), &thrift.ReplayPageRequest{Session: page.Session, Page: 1})
	require.Equal(t, "foreign_viewer", reads(t, err).key)
	got, err := v.RecordEvents(t.Context(), &thrift.RecordEventsRequest{Events: []*thrift.Event{
		{EventId: "1", Type: "like", Viewer: "w", Item: page.Items[0].Id, At: time.Now().UnixMilli()},
		{EventId: "2", Type: "like", Viewer: "v", Item: page.Items[0].Id, At: time.Now().UnixMilli()},
	}})
	require.NoError(t, err)
	require.Equal(t, []string{"rejected", "accepted"}, []string{got.Results[0].Status, got.Results[1].Status})
	require.Equal(t, "foreign_viewer", got.Results[0].Error)
}

func TestTokensTravelOverGRPC(t *testing.T) {
	w := guarded(t)
	cl := w.client(client.WithTransportProtocol(transport.GRPC))
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "v"}
	for _, header := range [][2]string{{"rpc-transit-freshet-token", "of:v"}, {"rpc-persist-freshet-token", "of:v"}, {"authorization", "Bearer of:v"}, {"authorization", "bearer of:v"}} {
		_, err := cl.GetFeed(metadata.AppendToOutgoingContext(t.Context(), header[0], header[1]), q)
		require.NoError(t, err, header)
	}
	_, err := cl.GetFeed(t.Context(), q)
	require.Equal(t, "unauthenticated", reads(t, err).key)
}
