package http

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata anew")

// What differs from run to run, and what stands for it in testdata.
var changing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`), `"<time>"`},
	{regexp.MustCompile(`[a-z2-7]{26}\.(\d+\.\d+)"`), `<session>.$1"`},
	{regexp.MustCompile(`"session":"[a-z2-7]{26}"`), `"session":"<session>"`},
	{regexp.MustCompile(`"cursor":"[^"]+"`), `"cursor":"<cursor>"`},
	{regexp.MustCompile(`"catalogue":\d+`), `"catalogue":0`},
	{regexp.MustCompile(`"next_time":\d+`), `"next_time":0`},
	{regexp.MustCompile(`"(score|value)":[-+0-9.e]+`), `"$1":0`},
	{regexp.MustCompile(`"viewer":"[0-9a-f]{1,16}"}`), `"viewer":"<digest>"}`},
}

func scrubbed(text string) string {
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.with)
	}
	return text
}

// golden compares an answer, its status first, with the file of that name.
func golden(t *testing.T, name string, r reply) {
	t.Helper()
	text := scrubbed(r.text)
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		b.Reset()
		b.WriteString(text)
	}
	got := fmt.Sprintf("%d %s\n%s\n", r.status, r.header.Get("Content-Type"), strings.TrimRight(b.String(), "\n"))
	path := filepath.Join("testdata", name+".txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run with -update to write it")
	require.Equal(t, string(want), got, name)
}

// TestAnswersLookAsTheyAlwaysDid walks through every route once, in an order that makes sense.
func TestAnswersLookAsTheyAlwaysDid(t *testing.T) {
	w := newWorld(t)
	at := w.now().UTC().Format("2006-01-02T15:04:05Z")
	session := ""
	step := func(name, method, path, body string) reply {
		r := w.ask(method, strings.ReplaceAll(path, "SESSION", session), strings.NewReplacer("NOW", at, "SESSION", session).Replace(body))
		golden(t, name, r)
		return r
	}
	step("put_item_created", "PUT", "/v1/items/one", `{"id":"one","author":"ann","title":"Ein \"Titel\" <b>\n日本","tags":["a","b","a"],"lang":"en","region":"DE","labels":["ok"],"duration_ms":42000,"published_at":"2026-02-01T10:00:00.123456+02:00","expires_at":"2100-01-01T00:00:00Z","payload":{"n": 1e400, "play_url":"p.mp4"}}`)
	step("put_item_updated", "PUT", "/v1/items/one", `{"author":"ann","title":"One","tags":["a","b"],"published_at":"2026-02-01T10:00:00Z","payload":{"play_url":"p.mp4","cover_url":"c.jpg"}}`)
	step("put_items", "POST", "/v1/items:batch", `[{"id":"two","author":"bob","tags":["b"],"published_at":"2026-01-01T10:00:00Z"},{"id":"one","author":"ann","title":"One","tags":["a","b"],"published_at":"2026-02-01T10:00:00Z","payload":[null]},{"id":"x/y"},{"id":"three","published_at":"2025-01-01T10:00:00Z","lang":null}]`)
	step("get_item", "GET", "/v1/items/one", "")
	step("get_item_bare", "GET", "/v1/items/three", "")
	step("patch_item", "PATCH", "/v1/items/two", `{"title":"Two","author":null,"payload":"text"}`)
	step("hide_item", "POST", "/v1/items/three:hide", "")
	step("get_item_hidden", "GET", "/v1/items/three", "")
	step("restore_item", "POST", "/v1/items/three:restore", "{}")
	page := step("feed", "GET", "/v1/feeds/latest?viewer=vera&limit=2", "")
	session, _ = page.json(t)["session"].(string)
	step("feed_end", "GET", "/v1/feeds/latest?viewer=vera&cursor="+page.json(t)["cursor"].(string), "")
	step("feed_explained", "GET", "/v1/feeds/for-you?viewer=wim&limit=1&explain=user", "")
	step("feed_debugged", "GET", "/v1/feeds/latest?viewer=wim&limit=1&explain=debug", "")
	step("feed_empty", "GET", "/v1/feeds/latest?viewer=wim&tag=none", "")
	step("related", "GET", "/v1/items/one/related?limit=1", "")
	step("session", "GET", "/v1/sessions/SESSION", "")
	step("sessions", "GET", "/v1/viewers/vera/sessions", "")
	step("replay", "POST", "/v1/sessions/SESSION/pages/1/replay", "")
	step("events", "POST", "/v1/events", `[{"event_id":"e1","type":"like","viewer":"vera","item":"one","at":"NOW","session":"SESSION","context":"c"},{"event_id":"e1","type":"like","viewer":"vera","item":"one","at":"NOW"},{"event_id":"e2","type":"play_progress","viewer":"vera","item":"two","at":"NOW","watch_ms":1200,"duration_ms":9000,"auto_presented":true},{"event_id":"e3","type":"follow_author","viewer":"vera","author":"ann","at":"NOW"},{"event_id":"e4","type":"like","viewer":"vera","at":"NOW"}]`)
	step("tune", "PUT", "/v1/viewers/vera/tuning/tag/b", `{"direction":"less"}`)
	step("tune_author", "PUT", "/v1/viewers/vera/tuning/author/ann", `{"direction":"more"}`)
	step("tuned", "GET", "/v1/viewers/vera/tuning/tag/b", "")
	step("tunings_of_kind", "GET", "/v1/viewers/vera/tuning/author", "")
	step("untune", "DELETE", "/v1/viewers/vera/tuning/author/ann", "")
	step("tunings", "GET", "/v1/viewers/vera/tuning", "")
	step("mute", "PUT", "/v1/viewers/vera/mutes/bob", "")
	step("muted", "GET", "/v1/viewers/vera/mutes/bob", "")
	step("follows", "GET", "/v1/viewers/vera/follows", "")
	step("unmute", "DELETE", "/v1/viewers/vera/mutes/bob", "")
	step("unmuted", "GET", "/v1/viewers/vera/mutes/bob", "")
	step("block", "PUT", "/v1/viewers/vera/blocks/carl", "")
	step("douyin", "GET", "/douyin/feed/?token=will", "")
	step("douyin_refused", "GET", "/douyin/feed?latest_time=soon", "")
	step("export", "GET", "/v1/viewers/vera/export", "")
	step("erase", "DELETE", "/v1/viewers/vera", "")
	step("export_nothing", "GET", "/v1/viewers/vera/export", "")
	step("remove_item", "DELETE", "/v1/items/three", "")
	step("removed_item", "GET", "/v1/items/three", "")
	step("refused_field", "PUT", "/v1/items/one", `{"colour":"red"}`)
	step("refused_syntax", "PUT", "/v1/items/one", "{\n\"title\": }")
	step("refused_feed", "GET", "/v1/feeds/none?viewer=vera", "")
	step("refused_cursor", "GET", "/v1/feeds/latest?viewer=vera&cursor=x", "")
	step("refused_method", "POST", "/v1/feeds/latest", "")
	step("refused_route", "GET", "/v1", "")
	step("moved", "GET", "/v1/items/one/?x=1", "")
	step("root", "GET", "/", "")
}
