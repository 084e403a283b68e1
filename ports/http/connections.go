package http

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"github.com/cloudwego/hertz/pkg/app"
	hertznet "github.com/cloudwego/hertz/pkg/network/netpoll"
	"github.com/cloudwego/netpoll"
)

// connections knows which connections only wait for a next request: a shutdown closes those at once
// and has to wait for no others. It is a Hertz tracer, which is told when a request begins and when
// its answer has been written.
type connections struct {
	mu   sync.Mutex
	open map[*connection]struct{}
}

type connection struct {
	net.Conn
	busy atomic.Bool
}

type connectionKey struct{}

func newConnections() *connections { return &connections{open: make(map[*connection]struct{})} }

// accept returns the context that requests on the connection run in. Where the network library
// cannot say when a connection ends, none is known and shutdowns wait for all.
func (cs *connections) accept(conn net.Conn) context.Context {
	ctx := context.Background()
	wrapped, ok := conn.(*hertznet.Conn)
	if !ok {
		return ctx
	}
	ends, ok := wrapped.Conn.(netpoll.Connection)
	if !ok {
		return ctx
	}
	c := &connection{Conn: conn}
	c.busy.Store(true)
	if ends.AddCloseCallback(func(netpoll.Connection) error { cs.forget(c); return nil }) != nil {
		return ctx
	}
	cs.mu.Lock()
	cs.open[c] = struct{}{}
	cs.mu.Unlock()
	return context.WithValue(ctx, connectionKey{}, c)
}

func (cs *connections) forget(c *connection) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.open, c)
}

// Start implements tracer.Tracer.
func (cs *connections) Start(ctx context.Context, _ *app.RequestContext) context.Context {
	if c, ok := ctx.Value(connectionKey{}).(*connection); ok {
		c.busy.Store(true)
	}
	return ctx
}

// Finish implements tracer.Tracer.
func (cs *connections) Finish(ctx context.Context, _ *app.RequestContext) {
	if c, ok := ctx.Value(connectionKey{}).(*connection); ok {
		c.busy.Store(false)
	}
}

func (cs *connections) closeIdle() {
	cs.mu.Lock()
	var idle []*connection
	for c := range cs.open {
		if !c.busy.Load() {
			idle = append(idle, c)
		}
	}
	cs.mu.Unlock()
	for _, c := range idle { // outside the lock: closing calls forget
		_ = c.Close()
	}
}
