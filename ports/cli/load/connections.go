package load

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	hertz "github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/http1/req"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"
)

// connections are those to one instance. Hertz has a client that pools them; it sends again, as often as it takes and
// without a word, what went out on a connection that the server was closing. Here that happens once and is counted.
type connections struct {
	addr    string // host:port
	secure  *tls.Config
	timeout time.Duration
	dialer  network.Dialer

	mu    sync.Mutex
	free  []network.Conn
	again atomic.Int64 // requests that were sent again
}

func newConnections(addr string, secure *tls.Config, timeout time.Duration) *connections {
	// Of Hertz's two dialers the standard one costs half as much here (BenchmarkClients).
	return &connections{addr: addr, secure: secure, timeout: timeout, dialer: standard.NewDialer()}
}

// do sends a request and reads the answer. A *failure says why there is none.
func (c *connections) do(q *protocol.Request, a *protocol.Response) error {
	conn := c.take()
	if conn != nil {
		err := c.exchange(conn, q, a)
		if err == nil || !errors.Is(err, errClosed) {
			return err
		}
		c.again.Add(1)
	}
	conn, err := c.dialer.DialConnection("tcp", c.addr, c.timeout, c.secure)
	if err != nil {
		return &failure{class: noConnection}
	}
	return c.exchange(conn, q, a)
}

// errClosed is the failure of a request on a connection that ended before anything came back.
var errClosed = &failure{class: cutShort}

func (c *connections) exchange(conn network.Conn, q *protocol.Request, a *protocol.Response) error {
	err := errors.Join(conn.SetWriteTimeout(c.timeout), conn.SetReadTimeout(c.timeout))
	if err == nil {
		err = req.Write(q, conn)
	}
	if err == nil {
		err = conn.Flush()
	}
	if err == nil {
		_, err = conn.Peek(1)
	}
	if err != nil {
		_ = conn.Close()
		if slow(conn, err) {
			return &failure{class: noAnswer}
		}
		return errClosed
	}
	if err = resp.ReadHeaders(a, conn); err == nil {
		err = resp.ReadRespBody(a, conn, mostAnswer)
	}
	_ = conn.Release() // of what was read; it cannot fail
	if err != nil {
		_ = conn.Close()
		if slow(conn, err) {
			return &failure{class: noAnswer}
		}
		return &failure{class: cutShort}
	}
	if a.ConnectionClose() {
		_ = conn.Close()
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, conn)
	return nil
}

// mostAnswer is how long an answer may be.
const mostAnswer = 16 << 20

// slow reports that a connection failed because its time was over.
func slow(conn network.Conn, err error) bool {
	if n, ok := conn.(network.ErrorNormalization); ok {
		err = n.ToHertzError(err)
	}
	var timed net.Error
	return errors.Is(err, hertz.ErrTimeout) || errors.As(err, &timed) && timed.Timeout()
}

// take prefers the connection used last, so that those too many grow old.
func (c *connections) take() network.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.free) - 1
	if last < 0 {
		return nil
	}
	conn := c.free[last]
	c.free = c.free[:last]
	return conn
}

func (c *connections) renewed() int64 { return c.again.Load() }

// close ends those that are not in use.
func (c *connections) close() {
	for conn := c.take(); conn != nil; conn = c.take() {
		_ = conn.Close()
	}
}
