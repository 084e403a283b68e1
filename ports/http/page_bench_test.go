package http

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/servers"
)

// BenchmarkPage asks for pages of 20 over a real Redis, five pages a session, for viewers with a history: 200 actions, and what
// they saw and were served. The feed is of one plain source, so that what is measured is the way to the ranking and back. The
// static reply is of as many bytes. CPU is this process's, client and server together.
func BenchmarkPage(b *testing.B) {
	w := newWorldOn(b, servers.StartRedis(b).Addr())
	const items, viewers, pages = 2000, 32, 5
	benchStock(w, items)
	for v := range viewers {
		benchHistory(w, v, items)
	}
	conn := dialBench(b, w.server.Addr())
	requests := make([][]byte, viewers)
	for v := range requests {
		requests[v] = fmt.Appendf(nil, "/v1/feeds/newest?viewer=viewer-%018d", v)
	}
	turn, page := 0, 0
	next := func() []byte {
		path := requests[turn%viewers]
		if page > 0 {
			path = append(append(path[:len(path):len(path)], "&cursor="...), conn.cursor...)
		}
		if page++; page == pages {
			turn, page = turn+1, 0
		}
		return path
	}
	for range viewers * pages {
		conn.get(b, next())
	}

	b.Run("served", func(b *testing.B) {
		b.ReportAllocs()
		measured(b, func() { conn.get(b, next()) })
	})
	b.Run("static", func(b *testing.B) {
		still := dialBench(b, staticServer(b, conn.body))
		b.ReportAllocs()
		measured(b, func() { still.get(b, []byte("/v1/feeds/newest?viewer=viewer-1")) })
	})
}

// measured reports the CPU time that the process spends on each run.
func measured(b *testing.B, run func()) {
	run()
	before := spentCPU(b)
	b.ResetTimer()
	for range b.N {
		run()
	}
	b.StopTimer()
	b.ReportMetric(float64((spentCPU(b)-before).Nanoseconds())/float64(b.N)/1000, "cpu-µs/op")
}

func spentCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// newest is a feed that costs next to nothing to rank.
func newest() recommend.Definition {
	d := definition("newest", recommend.ByNewest, recommend.FromCatalogue, recommend.SourceUse{Name: "fresh", Limit: 40})
	d.Rest = recommend.Rest{}
	return d
}

func benchStock(w *world, n int) {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"video-%014d","author":"author-%05d","title":"How to bake the bread of day %d","tags":["bread","day-%d"],"published_at":%q,"payload":{"play_url":"https://cdn.example/%d.mp4","cover_url":"https://cdn.example/%d.jpg","width":1080,"height":1920}}`+"\n",
			i, i%97, i, i%30, time.Now().Add(-time.Duration(i)*time.Minute).UTC().Format(time.RFC3339), i, i)
	}
	r := w.ask("POST", "/v1/items:batch", b.String())
	require.Equal(w.t, 200, r.status, r.text)
}

func benchHistory(w *world, viewer, items int) {
	var b strings.Builder
	acts := []struct {
		name    string
		watched int
	}{{"seen", 0}, {"play_progress", 12}, {"like", 0}, {"open", 0}}
	for i := range 260 {
		kind := acts[i%len(acts)]
		fmt.Fprintf(&b, `{"event_id":"e-%d-%d","viewer":"viewer-%018d","item":"video-%014d","type":%q,"at":%q`,
			viewer, i, viewer, (viewer*31+i*7)%items, kind.name, time.Now().Add(-time.Duration(i)*time.Minute).UTC().Format(time.RFC3339))
		if kind.watched > 0 {
			fmt.Fprintf(&b, `,"watch_ms":%d,"duration_ms":30000`, kind.watched*1000)
		}
		b.WriteString("}\n")
	}
	r := w.ask("POST", "/v1/events", b.String())
	require.Contains(w.t, []int{200, 202}, r.status, r.text)
}

// benchConn is one connection that allocates nothing.
type benchConn struct {
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	body   []byte
	cursor []byte
}

func dialBench(b *testing.B, addr string) *benchConn {
	conn, err := net.Dial("tcp", addr)
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.Close() })
	return &benchConn{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

func (c *benchConn) get(b *testing.B, path []byte) {
	c.out = append(append(append(c.out[:0], "GET "...), path...), " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"...)
	if _, err := c.conn.Write(c.out); err != nil {
		b.Fatal(err)
	}
	length := 0
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			rest, _ := io.ReadAll(io.LimitReader(c.in, 1000))
			b.Fatalf("%s: %s%s", path, line, rest)
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
		if len(line) == 2 {
			break
		}
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	if _, err := io.ReadFull(c.in, c.body); err != nil {
		b.Fatal(err)
	}
	_, after, _ := bytes.Cut(c.body, []byte(`"cursor":"`))
	cursor, _, _ := bytes.Cut(after, []byte{'"'})
	c.cursor = append(c.cursor[:0], cursor...)
}

func staticServer(b *testing.B, body []byte) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	h := server.New(server.WithListener(ln), server.WithDisablePrintRoute(true))
	text := bytes.Clone(body)
	h.GET("/v1/feeds/:feed", func(_ context.Context, c *app.RequestContext) {
		c.Response.Header.SetContentType("application/json; charset=utf-8")
		c.Response.SetBody(text)
	})
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run() }()
	b.Cleanup(func() { _ = h.Close(); <-done })
	require.Eventually(b, h.IsRunning, 5*time.Second, time.Millisecond)
	return ln.Addr().String()
}
