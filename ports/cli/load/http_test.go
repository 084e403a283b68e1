package load

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/wire"
)

// stub is a service that can misbehave.
type stub struct {
	*httptest.Server
	requests, sessions atomic.Int64
	open, peak         atomic.Int64                              // connections
	misbehave          func(n int64, w http.ResponseWriter) bool // true: it has been answered
	most               atomic.Int64                              // requests, before enough is called
	enough             atomic.Value                              // func()

	mu      sync.Mutex
	heads   []http.Header
	queries []string
	events  []map[string]any
}

func newStub(t *testing.T, misbehave func(n int64, w http.ResponseWriter) bool) *stub {
	s := &stub{misbehave: misbehave}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		switch st {
		case http.StateNew:
			s.peak.Store(max(s.peak.Load(), s.open.Add(1)))
		case http.StateClosed:
			s.open.Add(-1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// asked is what was asked so far: heads and paths, and the events that were reported.
func (s *stub) asked() ([]http.Header, []string, []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads, s.queries, s.events
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/items/load" || r.URL.Path == "/" { // before the load, and beside it
		w.Header().Set(wire.ShadowHeader, r.Header.Get(wire.ShadowHeader))
		w.WriteHeader(404)
		return
	}
	s.mu.Lock()
	s.heads, s.queries = append(s.heads, r.Header), append(s.queries, r.URL.RequestURI())
	s.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	n := s.requests.Add(1)
	if enough, ok := s.enough.Load().(func()); ok && n >= s.most.Load() {
		enough()
	}
	if s.misbehave != nil && s.misbehave(n, w) {
		return
	}
	if r.Method == http.MethodPost {
		var events []map[string]any
		if err := json.Unmarshal(text, &events); err != nil {
			panic(err)
		}
		s.mu.Lock()
		s.events = append(s.events, events...)
		s.mu.Unlock()
		fmt.Fprintf(w, `{"results":[{"event_id":"x","status":"rejected","error":"bad_item","field":"item"}],"accepted":%d,"duplicate":0,"rejected":1,"request_id":"r"}`, len(events)-1)
		return
	}
	session, number := "", 1
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		_, _ = fmt.Sscanf(cursor, "%s %d", &session, &number)
	} else {
		session = fmt.Sprintf("s%d", s.sessions.Add(1))
	}
	var items []string
	for i := range 20 {
		items = append(items, fmt.Sprintf(`{"id":"item \"%d\" é","author":"a","position":%d,"context":"%s.%d.%d","counts":{"likes":0},"payload":{"x":[1,{"y":null}]}}`, number*20+i, i+1, session, number, i+1))
	}
	fmt.Fprintf(w, `{"session":%q,"page":%d,"items":[%s],"cursor":"%s %d","rung":"full","request_id":"r"}`, session, number, strings.Join(items, ","), session, number+1)
}

// short is a closed loop of some 60 requests, however long they take.
func short(t *testing.T, s *stub, change func(o *Options)) *Report {
	o := Defaults(Closed)
	o.To, o.WarmUp, o.Duration, o.Connections, o.Pages, o.Timeout = []string{s.URL}, 0, time.Minute, 2, 3, time.Minute
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.most.Store(s.requests.Load() + 60)
	s.enough.Store(func() { cancel() })
	r, err := Run(ctx, o, nil)
	require.NoError(t, err)
	require.True(t, r.Interrupted)
	return r
}

func TestItAsksAsTheAPIWantsIt(t *testing.T) {
	s := newStub(t, nil)
	r := short(t, s, func(o *Options) { o.To[0], o.Tag, o.Feed = s.URL+"/", "a&b", "my feed" })
	require.NoError(t, r.Failure())
	require.Positive(t, r.OK)
	require.Empty(t, r.Errors)
	heads, queries, events := s.asked()
	require.EqualValues(t, len(heads), r.OK)
	require.Equal(t, r.Pages.Served*20, r.Pages.Items)
	require.Equal(t, map[string]int64{"full": r.Pages.Served}, r.Rungs)
	require.EqualValues(t, len(events), r.Events.Accepted+r.Events.Rejected)
	require.Equal(t, map[string]int64{"bad_item": r.Events.Rejected}, r.Events.Errors)
	further := 0
	for i, q := range queries {
		require.Equal(t, "1", heads[i].Get(wire.ShadowHeader))
		if strings.HasPrefix(q, "/v1/feeds/my%20feed?limit=20&tag=a%26b&viewer=load-") {
			further += strings.Count(q, "&cursor=s")
			continue
		}
		require.Equal(t, "/v1/events", q)
		require.Equal(t, "application/json", heads[i].Get("Content-Type"))
	}
	require.Positive(t, further, "pages after the first")
	ids := map[any]bool{}
	for _, e := range events {
		require.False(t, ids[e["event_id"]])
		ids[e["event_id"]] = true
		require.Contains(t, e["item"], `item "`)
		require.Contains(t, e["context"], e["session"].(string)+".")
		at, err := time.Parse(time.RFC3339, e["at"].(string))
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, time.Minute)
	}
	for _, h := range shortHeads(t, s, func(o *Options) { o.Real = true }) {
		require.Empty(t, h.Get(wire.ShadowHeader))
	}
}

