package http

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

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
		Digest: func() (catalog.Digest, error) {
			if why := ready.Load(); why != nil {
				return catalog.Digest{}, errors.New(*why)
			}
			return catalog.Digest{Items: 12, Sum: 0xabc}, nil
		},
	})
	require.NoError(t, s.Start())
	defer func() { require.NoError(t, s.Shutdown(context.Background())) }()
	get := func(path string) reply { return ask(t, w.client, "GET", "http://"+s.Addr()+path, "") }
	require.Equal(t, `{"status":"alive"}`, get("/healthz").text)
	require.Equal(t, 200, get("/readyz").status)
	require.Contains(t, get("/metrics").text, "freshet_test 0")
	require.Contains(t, get("/config").text, "password: ***")
	require.Equal(t, `{"version":"v1"}`, get("/version").text)
	require.Equal(t, `{"items":12,"sum":"0000000000000abc"}`, get("/index/digest").text)
	require.Equal(t, 200, get("/debug/pprof/").status)
	require.Equal(t, 200, get("/debug/pprof/goroutine").status)
	require.Equal(t, "route_not_found", get("/none").json(t)["error"])
	why := "the index is being built"
	ready.Store(&why)
	r := get("/readyz")
	require.Equal(t, 503, r.status)
	require.Equal(t, "not_ready", r.json(t)["error"])
	require.Equal(t, "the index is being built", r.json(t)["message"])
	require.Equal(t, 503, get("/index/digest").status)
	ready.Store(nil)
	w.server.Drain()
	require.Equal(t, 503, get("/readyz").status)
	require.Contains(t, raw(t, w.server.Addr(), "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"), "Connection: close")
	require.Equal(t, 200, get("/healthz").status)
}

// TestTheAdminPlaneTakesNothingIn walks through all it has registered: there is no field to refuse, and no
// other method than those that read.
func TestTheAdminPlaneTakesNothingIn(t *testing.T) {
	s := NewAdmin(Options{Addr: "127.0.0.1:0"}, AdminDeps{
		Ready: func() error { return nil }, Metrics: prometheus.NewRegistry(), Config: func() string { return "a: 1\n" }, Version: "v1",
	})
	require.NoError(t, s.Start())
	defer func() { require.NoError(t, s.Shutdown(context.Background())) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	methods := map[string][]string{}
	for _, r := range s.running.Routes() {
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	require.Contains(t, methods, "/readyz")
	for path, taken := range methods {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(taken, method) {
				require.Equal(t, "/debug/pprof/symbol", path, "which looks up what it is given, and changes nothing")
				continue
			}
			r := ask(t, client, method, "http://"+s.Addr()+path, `{"colour":"red"}`)
			require.Equal(t, 405, r.status, "%s %s: %s", method, path, r.text)
			told := r.json(t)
			require.Equal(t, []any{"method_not_allowed", "the-request", nil}, []any{told["error"], told["request_id"], told["field"]})
			require.ElementsMatch(t, taken, r.header.Values("Allow"), path)
		}
	}
	for _, path := range []string{"/%FF", "/readyz%00", "/v1/items/x", "/" + strings.Repeat("x", 20_000)} {
		r := ask(t, client, "GET", "http://"+s.Addr()+path, "")
		require.Equal(t, 404, r.status, path)
		require.Equal(t, "route_not_found", r.json(t)["error"])
	}
}
