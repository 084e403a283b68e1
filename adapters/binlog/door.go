package binlog

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

var errShut = errors.New("reading has ended")

// door makes the connections of one reader, and ends them at once.
type door struct {
	network, addr string

	mu     sync.Mutex
	closed bool
	conns  []net.Conn
}

func (d *door) open(ctx context.Context, _, _ string) (net.Conn, error) {
	if d.isShut() { // the library would take its leave of the server, which needs none
		return nil, errShut
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, d.network, d.addr)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errors.Join(errShut, conn.Close())
	}
	d.conns = append(d.conns, conn)
	return impatient{conn}, nil
}

func (d *door) isShut() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, c := range d.conns {
		_ = c.Close()
	}
}

// impatient waits for the other side no longer than the timeout, in a handshake too.
type impatient struct{ net.Conn }

func (c impatient) Read(b []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(readTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// SetReadDeadline does not fail on a connection that was shut: the library would then close it under its own reader.
func (c impatient) SetReadDeadline(t time.Time) error {
	_ = c.Conn.SetReadDeadline(t)
	return nil
}

func (c impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(readTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
