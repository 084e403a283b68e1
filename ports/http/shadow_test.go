package http

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/wire"
)

// marked asks as shadow traffic does.
func (w *world) marked(method, path, body string) reply {
	w.t.Helper()
	r := w.ask(method, path, body, wire.ShadowHeader, "1")
	require.Equal(w.t, "1", r.header.Get(wire.ShadowHeader), "who marks knows that it was understood")
	return r
}

func TestShadowTrafficIsAStrangerOfTheSameName(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	page := func(ask func(method, path, body string) reply, path string) (map[string]any, []string) {
		r := ask("GET", path, "")
		require.Equal(t, 200, r.status, r.text)
		return r.json(t), idsIn(r.json(t))
	}
	real := func(method, path, body string) reply {
		r := w.ask(method, path, body)
		require.Empty(t, r.header.Get(wire.ShadowHeader))
		return r
	}

	first, served := page(w.marked, "/v1/feeds/latest?viewer=v&limit=5")
	_, again := page(real, "/v1/feeds/latest?viewer=v&limit=5")
	require.Equal(t, served, again, "what shadow traffic was served does not rest for others")
	second, next := page(w.marked, "/v1/feeds/latest?viewer=v&limit=5&cursor="+first["cursor"].(string))
	for _, id := range next {
		require.NotContains(t, served, id, "nothing repeats in a session")
	}
	require.EqualValues(t, 2, second["page"])

	require.Equal(t, 200, w.marked("PUT", "/v1/viewers/v/tuning/tag/t0", `{"direction":"more"}`).status)
	require.Equal(t, 200, w.marked("PUT", "/v1/viewers/v/follows/a1", "").status)
	event := fmt.Sprintf(`[{"event_id":"e","type":"like","viewer":"v","item":"v003","at":%q}]`, w.now().UTC().Format("2006-01-02T15:04:05Z"))
	for _, ask := range []func(method, path, body string) reply{w.marked, real} {
		r := ask("POST", "/v1/events", event)
		require.EqualValues(t, 1, r.json(t)["accepted"], "the same event is new to each side: %s", r.text)
		require.EqualValues(t, 1, ask("POST", "/v1/events", event).json(t)["duplicate"])
	}

	tuned := func(ask func(method, path, body string) reply) int {
		return len(ask("GET", "/v1/viewers/v/tuning", "").json(t)["tuning"].([]any))
	}
	require.Equal(t, []int{1, 0}, []int{tuned(w.marked), tuned(real)})
	followed := func(ask func(method, path, body string) reply) int {
		return ask("GET", "/v1/viewers/v/follows/a1", "").status
	}
	require.Equal(t, []int{200, 404}, []int{followed(w.marked), followed(real)})
	session := "/v1/sessions/" + first["session"].(string)
	require.Equal(t, []int{200, 404}, []int{w.marked("GET", session, "").status, real("GET", session, "").status})
	require.Equal(t, []int{200, 404}, []int{w.marked("POST", session+"/pages/1/replay", "").status, real("POST", session+"/pages/1/replay", "").status})
	listed := func(ask func(method, path, body string) reply) int {
		return len(ask("GET", "/v1/viewers/v/sessions", "").json(t)["sessions"].([]any))
	}
	require.Equal(t, []int{1, 1}, []int{listed(w.marked), listed(real)})
	exported := func(ask func(method, path, body string) reply) string {
		return ask("GET", "/v1/viewers/v/export", "").text
	}
	require.Contains(t, exported(w.marked), `"relation":"follows"`)
	require.NotContains(t, exported(real), `"relation":"follows"`)
	require.NotContains(t, exported(real), first["session"].(string))
	require.Contains(t, w.marked("GET", "/douyin/feed/?token=v", "").text, `"is_favorite":true`)
	require.Equal(t, 200, w.marked("GET", "/v1/items/v003", "").status, "the catalogue is everybody's")

	require.Contains(t, erased(t, real("DELETE", "/v1/viewers/v", "")), "events")
	require.Equal(t, 1, tuned(w.marked), "here the erasure was given no store of shadow traffic")
}

func erased(t *testing.T, r reply) (what []string) {
	t.Helper()
	for _, m := range r.json(t)["removed"].([]any) {
		what = append(what, m.(map[string]any)["what"].(string))
	}
	return what
}

func TestACursorIsForTheSideThatGaveIt(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	for _, path := range []string{"/v1/feeds/latest?viewer=v&limit=3", "/v1/items/v001/related?limit=3"} {
		shadow := w.marked("GET", path, "").json(t)["cursor"].(string)
		real := w.ask("GET", path, "").json(t)["cursor"].(string)
		golden(t, "refused_shadow_cursor", w.ask("GET", path+"&cursor="+shadow, ""))
		golden(t, "refused_shadow_cursor", w.marked("GET", path+"&cursor="+real, ""))
		require.Equal(t, 200, w.marked("GET", path+"&cursor="+shadow, "").status)
		require.Equal(t, 200, w.ask("GET", path+"&cursor="+real, "").status)
	}
}

