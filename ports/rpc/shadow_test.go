package rpc_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/ports/rpc"
	"github.com/freshet/freshet/ports/wire"
)

// marked is a client whose calls are shadow traffic.
func (w *world) marked(value string) freshet.Client {
	return w.client(client.WithTransportProtocol(transport.TTHeaderFramed), client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithMetaHandler(header{"RPC_TRANSIT_" + wire.ShadowKey, value}))
}

func TestMarkedCallsAreOfStrangersOfTheSameName(t *testing.T) {
	w := newWorld(t)
	w.publish(40)
	ctx, shadow := t.Context(), w.marked("1")
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "v", Limit: ptr[int32](5)}
	first, err := shadow.GetFeed(ctx, q)
	require.NoError(t, err)
	real, err := w.GetFeed(ctx, q)
	require.NoError(t, err)
	require.Equal(t, ids(first), ids(real), "what shadow traffic was served does not rest for others")

	on := *q
	on.Cursor = first.Cursor
	second, err := shadow.GetFeed(ctx, &on)
	require.NoError(t, err)
	require.NotContains(t, ids(first), ids(second)[0])
	_, err = w.GetFeed(ctx, &on)
	got := reads(t, err)
	require.Equal(t, refused{400, "shadow_cursor", "cursor", got.request, false}, got)
	on.Cursor = real.Cursor
	_, err = shadow.GetFeed(ctx, &on)
	require.Equal(t, "shadow_cursor", reads(t, err).key)

	_, err = shadow.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: "v", Kind: thrift.RelationKind_FOLLOW, Author: "a1"})
	require.NoError(t, err)
	recorded, err := shadow.RecordEvents(ctx, &thrift.RecordEventsRequest{Events: []*thrift.Event{
		{EventId: "e", Type: "like", Viewer: "v", Item: ids(first)[0], At: time.Now().UnixMilli()},
	}})
	require.NoError(t, err)
	require.EqualValues(t, 1, recorded.Accepted)
	export := func(c freshet.Client) int {
		t.Helper()
		lines, err := c.ExportViewer(ctx, &thrift.ExportViewerRequest{Viewer: "v"})
		require.NoError(t, err)
		return len(lines.Lines)
	}
	require.Equal(t, []int{5, 2}, []int{export(shadow), export(w.Client)}, "relation, event, session and two pages; session and page")
	_, err = w.GetSession(ctx, &thrift.GetSessionRequest{Session: first.Session})
	require.Equal(t, "session_not_found", reads(t, err).key)
	_, err = shadow.GetSession(ctx, &thrift.GetSessionRequest{Session: first.Session})
	require.NoError(t, err)
}

func TestMarkedCallsOverGRPC(t *testing.T) {
	w := newWorld(t)
	w.publish(10)
	cl := w.client(client.WithTransportProtocol(transport.GRPC))
	for _, name := range []string{"rpc-transit-freshet-shadow", "rpc-persist-freshet-shadow"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), name, "1")
		page, err := cl.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "v"})
		require.NoError(t, err)
		_, err = cl.GetSession(t.Context(), &thrift.GetSessionRequest{Session: page.Session})
		require.Equal(t, "session_not_found", reads(t, err).key)
	}
}

// eachMethod calls every method of the service with nothing and tells how it was refused.
func eachMethod(t *testing.T, c freshet.Client, tell func(method string, err error)) {
	t.Helper()
	v := reflect.ValueOf(c)
	for i := range v.NumMethod() {
		m := v.Type().Method(i)
		out := v.Method(i).Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.New(m.Type.In(2).Elem())})
		err, _ := out[1].Interface().(error)
		tell(m.Name, err)
	}
}

func TestMarkedCallsAreRefusedWhatTheyWouldShare(t *testing.T) {
	w := newWorld(t)
	var kept []string
	eachMethod(t, w.marked("1"), func(method string, err error) {
		if err != nil && reads(t, err).key == "shadow_refused" {
			require.EqualValues(t, 403, reads(t, err).code)
			kept = append(kept, method)
		}
	})
	require.Equal(t, []string{"EraseViewer", "HideItem", "PatchItem", "PutItem", "PutItems", "RemoveItem", "RestoreItem"}, kept)
	eachMethod(t, w.marked("yes"), func(method string, err error) {
		got := reads(t, err)
		require.Equal(t, refused{400, "bad_shadow", "", got.request, false}, got, method)
	})
	require.EqualValues(t, 42, w.server.Shadowed())
}

func TestWhereMarkedCallsAreSwitchedOffTheyAreRefusedAndNeverReal(t *testing.T) {
	w := newWorld(t)
	w.deps.Shadow = nil
	w.serve(rpc.Options{}, w.deps)
	eachMethod(t, w.marked("1"), func(method string, err error) {
		got := reads(t, err)
		require.Equal(t, refused{403, "shadow_disabled", "", got.request, false}, got, method)
	})
	_, err := w.GetItem(t.Context(), &thrift.GetItemRequest{Id: "none"})
	require.Equal(t, "item_not_found", reads(t, err).key)
}
