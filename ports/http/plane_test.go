package http

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// raw sends bytes and returns the head of the answer with what came of its body.
func raw(t *testing.T, addr, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(2*time.Second)))
	_, err = c.Write([]byte(request))
	require.NoError(t, err)
	var b strings.Builder
	_, _ = bufio.NewReader(c).WriteTo(&b)
	return b.String()
}

func TestRequestsThatAreHardlyHTTP(t *testing.T) {
	w := newWorld(t)
	at := w.server.Addr()
	require.Contains(t, raw(t, at, "GET /v1/items/100%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), `"error":"bad_id"`)
	require.Contains(t, raw(t, at, "GET /v1/items/x HTTP/1.1\r\nConnection: close\r\n\r\n"), `"error":"bad_request"`)
	require.Contains(t, raw(t, at, "GET //v1/items/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), `"error":"route_not_found"`)
	require.Contains(t, raw(t, at, "PUT /v1/items/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n{"+strings.Repeat(" ", 9000)), `"error":"too_large"`)
	require.Contains(t, raw(t, at, "PUT /v1/items/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), `"status":"created"`)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 40_000, strings.Repeat(" ", 40_000))
	require.Contains(t, raw(t, at, "PUT /v1/items/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"+chunk+chunk+"0\r\n\r\n"), `"error":"too_large"`)
	require.Contains(t, raw(t, at, "PUT /v1/items/y HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"), `"status":"created"`)
}

func TestRequestIDs(t *testing.T) {
	w := newWorld(t)
	r := w.ask("GET", "/v1/feeds/latest?viewer=x", "", "X-Request-Id", "a/b:c=1")
	require.Equal(t, "a/b:c=1", r.header.Get("X-Request-Id"))
	require.Equal(t, "a/b:c=1", r.json(t)["request_id"])
	for _, bad := range []string{`"quoted"`, "two words", strings.Repeat("x", 129), "é"} {
		r := w.ask("GET", "/v1/feeds/latest?viewer=x", "", "X-Request-Id", bad)
		require.NotEqual(t, bad, r.header.Get("X-Request-Id"))
		require.NotEmpty(t, r.json(t)["request_id"])
	}
}

func TestIDsOfAllKinds(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"a:hide", "日本 語", "a+b", "%25", "a?b", "x:restore:hide", "..", ":", "items:batch"} {
		escaped := strings.NewReplacer("%", "%25", "?", "%3F", " ", "%20", "..", "%2e%2e").Replace(id)
		r := w.ask("PUT", "/v1/items/"+escaped, `{}`)
		require.Equal(t, 201, r.status, "%s: %s", id, r.text)
		require.Equal(t, id, r.json(t)["id"])
		require.Equal(t, id, w.ask("GET", "/v1/items/"+escaped, "").json(t)["id"])
		require.Equal(t, id, w.ask("POST", "/v1/items/"+escaped+":hide", "").json(t)["id"])
		require.Equal(t, "hidden", w.ask("GET", "/v1/items/"+escaped, "").json(t)["state"])
		require.Equal(t, id, w.ask("POST", "/v1/items/"+escaped+"%3Arestore", "").json(t)["id"])
		require.Equal(t, "published", w.ask("GET", "/v1/items/"+escaped, "").json(t)["state"])
	}
	require.Equal(t, 200, w.ask("POST", "/v1/items%3Abatch", `[{"id":"b"}]`).status)
}

func TestPayloadsComeBackAsTheyWereButForWhiteSpace(t *testing.T) {
	w := newWorld(t)
	for i, payload := range []string{`{"b": 1, "a":  [1.0, 1e400, "\u00e9\ud800"]}`, `"text"`, `12345678901234567890`, `[ ]`, `false`, `{"x":"</script>\u2028"}`} {
		id := fmt.Sprint("/v1/items/p", i)
		require.Equal(t, 201, w.ask("PUT", id, `{"payload":`+payload+`}`).status)
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, []byte(payload)))
		require.Contains(t, w.ask("GET", id, "").text, `"payload":`+want.String()+`,`)
		require.Contains(t, w.ask("GET", "/v1/feeds/latest?viewer=x", "").text, `"payload":`+want.String()+`,`)
		require.Equal(t, 200, w.ask("PUT", id, `{"payload": `+want.String()+"\n}").status)
		require.Contains(t, w.ask("GET", id, "").text, `"version":1,`, "another layout changes nothing")
	}
}

func TestBatchForms(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		body, kind string
		created    int
	}{
		"an array":                  {` [ {"id":"1"} , {"id":"2"} ] `, "application/json", 2},
		"an empty array":            {`[]`, "", 0},
		"lines":                     {"{\"id\":\"3\"}\n\n{\"id\":\"4\"}\r\n", "application/x-ndjson; charset=utf-8", 2},
		"lines without saying so":   {"{\"id\":\"5\"}\n{\"id\":\"6\"}", "application/json", 2},
		"one object":                {`{"id":"7"}`, "", 1},
		"one object on three lines": {"{\n\"id\":\"8\"\n}", "", 1},
		"a byte order mark":         {"\xEF\xBB\xBF[{\"id\":\"9\"}]", "", 1},
	} {
		r := w.ask("POST", "/v1/items:batch", c.body, "Content-Type", c.kind)
		require.Equal(t, 200, r.status, "%s: %s", name, r.text)
		require.EqualValues(t, c.created, r.json(t)["created"], "%s: %s", name, r.text)
	}
}

func TestMethodsAreNamedWhereAnotherIsAsked(t *testing.T) {
	w := newWorld(t)
	r := w.ask("POST", "/v1/items/x", "")
	require.Equal(t, "PUT, GET, PATCH, DELETE", r.header.Get("Allow"))
	r = w.ask("DELETE", "/v1/events", "")
	require.Equal(t, 405, r.status)
	require.Equal(t, "POST", r.header.Get("Allow"))
	require.Equal(t, 405, w.ask("HEAD", "/v1/feeds/latest", "").status)
	r = w.ask("GET", "/v1/items/x/?a=b", "")
	require.Equal(t, "/v1/items/x?a=b", r.header.Get("Location"))
}

func TestDocsStandAlone(t *testing.T) {
	w := newWorld(t)
	r := w.ask("GET", "/docs", "")
	require.Equal(t, "text/html; charset=utf-8", r.header.Get("Content-Type"))
	require.NotContains(t, r.text, "src=\"http")
	require.NotContains(t, r.text, "https://")
	require.Equal(t, "3.0.3", w.ask("GET", "/openapi.json", "").json(t)["openapi"])
	require.Equal(t, "/docs", w.ask("GET", "/", "").header.Get("Location"))
}

// breaking is a dossier that hands out some records, and then fails in one way or another.
type breaking struct {
	records int
	fail    func() error
}

func (b breaking) Export(_ context.Context, v audience.ViewerID, emit func(any) error) error {
	for range b.records {
		d := audience.Decision{Target: audience.Target{Kind: audience.OnItem, ID: strings.Repeat("x", 100)}, Direction: audience.More, At: time.Now()}
		if err := emit(d); err != nil {
			return err
		}
	}
	return b.fail()
}

type drained struct{}

func (drained) Settle(context.Context, time.Duration) error { return nil }

func TestExportsStreamAndBreakOff(t *testing.T) {
	with := func(b breaking) func(*Options, *Deps) {
		return func(_ *Options, d *Deps) { d.Viewers = erasing.NewViewers(b, nil, drained{}, time.Now) }
	}
	gone := fault.New(fault.Unavailable, "sql_unavailable", "the database did not answer")
	w := newWorld(t, with(breaking{0, func() error { return gone.Because(errors.New("password=secret")) }}))
	r := w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 503, r.status)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Equal(t, true, r.json(t)["retryable"])
	require.NotContains(t, r.text, "secret")

	w = newWorld(t, with(breaking{3000, func() error { return nil }}))
	r = w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 3000, strings.Count(r.text, "\n"))

	w = newWorld(t, with(breaking{3000, func() error { return gone }}))
	c := raw(t, w.server.Addr(), "GET /v1/viewers/a/export HTTP/1.1\r\nHost: x\r\n\r\n")
	require.Contains(t, c, "200 OK")
	require.False(t, strings.HasSuffix(c, "0\r\n\r\n"), "a broken stream has no end")
}

