package e2e

import (
	"context"
	"testing"

	kitex "github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/stretchr/testify/require"

	rpc "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
)

// TestBothDoorsAgree asks for the same cursors over HTTP and Kitex: the door decides nothing.
func TestBothDoorsAgree(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()})
	in.publish(300, 20, 10)
	peer, err := freshet.NewClient("freshet", kitex.WithHostPorts(in.RPC),
		kitex.WithTransportProtocol(transport.TTHeader), kitex.WithMetaHandler(transmeta.ClientTTHeaderHandler))
	require.NoError(t, err)
	ask := func(cursor string) ([]string, string) {
		p, err := peer.GetFeed(context.Background(), &rpc.GetFeedRequest{Feed: "for-you", Viewer: "v", Cursor: cursor})
		require.NoError(t, err)
		ids := make([]string, len(p.Items))
		for i, it := range p.Items {
			ids[i] = it.Id
		}
		return ids, p.Cursor
	}

	first := in.page("for-you", "viewer", "v")
	cursor := first.Cursor
	for n := 2; n <= 10; n++ {
		if n%2 == 0 { // HTTP first, then RPC; and the other way round
			web := in.page("for-you", "viewer", "v", "cursor", cursor)
			ids, next := ask(cursor)
			require.Equal(t, web.ids(), ids, "page %d", n)
			require.Equal(t, web.Cursor, next, "page %d", n)
			cursor = next
			continue
		}
		ids, next := ask(cursor)
		web := in.page("for-you", "viewer", "v", "cursor", cursor)
		require.Equal(t, ids, web.ids(), "page %d", n)
		require.Equal(t, next, web.Cursor, "page %d", n)
		cursor = next
	}
}