// refusedToShadow are the routes that change what shadow traffic shares with others.
var refusedToShadow = []string{
	"PUT /v1/items/{id}", "PATCH /v1/items/{id}", "DELETE /v1/items/{id}", "POST /v1/items/{id}:hide", "POST /v1/items/{id}:restore", "POST /v1/items:batch",
	"DELETE /v1/viewers/{viewer}",
}

func TestShadowTrafficIsRefusedWhatItWouldShare(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	before := w.ask("GET", "/v1/items/v001", "").text
	var refused []string
	for _, r := range tableOf() {
		path := strings.NewReplacer("{id}", "v001", "{viewer}", "v", "{feed}", "latest", "{session}", "s", "{page}", "1", "{kind}", "tag", "{author}", "a").Replace(r.path)
		got := w.marked(r.method, path, "{}")
		if got.status == 403 && got.json(t)["error"] == "shadow_refused" {
			refused = append(refused, r.method+" "+r.path)
			golden(t, "refused_shadow", got)
		}
	}
	require.ElementsMatch(t, refusedToShadow, refused)
	require.Equal(t, before, w.ask("GET", "/v1/items/v001", "").text)
	golden(t, "refused_shadow_mark", w.ask("GET", "/v1/feeds/latest?viewer=v", "", wire.ShadowHeader, "true"))
	require.Equal(t, 200, w.ask("GET", "/v1/feeds/latest?viewer=v", "", wire.ShadowHeader, "").status, "nothing marks nothing")
}

func TestWhereShadowTrafficIsSwitchedOffItIsRefusedAndNeverReal(t *testing.T) {
	w := newWorld(t, func(_ *Options, d *Deps) { d.Shadow = nil })
	w.stock(3)
	for _, r := range tableOf() {
		path := strings.NewReplacer("{id}", "v001", "{viewer}", "v", "{feed}", "latest", "{session}", "s", "{page}", "1", "{kind}", "tag", "{author}", "a").Replace(r.path)
		got := w.marked(r.method, path, "{}")
		if r.group == "about" {
			require.Less(t, got.status, 400, r.path)
			continue
		}
		golden(t, "refused_shadow_off", got)
	}
	require.Empty(t, w.ask("GET", "/v1/viewers/v/sessions", "").json(t)["sessions"])
}

func TestShadowTrafficIsMeasuredApart(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	registry := w.deps.Metrics.(*prometheus.Registry)
	before := series(t, registry)
	w.marked("GET", "/v1/feeds/latest?viewer=v", "")
	w.marked("GET", "/nowhere", "")
	w.marked("POST", "/v1/events", "[{}]")
	after := series(t, registry)
	require.Equal(t, before["freshet_http_requests_total"], after["freshet_http_requests_total"])
	for name, n := range map[string]int{"freshet_http_shadow_requests_total": 3, "freshet_http_shadow_request_duration_seconds": 3,
		"freshet_http_shadow_pages_total": 1, "freshet_http_shadow_batch_entries_total": 1, "freshet_http_pages_total": 0} {
		require.Equal(t, n, after[name], name)
	}
}

// series counts those of each metric.
func series(t *testing.T, registry *prometheus.Registry) map[string]int {
	t.Helper()
	all, err := registry.Gather()
	require.NoError(t, err)
	counts := make(map[string]int)
	for _, family := range all {
		counts[family.GetName()] = len(family.GetMetric())
	}
	return counts
}

func TestTheAdminPlaneRefusesShadowTraffic(t *testing.T) {
	w := newWorld(t)
	s := NewAdmin(Options{Addr: "127.0.0.1:0"}, AdminDeps{Ready: func() error { return nil }, Metrics: prometheus.NewRegistry(), Config: func() string { return "" }})
	require.NoError(t, s.Start())
	defer func() { require.NoError(t, s.Shutdown(context.Background())) }()
	for _, path := range []string{"/healthz", "/metrics", "/debug/pprof/", "/none"} {
		r := ask(t, w.client, "GET", "http://"+s.Addr()+path, "", wire.ShadowHeader, "1")
		require.Equal(t, 403, r.status, path)
		require.Equal(t, "shadow_refused", r.json(t)["error"])
	}
	require.Equal(t, 200, ask(t, w.client, "GET", "http://"+s.Addr()+"/healthz", "").status)
}

func TestTheDocumentSaysWhatTheMarkDoes(t *testing.T) {
	for _, r := range tableOf() {
		var marks []string
		parameters, _ := r.operation()["parameters"].([]any)
		for _, p := range parameters {
			if m := p.(map[string]any); m["in"] == "header" {
				marks = append(marks, m["name"].(string))
				require.Equal(t, slices.Contains(refusedToShadow, r.method+" "+r.path), strings.Contains(m["description"].(string), "refused"), r.path)
			}
		}
		if r.group == "about" {
			require.Empty(t, marks)
			continue
		}
		require.Equal(t, []string{wire.ShadowHeader}, marks)
		require.Contains(t, r.operation()["responses"], "403")
	}
}

func TestRequestsWithoutAMarkPayNothingForIt(t *testing.T) {
	rc := app.NewContext(0)
	rc.Request.Header.Set("X-Request-Id", "r")
	marked := false
	require.Zero(t, testing.AllocsPerRun(100, func() { marked = marked || shadowMark(rc) != nil }))
	require.False(t, marked)
}
