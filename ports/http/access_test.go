package http

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
)

// named takes as a token's viewer what follows "of:", and as a service's scope what follows "may:".
type named struct{}

func (named) Bearer(_ context.Context, token string) (access.Caller, error) {
	switch name, ok := strings.CutPrefix(token, "of:"); {
	case ok:
		return access.Bearer(audience.ViewerID(name), 0), nil
	case strings.HasPrefix(token, "may:"):
		set, err := access.ParseScopes([]string{token[len("may:"):]})
		return access.Service("s", set), err
	case token == "away":
		return access.Caller{}, errNotReady
	}
	return access.Caller{}, admitting.ErrToken
}

// drawer holds keys.
type drawer struct {
	access.KeyRepository
	keys []access.Key
}

func (d *drawer) All(context.Context) ([]access.Key, error) { return d.keys, nil }

// guarded is a world where callers prove who they are, and what to send for a key of each kind.
func guarded(t *testing.T, prefix string) (*world, map[string]string) {
	sends := map[string]string{"nobody": "", "viewer v": "Bearer of:v", "viewer w": "bearer of:w", "wrong token": "Bearer x", "wrong key": "Bearer fk_" + strings.Repeat("a", 16) + "_" + strings.Repeat("A", 43)}
	d := &drawer{}
	for i, scope := range []string{"items:write", "events:write", "feeds:read", "admin"} {
		set, err := access.ParseScopes([]string{scope})
		require.NoError(t, err)
		k, text, err := access.NewKey(scope, set, time.Time{}, time.Now(), [42]byte{byte(i + 1)})
		require.NoError(t, err)
		d.keys = append(d.keys, k)
		sends[scope] = "Bearer " + text
	}
	ring := admitting.NewKeyring(d, time.Now)
	_, err := ring.Refresh(t.Context())
	require.NoError(t, err)
	return newWorld(t, func(_ *Options, deps *Deps) {
		deps.Callers = admitting.NewAdmit(admitting.Options{Prefix: prefix, Opaque: named{}}, ring)
	}), sends
}

// Every route is asked by every kind of caller, for the viewer v.
func TestNobodyDoesWhatTheyMayNot(t *testing.T) {
	w, sends := guarded(t, "")
	callers := []string{"nobody", "wrong token", "wrong key", "viewer v", "viewer w", "items:write", "events:write", "feeds:read", "admin"}
	const in = 0 // let in: whatever the answer is, it is neither 401 nor 403
	rules := map[string][]int{
		"watch":   {401, 401, 401, in, 403, 403, 403, in, in},
		"act":     {401, 401, 401, in, 403, 403, in, 403, in},
		"publish": {401, 401, 401, 403, 403, in, 403, 403, in},
		"browse":  {401, 401, 401, 403, 403, in, 403, in, in},
		"own":     {401, 401, 401, in, 403, 403, 403, 403, in},
		"about":   {in, in, in, in, in, in, in, in, in},
		// Whom these concern is found out inside: a session that is not there is nobody's, and events are refused one by one.
		"session": {401, 401, 401, in, in, 403, 403, in, in},
		"events":  {401, 401, 401, in, in, 403, in, 403, in},
		// Related items are everybody's where no viewer is named.
		"related": {in, 401, 401, in, in, in, in, in, in},
	}
	p := &public{opts: Options{}.withDefaults(), deps: w.deps}
	asked := 0
	for _, r := range p.routes() {
		rule := ruleFor(&r)
		require.Contains(t, rules, rule, r.name)
		path := strings.NewReplacer("{viewer}", "v", "{kind}", "tag", "{id}", "x", "{author}", "a", "{session}", "s", "{page}", "1", "{feed}", "latest").Replace(r.path)
		if r.name == "getFeed" {
			path += "?viewer=v"
		}
		for i, caller := range callers {
			var headers []string
			if sends[caller] != "" {
				headers = []string{"Authorization", sends[caller]}
			}
			body := ""
			if r.body != nil {
				body = "{}"
			}
			got := ask(t, w.client, r.method, "http://"+w.server.Addr()+path, body, headers...)
			asked++
			if want := rules[rule][i]; want != in {
				require.Equal(t, want, got.status, "%s asks %s %s: %s", caller, r.method, path, got.text)
				require.Equal(t, want == 401, got.header.Get("WWW-Authenticate") != "", "%s %s", r.method, path)
			} else {
				require.NotContains(t, []int{401, 403}, got.status, "%s asks %s %s: %s", caller, r.method, path, got.text)
			}
		}
	}
	require.GreaterOrEqual(t, asked, 9*36)
}

func ruleFor(r *route) string {
	switch {
	case r.group == "about" || r.group == "short video":
		return "about"
	case r.name == "getRelated":
		return "related"
	case strings.Contains(r.path, "{session}"):
		return "session"
	case r.group == "events":
		return "events"
	case r.group == "items" && r.method == "GET":
		return "browse"
	case r.group == "items":
		return "publish"
	case r.name == "exportViewer" || r.name == "eraseViewer":
		return "own"
	case r.method == "GET":
		return "watch"
	}
	return "act"
}

func TestAViewerSeesTheirOwnSessionsAndNobodyElses(t *testing.T) {
	w, sends := guarded(t, "")
	admin, v, other := []string{"Authorization", sends["admin"]}, []string{"Authorization", sends["viewer v"]}, []string{"Authorization", sends["viewer w"]}
	r := w.ask("PUT", "/v1/items/x", `{"title":"x"}`, admin...)
	require.Equal(t, 201, r.status, r.text)
	r = w.ask("GET", "/v1/feeds/latest?viewer=v", "", v...)
	require.Equal(t, 200, r.status, r.text)
	session := r.json(t)["session"]
	for path, method := range map[string]string{fmt.Sprintf("/v1/sessions/%s", session): "GET", fmt.Sprintf("/v1/sessions/%s/pages/1/replay", session): "POST"} {
		require.Equal(t, 200, w.ask(method, path, "", v...).status)
		r := w.ask(method, path, "", other...)
		require.Equal(t, 403, r.status, r.text)
		require.Equal(t, "foreign_viewer", r.json(t)["error"])
	}
}

