package load

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Idle is what became of the connections that were held open beside the load.
type Idle struct {
	Wanted int    `json:"wanted"`
	Opened int    `json:"opened"`
	Lost   int    `json:"lost"`                 // closed by the other side before the end
	Bytes  int64  `json:"bytes_each,omitempty"` // what the first process of --pid grew by while they were opened, for each
	Why    string `json:"why,omitempty"`        // the first one that could not be opened
}

// idle holds connections. Each has asked once, so that the server has seen a request of it, and asks again often enough not
// to be taken for dead.
type idle struct {
	told  Idle
	conns []net.Conn
	ask   []byte
	lost  atomic.Int64
	stop  context.CancelFunc
	done  chan struct{}
}

const (
	opening      = 64               // at a time
	remind       = 45 * time.Second // below what servers wait between two requests
	fromEach     = 4_000            // connections from one address of this machine: the more of its 28,000 ports are taken, the longer Linux looks for a free one
	idlePatience = 5 * time.Second
)

// hold opens the connections; none when none are wanted.
func hold(ctx context.Context, o *Options) (*idle, error) {
	if o.Idle == 0 {
		return nil, nil
	}
	u, err := url.Parse(o.To[0])
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" || u.Port() == "" {
		return nil, fmt.Errorf("--idle: connections are held to an address like http://127.0.0.1:8080, and %s is none", o.To[0])
	}
	h := &idle{told: Idle{Wanted: o.Idle}, conns: make([]net.Conn, o.Idle), done: make(chan struct{})}
	h.ask = fmt.Appendf(nil, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", u.Host)
	before := residentOf(o.Processes)
	var mu sync.Mutex
	h.each(func(i int) {
		if ctx.Err() != nil {
			return
		}
		c, err := dial(u, i)
		if err == nil && !h.alive(c) {
			err = fmt.Errorf("%s ended the connection", u.Host)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			h.told.Why = cmp.Or(h.told.Why, err.Error())
			return
		}
		h.conns[i] = c
		h.told.Opened++
	})
	if before > 0 && h.told.Opened > 0 {
		h.told.Bytes = max(0, residentOf(o.Processes)-before) / int64(h.told.Opened)
	}
	ctx, h.stop = context.WithCancel(ctx)
	go h.keep(ctx)
	return h, nil
}

// dial takes further addresses of this machine for connections to itself when ports run out.
func dial(u *url.URL, i int) (net.Conn, error) {
	d := net.Dialer{Timeout: idlePatience, KeepAlive: -1}
	if ip := net.ParseIP(u.Hostname()).To4(); ip != nil && ip.IsLoopback() {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 1, byte(i/fromEach/250), byte(1+i/fromEach%250))}
	}
	return d.Dial("tcp", u.Host)
}

// keep reminds the server of every connection now and then, until ctx ends.
func (h *idle) keep(ctx context.Context) {
	defer close(h.done)
	for wait(ctx, time.Now().Add(remind)) {
		h.check()
	}
}

// check asks on every connection and counts those that have ended.
func (h *idle) check() {
	h.each(func(i int) {
		if c := h.conns[i]; c != nil && !h.alive(c) {
			_ = c.Close()
			h.conns[i] = nil
			h.lost.Add(1)
		}
	})
}

// alive asks and reads what comes: a short answer without interest.
func (h *idle) alive(c net.Conn) bool {
	if c.SetDeadline(time.Now().Add(idlePatience)) != nil {
		return false
	}
	if _, err := c.Write(h.ask); err != nil {
		return false
	}
	var answer [4096]byte
	_, err := c.Read(answer[:])
	return err == nil
}

func (h *idle) each(do func(i int)) {
	var workers sync.WaitGroup
	var next atomic.Int64
	for range opening {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(h.conns); i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// report looks once more; nil when none were wanted.
func (h *idle) report() *Idle {
	if h == nil {
		return nil
	}
	h.stop()
	<-h.done
	h.check()
	h.told.Lost = int(h.lost.Load())
	return &h.told
}

// release closes them.
func (h *idle) release() {
	if h == nil {
		return
	}
	h.stop()
	<-h.done
	for _, c := range h.conns {
		if c != nil {
			_ = c.Close()
		}
	}
}

func residentOf(processes []Process) int64 {
	if len(processes) == 0 {
		return 0
	}
	u, _ := usageOf(processes[0].PID) // 0 when it cannot be read
	return u.resident
}
