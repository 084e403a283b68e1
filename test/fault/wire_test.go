package fault

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// trouble is what is wrong with a wire. The zero value: nothing.
type trouble struct {
	name     string
	cut      bool // nobody listens, and what is open is reset
	reset    bool // whoever says something is reset
	up, down flow // what is asked, what is answered
}

// flow is what is wrong with one direction.
type flow struct {
	vanish        bool
	delay, jitter time.Duration
	rate          int // bytes a second; 0: as fast as it goes
	slowClose     time.Duration
}

// wire is the network between one instance and one server.
type wire struct {
	name, addr, to string
	spans          *[]span // of the server that it leads to

	mu       sync.Mutex
	is       trouble
	listener net.Listener
	open     map[*link]struct{}
	running  sync.WaitGroup
}

// link is one connection over a wire.
type link struct {
	ends   [2]*net.TCPConn
	broken bool // something of it vanished: it cannot go on afterwards
}

func (l *link) reset() {
	for _, end := range l.ends {
		_ = end.SetLinger(0)
		_ = end.Close()
	}
}

func newWire(t *testing.T, name, to string, spans *[]span) *wire {
	t.Helper()
	addr, err := servers.FreeAddr() // the same after it was cut
	require.NoError(t, err)
	w := &wire{name: name, addr: addr, to: to, spans: spans, open: map[*link]struct{}{}}
	require.NoError(t, w.befall(trouble{}))
	t.Cleanup(func() {
		_ = w.befall(trouble{cut: true})
		w.running.Wait()
	})
	return w
}

// befall changes what is wrong with it, from now on and for all that is open.
func (w *wire) befall(is trouble) (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.open {
		if is.cut || l.broken {
			l.reset()
		}
	}
	switch w.is = is; {
	case is.cut && w.listener != nil:
		_ = w.listener.Close()
		w.listener = nil
	case !is.cut && w.listener == nil:
		if w.listener, err = net.Listen("tcp", w.addr); err == nil {
			listener := w.listener
			w.running.Go(func() { w.accept(listener) })
		}
	}
	return err
}

func (w *wire) accept(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		l := &link{ends: [2]*net.TCPConn{from.(*net.TCPConn), to.(*net.TCPConn)}}
		w.mu.Lock()
		w.open[l] = struct{}{}
		if w.is.cut {
			l.reset()
		}
		w.mu.Unlock()
		for i := range l.ends {
			w.running.Go(func() {
				w.pass(l, i)
				w.mu.Lock()
				defer w.mu.Unlock()
				delete(w.open, l)
			})
		}
	}
}

// pass hands on what one end says to the other until either is closed.
func (w *wire) pass(l *link, from int) {
	buf := make([]byte, 16<<10)
	for {
		n, err := l.ends[from].Read(buf)
		w.mu.Lock()
		is, way := w.is, w.is.up
		if from == 1 {
			way = w.is.down
		}
		l.broken = l.broken || n > 0 && way.vanish
		lost := l.broken && way.vanish
		w.mu.Unlock()
		if err == nil && !is.reset && lost {
			continue
		}
		if err == nil && !is.reset {
			err = way.write(l.ends[1-from], buf[:n])
		}
		if is.reset {
			l.reset()
			return
		}
		if err != nil {
			time.Sleep(way.slowClose)
			_ = l.ends[0].Close()
			_ = l.ends[1].Close()
			return
		}
	}
}

func (way flow) write(to net.Conn, b []byte) error {
	wait := way.delay
	if way.jitter > 0 {
		wait += time.Duration(rand.Int64N(int64(2*way.jitter))) - way.jitter
	}
	if way.rate > 0 {
		wait += time.Duration(len(b)) * time.Second / time.Duration(way.rate)
	}
	time.Sleep(wait)
	_, err := to.Write(b)
	return err
}