func TestEventsOfOthersAreRejectedOneByOne(t *testing.T) {
	w, sends := guarded(t, "")
	at := time.Now().UTC().Format(time.RFC3339)
	body := fmt.Sprintf(`[{"event_id":"1","type":"like","viewer":"v","item":"x","at":%q},{"event_id":"2","type":"like","viewer":"w","item":"x","at":%q}]`, at, at)
	r := w.ask("POST", "/v1/events", body, "Authorization", sends["viewer v"])
	require.Equal(t, 200, r.status, r.text)
	results := r.json(t)["results"].([]any)
	require.Equal(t, "accepted", results[0].(map[string]any)["status"])
	require.Equal(t, map[string]any{"event_id": "2", "status": "rejected", "error": "foreign_viewer", "field": "viewer", "message": "the token is another viewer's"}, results[1])
	require.EqualValues(t, 2, w.ask("POST", "/v1/events", body, "X-Api-Key", strings.TrimPrefix(sends["events:write"], "Bearer ")).json(t)["accepted"].(float64)+
		1, "the first was known already")
}

func TestStrangersWatchAsTheirDevices(t *testing.T) {
	w, _ := guarded(t, "anon-")
	require.Equal(t, 200, w.ask("GET", "/v1/feeds/latest?viewer=anon-7", "").status)
	r := w.ask("GET", "/v1/feeds/latest?viewer=v", "")
	require.Equal(t, 401, r.status)
	require.Equal(t, "unauthenticated", r.json(t)["error"])
	require.Equal(t, `Bearer realm="freshet"`, r.header.Get("WWW-Authenticate"))
	require.Equal(t, 200, w.ask("PUT", "/v1/viewers/anon-7/tuning/tag/x", `{"direction":"more"}`).status, "they decide for themselves")
	require.Equal(t, 401, w.ask("DELETE", "/v1/viewers/anon-7", "").status, "and prove who they are to be erased")
}

func TestWhatCannotBeToldIsNotRefusedForGood(t *testing.T) {
	w, _ := guarded(t, "")
	r := w.ask("GET", "/v1/feeds/latest?viewer=v", "", "Authorization", "Bearer away")
	require.Equal(t, 503, r.status)
	for _, header := range []string{"Basic dTpw", "Bearer", "Bearer ", "of:v"} {
		r := w.ask("GET", "/v1/feeds/latest?viewer=v", "", "Authorization", header)
		require.Equal(t, 401, r.status, header)
		require.Equal(t, "bad_authorization", r.json(t)["error"], header)
	}
}

func TestTheTokenOfTheShortVideoContractIsProven(t *testing.T) {
	w, sends := guarded(t, "")
	for i := range 3 {
		r := w.ask("PUT", fmt.Sprintf("/v1/items/x%d", i), `{"author":"a"}`, "Authorization", sends["admin"])
		require.Equal(t, 201, r.status, r.text)
	}
	r := w.ask("PUT", "/v1/viewers/v/follows/a", "", "Authorization", sends["viewer v"])
	require.Equal(t, 200, r.status, r.text)
	follows := func(token string) bool {
		r := w.ask(http.MethodGet, "/douyin/feed/?token="+token, "")
		require.Equal(t, 200, r.status)
		require.Contains(t, r.text, `"status_code":0`, r.text)
		return strings.Contains(r.text, `"is_follow":true`)
	}
	require.True(t, follows("of:v"))
	require.False(t, follows("v"), "an id is no token")
	require.False(t, follows(""))
}

func TestTheAdminPlaneAsksWhereItIsTold(t *testing.T) {
	_, sends := guarded(t, "")
	ring := admitting.NewKeyring(&drawer{}, time.Now)
	_, err := ring.Refresh(t.Context())
	require.NoError(t, err)
	var admit atomic.Pointer[admitting.Admit]
	s := NewAdmin(Options{Addr: "127.0.0.1:0"}, AdminDeps{
		Callers: admit.Load, Ready: func() error { return nil }, Metrics: prometheus.NewRegistry(), Config: func() string { return "secret: x" },
	})
	require.NoError(t, s.Start())
	t.Cleanup(func() { require.NoError(t, s.Shutdown(context.Background())) })
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	asked := func(path string, headers ...string) int {
		return ask(t, client, "GET", "http://"+s.Addr()+path, "", headers...).status
	}
	paths := []string{"/metrics", "/config", "/version", "/", "/index/digest", "/debug/pprof/", "/debug/pprof/profile", "/debug/pprof/cmdline", "/nothing", "//config", "/config/"}
	for _, path := range paths {
		require.Equal(t, 503, asked(path, "Authorization", sends["admin"]), "%s while it starts", path)
	}
	admit.Store(admitting.NewAdmit(admitting.Options{Opaque: named{}}, ring))
	for _, path := range paths {
		require.Equal(t, 401, asked(path), path)
		require.Equal(t, 403, asked(path, "Authorization", "Bearer of:v"), path)
	}
	require.Equal(t, []int{200, 200}, []int{asked("/healthz"), asked("/readyz")})
	require.Equal(t, 200, asked("/config", "Authorization", "Bearer may:admin"))
	require.Equal(t, 403, asked("/config", "Authorization", "Bearer may:feeds:read"))
}
