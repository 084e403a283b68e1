package rpc

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
)

// requestIDs takes the caller's request id from the headers of the call: the metainfo value REQUEST_ID,
// transient or persistent, which TTHeader and gRPC spell differently. Other transports have no headers.
type requestIDs struct{}

type requestIDKey struct{}

var requestIDHeaders = []string{"RPC_TRANSIT_REQUEST_ID", "RPC_PERSIST_REQUEST_ID"}

// ReadMeta implements remote.MetaHandler: TTHeader.
func (requestIDs) ReadMeta(ctx context.Context, msg remote.Message) (context.Context, error) {
	headers := msg.TransInfo().TransStrInfo()
	for _, name := range requestIDHeaders {
		if id := headers[name]; usableID(id) {
			return context.WithValue(ctx, requestIDKey{}, id), nil
		}
	}
	return ctx, nil
}

// OnReadStream implements remote.StreamingMetaHandler: gRPC.
func (requestIDs) OnReadStream(ctx context.Context) (context.Context, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	for _, name := range requestIDHeaders {
		for _, id := range headers.Get(strings.ReplaceAll(name, "_", "-")) {
			if usableID(id) {
				return context.WithValue(ctx, requestIDKey{}, id), nil
			}
		}
	}
	return ctx, nil
}

// WriteMeta sends nothing: the answers carry the id.
func (requestIDs) WriteMeta(ctx context.Context, _ remote.Message) (context.Context, error) {
	return ctx, nil
}

// OnConnectStream is for clients.
func (requestIDs) OnConnectStream(ctx context.Context) (context.Context, error) { return ctx, nil }

// requestID is the caller's id of the call, or a new one.
func requestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok {
		return id
	}
	var b [12]byte
	binary.BigEndian.PutUint64(b[:], rand.Uint64()) // it is unlikely to be given twice, and no secret
	binary.BigEndian.PutUint32(b[8:], rand.Uint32())
	return hex.EncodeToString(b[:])
}

// usableID keeps out what would not survive headers and logs.
func usableID(id string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return id != "" && len(id) <= 128 && strings.IndexFunc(id, outside) < 0
}
