package rpc_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/ports/rpc"
)

var poolOfOne = connpool.IdleConfig{MaxIdlePerAddress: 1, MaxIdleGlobal: 1, MaxIdleTimeout: time.Minute}

// header is a client's meta handler that sends one header.
type header struct{ name, value string }

func (h header) WriteMeta(ctx context.Context, msg remote.Message) (context.Context, error) {
	msg.TransInfo().PutTransStrInfo(map[string]string{h.name: h.value})
	return ctx, nil
}

func (h header) ReadMeta(ctx context.Context, _ remote.Message) (context.Context, error) {
	return ctx, nil
}

// slow answers when told to.
type slow struct {
	catalog.ItemRepository
	asked  chan struct{}
	answer chan struct{}
}

func (s slow) Find(context.Context, catalog.ItemID) (*catalog.FeedItem, error) {
	close(s.asked)
	<-s.answer
	return nil, catalog.ErrItemNotFound
}

func slowServer(t *testing.T, drain time.Duration) (slow, *rpc.Server, chan error) {
	repo := slow{asked: make(chan struct{}), answer: make(chan struct{})}
	server := rpc.New(rpc.Options{Addr: "127.0.0.1:0", Drain: drain}, rpc.Deps{Items: publishing.NewItems(repo, nil, time.Now)})
	require.NoError(t, server.Start())
	w := &world{t: t, server: server}
	cl := w.client(client.WithLongConnection(poolOfOne))
	got := make(chan error, 1)
	go func() {
		_, err := cl.GetItem(context.Background(), &thrift.GetItemRequest{Id: "x"})
		got <- err
	}()
	<-repo.asked
	return repo, server, got
}

func TestShutdownLetsCallsUnderWayFinish(t *testing.T) {
	repo, server, got := slowServer(t, 0)
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(context.Background()) }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", server.Addr())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond, "nobody new is let in")
	select {
	case err := <-down:
		t.Fatalf("shut down before the call was answered: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	close(repo.answer)
	require.Equal(t, "item_not_found", reads(t, <-got).key)
	require.NoError(t, <-down)
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	repo, server, got := slowServer(t, 300*time.Millisecond)
	require.Error(t, server.Shutdown(context.Background()))
	close(repo.answer)
	require.Error(t, <-got)
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	repo, server, got := slowServer(t, 0)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, server.Shutdown(ctx), context.DeadlineExceeded)
	close(repo.answer)
	require.Error(t, <-got)
}

func TestAServerThatIsStoppedAsItStartsIsStopped(t *testing.T) {
	for range 20 {
		s := rpc.New(rpc.Options{Addr: "127.0.0.1:0"}, rpc.Deps{})
		require.NoError(t, s.Start())
		require.NoError(t, s.Shutdown(context.Background()))
		require.NoError(t, s.Shutdown(context.Background()), "again")
		_, err := net.Dial("tcp", s.Addr())
		require.Error(t, err)
	}
}

func TestAnAddressInUseIsAnErrorOfStart(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = ln.Close() }()
	require.Error(t, rpc.New(rpc.Options{Addr: ln.Addr().String()}, rpc.Deps{}).Start())
}
