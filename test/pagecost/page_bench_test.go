package pagecost

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/transport"

	"github.com/freshet/freshet/idl/gen/freshet"
	rpc "github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

const (
	staticAddr = "FRESHET_TEST_STATIC_ADDR" // makes this binary the static server
	staticBody = "FRESHET_TEST_STATIC_BODY" // the file it replies with

	items, viewers, history, pages = 2000, 32, 260, 5
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(staticAddr); addr != "" {
		serveStatic(addr)
	}
	os.Exit(instances.Main(m))
}

func serveStatic(addr string) {
	body, err := os.ReadFile(os.Getenv(staticBody))
	if err != nil {
		panic(err)
	}
	h := server.New(server.WithHostPorts(addr), server.WithDisablePrintRoute(true))
	h.GET("/v1/feeds/:feed", func(_ context.Context, c *app.RequestContext) {
		c.Response.Header.SetContentType("application/json; charset=utf-8")
		c.Response.SetBody(body)
	})
	h.Spin()
	os.Exit(0)
}

// BenchmarkPageOfTheService asks the real service, on a real Redis, for pages of 20, five pages a session, for viewers with a
// history. It reports the CPU time, user and system, of the process that answers and of Redis, for each page. What archives the
// pages in the background is in it.
func BenchmarkPageOfTheService(b *testing.B) {
	redis := servers.StartRedis(b)
	in := instances.Start(b, []string{
		"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_DATA_DIR=" + b.TempDir(),
	})
	stock(b, in.HTTP)
	for v := range viewers {
		record(b, in.HTTP, v)
	}
	time.Sleep(2 * time.Second) // until the events are learned
	conn, walk := dial(b, in.HTTP), walker{}
	for range viewers * pages {
		walk.step(func(viewer int, cursor string) string { return conn.page(b, viewer, cursor) })
	}
	static := startStatic(b, conn.body)
	still := dial(b, static.addr)

	b.Run("static", func(b *testing.B) {
		measured(b, static.pid, 0, func() { still.page(b, 1, "") })
	})
	b.Run("http", func(b *testing.B) {
		profile(b, in.Admin)
		measured(b, in.PID(), redis.PID(), func() {
			walk.step(func(viewer int, cursor string) string { return conn.page(b, viewer, cursor) })
		})
	})
	b.Run("kitex", func(b *testing.B) {
		c, err := rpc.NewClient("freshet", client.WithHostPorts(in.RPC), client.WithTransportProtocol(transport.TTHeaderFramed),
			client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: 4, MaxIdleGlobal: 4, MaxIdleTimeout: time.Minute}))
		if err != nil {
			b.Fatal(err)
		}
		ask := func(viewer int, cursor string) string {
			q := &freshet.GetFeedRequest{Feed: "for-you", Viewer: viewerName(viewer), Cursor: cursor}
			p, err := c.GetFeed(context.Background(), q)
			if err != nil {
				b.Fatal(err)
			}
			return p.Cursor
		}
		walk := walker{}
		measured(b, in.PID(), redis.PID(), func() { walk.step(ask) })
	})
}

// walker goes through sessions of all viewers, page by page.
type walker struct {
	viewer, page int
	cursor       string
}

func (w *walker) step(ask func(viewer int, cursor string) string) {
	w.cursor = ask(w.viewer%viewers, w.cursor)
	if w.page++; w.page == pages || w.cursor == "" {
		w.viewer, w.page, w.cursor = w.viewer+1, 0, ""
	}
}

// measured reports what the processes spend on each run.
func measured(b *testing.B, server, redis int, run func()) {
	for range 100 {
		run()
	}
	before, store := spent(b, server), spent(b, redis)
	b.ResetTimer()
	for range b.N {
		run()
	}
	b.StopTimer()
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N) }
	b.ReportMetric(each(spent(b, server)-before), "server-µs/op")
	if redis != 0 {
		b.ReportMetric(each(spent(b, redis)-store), "redis-µs/op")
	}
}

// spent is the user and system time of a process so far; none of process 0.
func spent(b *testing.B, pid int) time.Duration {
	if pid == 0 {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skipf("needs /proc: %v", err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err := errors.Join(err1, err2); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of 1/100 s
}

func viewerName(v int) string { return fmt.Sprintf("viewer-%018d", v) }

func stock(b *testing.B, addr string) {
	var t strings.Builder
	for i := range items {
		fmt.Fprintf(&t, `{"id":"video-%014d","author":"author-%05d","title":"How to bake the bread of day %d","tags":["bread","day-%d"],`+
			`"published_at":%q,"payload":{"play_url":"https://cdn.example/%d.mp4","width":1080,"height":1920}}`+"\n",
			i, i%97, i, i%30, ago(i), i)
	}
	post(b, "http://"+addr+"/v1/items:batch", t.String())
}

func record(b *testing.B, addr string, viewer int) {
	var t strings.Builder
	acts := []string{`"seen"`, `"play_progress","watch_ms":12000,"duration_ms":30000`, `"like"`, `"open"`}
	for i := range history {
		fmt.Fprintf(&t, `{"event_id":"e-%d-%d","viewer":%q,"item":"video-%014d","session":"session-%d","at":%q,"type":%s}`+"\n",
			viewer, i, viewerName(viewer), (viewer*31+i*7)%items, i/10, ago(i), acts[i%len(acts)])
	}
	post(b, "http://"+addr+"/v1/events", t.String())
}

func ago(minutes int) string {
	return time.Now().Add(-time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)
}

func post(b *testing.B, url, body string) {
	res, err := http.Post(url, "application/x-ndjson", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if text, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		b.Fatalf("%s: %d %.300s", url, res.StatusCode, text)
	}
}

func freeAddr(b *testing.B) string {
	addr, err := servers.FreeAddr()
	if err != nil {
		b.Fatal(err)
	}
	return addr
}

// connection asks for one page after the other.
type connection struct {
	net  net.Conn
	in   *bufio.Reader
	body []byte
}

func dial(b *testing.B, addr string) *connection {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &connection{net: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

// page returns the cursor that goes on.
func (c *connection) page(b *testing.B, viewer int, cursor string) string {
	path := "/v1/feeds/for-you?viewer=" + viewerName(viewer)
	if cursor != "" {
		path += "&cursor=" + cursor
	}
	if _, err := io.WriteString(c.net, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"); err != nil {
		b.Fatal(err)
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if c.body, err = io.ReadAll(res.Body); err != nil || res.StatusCode != 200 {
		b.Fatalf("%d %v %.300s", res.StatusCode, err, c.body)
	}
	_, after, _ := bytes.Cut(c.body, []byte(`"cursor":"`))
	next, _, _ := bytes.Cut(after, []byte{'"'})
	return string(next)
}

type staticServer struct {
	addr string
	pid  int
}

func startStatic(b *testing.B, body []byte) staticServer {
	file := b.TempDir() + "/body"
	if err := os.WriteFile(file, body, 0o600); err != nil {
		b.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	addr := freeAddr(b)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), staticAddr+"="+addr, staticBody+"="+file)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 500 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_ = conn.Close()
			return staticServer{addr, cmd.Process.Pid}
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatal("the static server does not answer")
	return staticServer{}
}

// profile, where FRESHET_TEST_PROFILE names a file, keeps a CPU profile of what follows.
func profile(b *testing.B, admin string) {
	file := os.Getenv("FRESHET_TEST_PROFILE")
	if file == "" {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		res, err := http.Get("http://" + admin + "/debug/pprof/profile?seconds=8")
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			b.Error(err)
		}
	}()
	b.Cleanup(func() { <-done })
}