func shortHeads(t *testing.T, s *stub, change func(o *Options)) []http.Header {
	before, _, _ := s.asked()
	short(t, s, change)
	after, _, _ := s.asked()
	require.Greater(t, len(after), len(before))
	return after[len(before):]
}

func TestErrorsAreToldByTheirClass(t *testing.T) {
	patience := map[string]time.Duration{noAnswer: 100 * time.Millisecond}
	for want, misbehave := range map[string]func(http.ResponseWriter) bool{
		"http 500 internal": func(w http.ResponseWriter) bool {
			w.WriteHeader(500)
			_, _ = io.WriteString(w, `{"error":"internal","message":"…"}`)
			return true
		},
		"http 502":  func(w http.ResponseWriter) bool { w.WriteHeader(502); return true },
		"timeout":   func(http.ResponseWriter) bool { time.Sleep(300 * time.Millisecond); return true },
		"malformed": func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, `{"session":1}`); return true },
		cutShort: func(w http.ResponseWriter) bool {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = c.(*net.TCPConn).SetLinger(0)
				_ = c.Close()
			}
			return true
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := newStub(t, func(n int64, w http.ResponseWriter) bool { return n%5 > 2 && misbehave(w) }) // twice in a row
			r := short(t, s, func(o *Options) { o.Timeout, o.Connections = cmp.Or(patience[want], time.Minute), 1 })
			require.Positive(t, r.OK)
			require.Equal(t, map[string]int64{want: r.Failed}, r.Errors)
			require.Positive(t, r.Failed)
			require.Equal(t, want == "malformed", r.Failure() != nil)
			require.Equal(t, r.OK, r.Latency.Count, "what failed is not among the latencies")
			require.Equal(t, want == cutShort, r.Renewed > 0)
		})
	}
}

func TestNobodyThereIsAFailedConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	to := "http://" + ln.Addr().String()
	require.NoError(t, ln.Close())
	o := Defaults(Open)
	o.To = []string{to}
	_, err = Run(t.Context(), o, nil)
	require.EqualError(t, err, to+" does not answer: connect")

	o.Rate, o.WarmUp, o.Duration, o.Real = 100, 0, 300*time.Millisecond, true
	r, err := Run(t.Context(), o, nil)
	require.NoError(t, err)
	require.EqualValues(t, 30, r.Requests)
	require.Equal(t, map[string]int64{noConnection: 30}, r.Errors)
	require.EqualError(t, r.Failure(), "no request was answered well")
}

func TestAServiceThatRepeatsItselfIsFoundOut(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter) bool {
		_, _ = io.WriteString(w, `{"session":"s","page":1,"items":[{"id":"a","context":"1"},{"id":"a","context":"2"}],"rung":"full"}`)
		return true
	})
	r := short(t, s, func(o *Options) { o.Reporting = 0 })
	require.Equal(t, r.Pages.Served, r.Promises.Repeats)
	require.Error(t, r.Failure())
}

func TestIdleConnectionsAreHeldAndCounted(t *testing.T) {
	s := newStub(t, nil)
	r := short(t, s, func(o *Options) { o.Idle, o.Connections = 100, 1 })
	require.Equal(t, &Idle{Wanted: 100, Opened: 100}, r.Idle)
	require.GreaterOrEqual(t, s.peak.Load(), int64(100))
	require.Eventually(t, func() bool { return s.open.Load() <= 1 }, 5*time.Second, 10*time.Millisecond, "they are given back")

	r = short(t, s, func(o *Options) { o.Idle, o.To = 3, []string{s.URL, s.URL} })
	require.Equal(t, 3, r.Idle.Opened)
}

func TestMoreConnectionsThanFilesAreRefused(t *testing.T) {
	most := mostFiles()
	if most == 0 || most > 1_000_000 {
		t.Skip("SKIPPED, NOT RUN: files are without a limit here")
	}
	o := Defaults(Closed)
	o.To, o.Idle = []string{"http://127.0.0.1:8080"}, most-o.Connections-spareFiles
	require.NoError(t, o.Check())
	o.Idle++
	require.ErrorContains(t, o.Check(), "--idle and --connections need ")
}

func TestNobodyIsRehearsedOnWhoTakesItForReal(t *testing.T) {
	for want, answer := range map[string]http.HandlerFunc{
		"does not know shadow traffic": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"refuses shadow traffic": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(wire.ShadowHeader, "1")
			w.WriteHeader(403)
			_, _ = io.WriteString(w, `{"error":"shadow_disabled"}`)
		},
	} {
		t.Run(want, func(t *testing.T) {
			var asked []string
			var mu sync.Mutex
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, r.URL.Path)
				answer(w, r)
			}))
			defer server.Close()
			o := Defaults(Closed)
			o.To, o.WarmUp, o.Duration = []string{server.URL}, 0, 50*time.Millisecond
			_, err := Run(t.Context(), o, nil)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "--real")
			mu.Lock()
			require.Equal(t, []string{"/v1/items/load"}, asked, "nothing that leaves a trace")
			mu.Unlock()

			o.Real = true
			_, err = Run(t.Context(), o, nil)
			require.NoError(t, err)
		})
	}
}