func TestBugsAnswerNeutrally(t *testing.T) {
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{0, func() error { return errors.New("password=secret") }}, nil, drained{}, time.Now)
	})
	r := w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 500, r.status)
	require.Equal(t, "internal", r.json(t)["error"])
	require.NotContains(t, r.text, "secret")
	require.Contains(t, w.log.String(), "password=secret", "the log knows")

	w = newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{0, func() error { panic("oh dear") }}, nil, drained{}, time.Now)
	})
	r = w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 500, r.status)
	require.NotContains(t, r.text, "dear")
	require.Contains(t, w.log.String(), "oh dear")
	require.Equal(t, 200, w.ask("GET", "/docs", "").status, "the service lives on")
}

func TestShutdownWaitsForWhatIsUnderWay(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{1, func() error { close(started); <-finish; return nil }}, nil, drained{}, time.Now)
	})
	var answered reply
	var under sync.WaitGroup
	under.Go(func() { answered = w.ask("GET", "/v1/viewers/a/export", "") })
	<-started
	stopped := make(chan error, 1)
	go func() { stopped <- w.server.Shutdown(context.Background()) }()
	require.Eventually(t, w.server.Draining, time.Second, time.Millisecond)
	select {
	case err := <-stopped:
		t.Fatal("it did not wait", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	under.Wait()
	require.Equal(t, 200, answered.status)
	require.NoError(t, <-stopped)
	connection, err := net.Dial("tcp", w.server.Addr())
	if err == nil {
		_ = connection.Close()
	}
	require.Error(t, err, "nobody listens")
}

func TestShutdownWaitsNoLongerThanItMay(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{1, func() error { close(started); <-finish; return nil }}, nil, drained{}, time.Now)
	})
	var under sync.WaitGroup
	under.Go(func() { w.ask("GET", "/v1/viewers/a/export", "") })
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, w.server.Shutdown(ctx), context.DeadlineExceeded)
	close(finish)
	under.Wait()
}

