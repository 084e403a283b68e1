package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/ports/rpc"
)

// A rejected write never looks acknowledged, whatever a client knows of Kitex's headers.
func TestAFailureReachesEveryKindOfClient(t *testing.T) {
	w := newWorld(t)
	meta := client.WithMetaHandler(transmeta.ClientTTHeaderHandler)
	over := client.WithTransportProtocol
	for _, c := range []struct {
		name string
		opts []client.Option
		biz  bool
	}{
		{"buffered, the default", nil, false},
		{"framed", []client.Option{over(transport.Framed)}, false},
		{"TTHeader without a meta handler", []client.Option{over(transport.TTHeader)}, false},
		{"TTHeader", []client.Option{over(transport.TTHeader), meta}, true},
		{"framed TTHeader without a meta handler", []client.Option{over(transport.TTHeaderFramed)}, false},
		{"framed TTHeader", []client.Option{over(transport.TTHeaderFramed), meta}, true},
		{"TTHeader for streams", []client.Option{over(transport.TTHeaderStreaming), meta}, false},
		{"gRPC", []client.Option{over(transport.GRPC)}, true},
		{"one connection for all", []client.Option{over(transport.TTHeader), meta, client.WithMuxConnection(1)}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := w.client(c.opts...)
			for range 2 { // the second time on state that Kitex used before
				_, err := cl.PutItem(t.Context(), &thrift.PutItemRequest{Item: &thrift.Item{Id: "x", Title: strings.Repeat("x", 1025)}})
				got := reads(t, err)
				require.NotEmpty(t, got.request)
				require.Equal(t, refused{400, "too_long", "title", got.request, false}, got)
				_, isBiz := kerrors.FromBizStatusError(err)
				require.Equal(t, c.biz, isBiz)
				var declared *thrift.Failure
				require.Equal(t, !c.biz, errors.As(err, &declared))

				done, err := cl.PutItem(t.Context(), &thrift.PutItemRequest{Item: &thrift.Item{Id: "x", Title: "é"}})
				require.NoError(t, err)
				require.NotEmpty(t, done.Result_.Status)
				require.NotEmpty(t, done.RequestId)
			}
		})
	}
}

func TestARequestIDIsTakenFromTheCallerOverGRPC(t *testing.T) {
	w := newWorld(t)
	cl := w.client(client.WithTransportProtocol(transport.GRPC))
	for _, header := range []string{"rpc-transit-request-id", "rpc-persist-request-id"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), header, "trace-7")
		_, err := cl.GetItem(ctx, &thrift.GetItemRequest{Id: "none"})
		require.Equal(t, refused{404, "item_not_found", "", "trace-7", false}, reads(t, err))
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "rpc-transit-request-id", strings.Repeat("x", 129))
	_, err := cl.GetItem(ctx, &thrift.GetItemRequest{Id: "none"})
	require.Len(t, reads(t, err).request, 24)
}

func TestARequestIDIsTakenFromTheCallerOverTTHeader(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ name, id, want string }{
		{"RPC_TRANSIT_REQUEST_ID", "trace-7", "trace-7"},
		{"RPC_PERSIST_REQUEST_ID", "trace-8", "trace-8"},
		{"RPC_TRANSIT_REQUEST_ID", "two words", ""},
		{"RPC_TRANSIT_REQUEST_ID", "", ""},
	} {
		cl := w.client(client.WithTransportProtocol(transport.TTHeader), client.WithMetaHandler(header{c.name, c.id}))
		done, err := cl.SetRelation(t.Context(), &thrift.SetRelationRequest{Viewer: "u", Kind: thrift.RelationKind_FOLLOW, Author: "a"})
		require.NoError(t, err)
		if c.want != "" {
			require.Equal(t, c.want, done.RequestId)
		} else {
			require.Len(t, done.RequestId, 24)
		}
	}
}

func TestAPanicIsOurBugAndNotTheEnd(t *testing.T) {
	w := &world{t: t}
	w.serve(rpc.Options{}, rpc.Deps{})
	for range 2 {
		_, err := w.GetItem(t.Context(), &thrift.GetItemRequest{Id: "x"})
		got := reads(t, err)
		require.Equal(t, refused{500, "internal", "", got.request, false}, got)
	}
}

func TestARequestThatIsTooLongIsNotRead(t *testing.T) {
	w := &world{t: t}
	w.serve(rpc.Options{MaxRequestBytes: 4096}, rpc.Deps{})
	_, err := w.GetItem(t.Context(), &thrift.GetItemRequest{Id: strings.Repeat("x", 4097)})
	require.Error(t, err)
	_, err = w.GetItem(t.Context(), &thrift.GetItemRequest{Id: strings.Repeat("x", 128)})
	require.EqualValues(t, 500, reads(t, err).code, "the next call is read")
}

type gone struct{ catalog.ItemRepository }

func (gone) Find(context.Context, catalog.ItemID) (*catalog.FeedItem, error) {
	return nil, fault.New(fault.Unavailable, "sql_unavailable", "the database did not answer").Because(errors.New("secret host"))
}

func TestAStoreThatIsOutOfReachIsSaidToBeSo(t *testing.T) {
	w := &world{t: t}
	w.serve(rpc.Options{}, rpc.Deps{Items: publishing.NewItems(gone{}, nil, time.Now)})
	_, err := w.GetItem(t.Context(), &thrift.GetItemRequest{Id: "x"})
	got := reads(t, err)
	require.Equal(t, refused{503, "sql_unavailable", "", got.request, true}, got)
	require.NotContains(t, err.Error(), "secret", "causes are for our logs")
}
