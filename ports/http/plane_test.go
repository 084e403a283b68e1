package http

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
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

// TestHeadersThatLie are refused before there is a call, in words that are not ours, and end the connection.
func TestHeadersThatLie(t *testing.T) {
	w := newWorld(t)
	for _, header := range []string{
		"Content-Length: -1", "Content-Length: abc", "Content-Length: 99999999999999999999", "Content-Length: 2\r\nContent-Length: 3",
		"Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip", "X-Request-Id: a\x01b",
	} {
		r := raw(t, w.server.Addr(), "POST /v1/events HTTP/1.1\r\nHost: x\r\n"+header+"\r\n\r\n[]")
		require.Contains(t, r, "400 Bad Request", header)
		require.Contains(t, r, "Connection: close", header)
	}
	for _, chunk := range []string{"zz", "-2", "3"} {
		r := raw(t, w.server.Addr(), "POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"+chunk+"\r\n[]\r\n0\r\n\r\n")
		require.Contains(t, r, `"error":"incomplete_body"`, chunk)
	}
	r := raw(t, w.server.Addr(), "DELETE /v1/viewers/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.Contains(t, r, "200 OK", "a write without a body needs no length")
}

func TestWhatIsEscapedInAPathIsTheSame(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	page, _ := w.page("/v1/feeds/l%61test?viewer=x")
	require.Equal(t, 200, w.ask("POST", "/v1/sessions/"+page["session"].(string)+"/pages/%31/replay", "").status)
	require.Equal(t, 200, w.ask("PUT", "/v1/viewers/x/tuning/%69tem/v%3001", `{"direction":"less"}`).status)
	require.Len(t, w.ask("GET", "/v1/viewers/x/tuning/i%74em", "").json(t)["tuning"], 1)
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