func TestAdminPlane(t *testing.T) {
	w := newWorld(t)
	var ready atomic.Pointer[string]
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "freshet_test", Help: "x"}))
	s := NewAdmin(Options{Addr: "127.0.0.1:0"}, AdminDeps{
		Ready: func() error {
			if why := ready.Load(); why != nil {
				return errors.New(*why)
			}
			return nil
		}, Draining: w.server.Draining, Metrics: registry,
		Config: func() string { return "redis:\n  password: ***\n" }, Version: "v1",
	})
	require.NoError(t, s.Start())
	defer func() { require.NoError(t, s.Shutdown(context.Background())) }()
	get := func(path string) reply { return ask(t, w.client, "GET", "http://"+s.Addr()+path, "") }
	require.Equal(t, `{"status":"alive"}`, get("/healthz").text)
	require.Equal(t, 200, get("/readyz").status)
	require.Contains(t, get("/metrics").text, "freshet_test 0")
	require.Contains(t, get("/config").text, "password: ***")
	require.Equal(t, `{"version":"v1"}`, get("/version").text)
	require.Equal(t, 200, get("/debug/pprof/").status)
	require.Equal(t, 200, get("/debug/pprof/goroutine").status)
	require.Equal(t, "route_not_found", get("/none").json(t)["error"])
	why := "the index is being built"
	ready.Store(&why)
	r := get("/readyz")
	require.Equal(t, 503, r.status)
	require.Equal(t, "not_ready", r.json(t)["error"])
	require.Equal(t, "the index is being built", r.json(t)["message"])
	ready.Store(nil)
	w.server.Drain()
	require.Equal(t, 503, get("/readyz").status)
	require.Contains(t, raw(t, w.server.Addr(), "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"), "Connection: close")
	require.Equal(t, 200, get("/healthz").status)
}

func TestRequestsAreMeasuredByRoute(t *testing.T) {
	registry := prometheus.NewRegistry()
	w := newWorld(t, func(_ *Options, d *Deps) { d.Metrics = registry })
	w.stock(3)
	w.page("/v1/feeds/latest?viewer=x")
	w.ask("GET", "/nowhere/at/all", "")
	families, err := registry.Gather()
	require.NoError(t, err)
	var text strings.Builder
	for _, f := range families {
		fmt.Fprintln(&text, f)
	}
	for _, want := range []string{`"/v1/feeds/{feed}"`, `"none"`, `"full"`, "freshet_http_request_duration_seconds", `"/v1/items:batch"`} {
		require.Contains(t, text.String(), want)
	}
	require.NotContains(t, text.String(), "nowhere")
}

func TestStartFailsWhereTheAddressIsTaken(t *testing.T) {
	w := newWorld(t)
	d := w.deps
	d.Metrics = nil
	require.Error(t, New(Options{Addr: w.server.Addr()}, d).Start())
	require.NoError(t, New(Options{}, d).Shutdown(context.Background()), "what never started stops at once")
}
