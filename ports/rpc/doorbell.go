package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/cloudwego/kitex/pkg/remote"
)

// doorbell tells when connections are being taken: Kitex does not say, and a server that is stopped before
// it takes any goes on listening.
type doorbell struct {
	once sync.Once
	rung chan struct{}
}

// OnActive implements remote.InboundHandler.
func (d *doorbell) OnActive(ctx context.Context, _ net.Conn) (context.Context, error) {
	d.once.Do(func() { close(d.rung) })
	return ctx, nil
}

// OnInactive implements remote.InboundHandler.
func (d *doorbell) OnInactive(ctx context.Context, _ net.Conn) context.Context { return ctx }

// OnRead implements remote.InboundHandler.
func (d *doorbell) OnRead(ctx context.Context, _ net.Conn) (context.Context, error) { return ctx, nil }

// OnMessage implements remote.InboundHandler.
func (d *doorbell) OnMessage(ctx context.Context, _, _ remote.Message) (context.Context, error) {
	return ctx, nil
}

const patience = 10 * time.Second

// ring connects until the door opens; done ends with the server.
func (d *doorbell) ring(addr string, done <-chan struct{}) error {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return fmt.Errorf("rpc: cannot be reached at its own address: %w", err)
	}
	defer func() { _ = conn.Close() }()
	select {
	case <-d.rung:
		return nil
	case <-done:
		return errors.New("rpc: ended as it began")
	case <-time.After(patience):
		return errors.New("rpc: takes no connections")
	}
}
