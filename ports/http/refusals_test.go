package http

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// refusal is a request that must be refused, and how.
type refusal struct {
	name, method, path, body string
	status                   int
	code, field              string
}

func (c refusal) check(w *world) func(t *testing.T) {
	return func(t *testing.T) {
		r := w.ask(c.method, c.path, c.body)
		require.Equal(t, c.status, r.status, r.text)
		m := r.json(t)
		require.Equal(t, c.code, m["error"], r.text)
		field, _ := m["field"].(string)
		require.Equal(t, c.field, field, r.text)
		require.Equal(t, "the-request", m["request_id"])
		require.NotEmpty(t, m["message"])
	}
}

func TestRefusalsInPathsAndQueries(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	long := strings.Repeat("x", 129)
	const feeds, get = "/v1/feeds/latest", "GET"
	for _, c := range []refusal{
		{"no viewer", get, feeds, "", 400, "missing", "viewer"},
		{"an empty viewer", get, feeds + "?viewer=", "", 400, "missing", "viewer"},
		{"a viewer with a slash", get, feeds + "?viewer=a%2Fb", "", 400, "bad_id", "viewer"},
		{"a long viewer", get, feeds + "?viewer=" + long, "", 400, "bad_id", "viewer"},
		{"a viewer that is not UTF-8", get, feeds + "?viewer=%FF", "", 400, "bad_id", "viewer"},
		{"a viewer with a zero byte", get, feeds + "?viewer=a%00", "", 400, "bad_id", "viewer"},
		{"two viewers", get, feeds + "?viewer=a&viewer=b", "", 400, "repeated_parameter", "viewer"},
		{"an unknown parameter", get, feeds + "?viewer=a&colour=red", "", 400, "unknown_parameter", "colour"},
		{"no such feed", get, "/v1/feeds/none?viewer=a", "", 404, "feed_not_found", "feed"},
		{"limit 0", get, feeds + "?viewer=a&limit=0", "", 400, "bad_limit", "limit"},
		{"limit 101", get, feeds + "?viewer=a&limit=101", "", 400, "bad_limit", "limit"},
		{"limit -1", get, feeds + "?viewer=a&limit=-1", "", 400, "bad_limit", "limit"},
		{"a huge limit", get, feeds + "?viewer=a&limit=99999999999999999999", "", 400, "bad_limit", "limit"},
		{"a limit in words", get, feeds + "?viewer=a&limit=ten", "", 400, "bad_limit", "limit"},
		{"a broken limit", get, feeds + "?viewer=a&limit=1.5", "", 400, "bad_limit", "limit"},
		{"another explain", get, feeds + "?viewer=a&explain=all", "", 400, "bad_explain", "explain"},
		{"a bad tag", get, feeds + "?viewer=a&tag=a%2Fb", "", 400, "bad_tag", "tag"},
		{"a long language", get, feeds + "?viewer=a&lang=" + long, "", 400, "too_long", "lang"},
		{"a region that is not text", get, feeds + "?viewer=a&region=%01", "", 400, "bad_text", "region"},
		{"an exclude that is no id", get, feeds + "?viewer=a&exclude=%FF", "", 400, "bad_id", "exclude"},
		{"an item with a slash", get, "/v1/items/a%2Fb", "", 400, "bad_id", "id"},
		{"a long item", get, "/v1/items/" + long, "", 400, "bad_id", "id"},
		{"no such item", get, "/v1/items/none", "", 404, "item_not_found", ""},
		{"an item's unknown parameter", get, "/v1/items/v001?x=1", "", 400, "unknown_parameter", "x"},
		{"related to nothing", get, "/v1/items/none/related", "", 404, "item_not_found", "id"},
		{"related with a bad viewer", get, "/v1/items/v001/related?viewer=%FF", "", 400, "bad_id", "viewer"},
		{"hide of nothing", "POST", "/v1/items/none:hide", "", 404, "item_not_found", ""},
		{"hide with a body", "POST", "/v1/items/v001:hide", `{"why":1}`, 400, "unknown_field", "why"},
		{"restore of nothing", "POST", "/v1/items/none:restore", "", 404, "item_not_found", ""},
		{"delete of nothing", "DELETE", "/v1/items/none", "", 404, "item_not_found", ""},
		{"a word that no item knows", "POST", "/v1/items/v001:fly", "", 405, "method_not_allowed", ""},
		{"posting an item", "POST", "/v1/items/v001", "{}", 405, "method_not_allowed", ""},
		{"posting nowhere", "POST", "/v1/itemsbatch", "[]", 404, "route_not_found", ""},
		{"reading a batch", get, "/v1/items:batch", "", 405, "method_not_allowed", ""},
		{"nowhere", get, "/v2/feeds", "", 404, "route_not_found", ""},
		{"feeds by POST", "POST", feeds + "?viewer=a", "", 405, "method_not_allowed", ""},
		{"a slash too many", get, feeds + "/?viewer=a", "", 308, "moved", ""},
		{"no such session", get, "/v1/sessions/none", "", 404, "session_not_found", ""},
		{"a bad session", get, "/v1/sessions/" + long, "", 400, "bad_id", "session"},
		{"too many sessions", get, "/v1/viewers/a/sessions?limit=101", "", 400, "bad_limit", "limit"},
		{"sessions before no time", get, "/v1/viewers/a/sessions?before=noon", "", 400, "bad_time", "before"},
		{"replay of nothing", "POST", "/v1/sessions/none/pages/1/replay", "", 404, "session_not_found", ""},
		{"replay of page 0", "POST", "/v1/sessions/none/pages/0/replay", "", 400, "bad_page", "page"},
		{"replay of page one", "POST", "/v1/sessions/none/pages/one/replay", "", 400, "bad_page", "page"},
		{"tuning of a colour", "PUT", "/v1/viewers/a/tuning/colour/red", `{"direction":"more"}`, 400, "bad_target", "kind"},
		{"tuning of a bad id", "PUT", "/v1/viewers/a/tuning/item/a%2Fb", `{"direction":"more"}`, 400, "bad_id", "id"},
		{"tuning of a bad tag", "PUT", "/v1/viewers/a/tuning/tag/%01", `{"direction":"more"}`, 400, "bad_tag", "id"},
		{"tuning by a bad viewer", "PUT", "/v1/viewers/%FF/tuning/item/v001", `{"direction":"more"}`, 400, "bad_id", "viewer"},
		{"tuning by nobody", "PUT", "/v1/viewers//tuning/item/v001", `{"direction":"more"}`, 400, "bad_id", "viewer"},
		{"tuning without a body", "PUT", "/v1/viewers/a/tuning/item/v001", "", 400, "empty_body", ""},
		{"tuning without a direction", "PUT", "/v1/viewers/a/tuning/item/v001", "{}", 400, "missing", "direction"},
		{"tuning sideways", "PUT", "/v1/viewers/a/tuning/item/v001", `{"direction":"left"}`, 400, "bad_direction", "direction"},
		{"tuning by number", "PUT", "/v1/viewers/a/tuning/item/v001", `{"direction":1}`, 400, "wrong_type", "direction"},
		{"tuning with more", "PUT", "/v1/viewers/a/tuning/item/v001", `{"direction":"more","by":2}`, 400, "unknown_field", "by"},
		{"undoing nothing", "DELETE", "/v1/viewers/a/tuning/item/v001", "", 404, "tuning_not_found", ""},
		{"no decision", get, "/v1/viewers/a/tuning/item/v001", "", 404, "tuning_not_found", ""},
		{"decisions on colours", get, "/v1/viewers/a/tuning/colour", "", 400, "bad_target", "kind"},
		{"following a bad author", "PUT", "/v1/viewers/a/follows/%01", "", 400, "bad_id", "author"},
		{"following with a body", "PUT", "/v1/viewers/a/follows/b", `{"since":1}`, 400, "unknown_field", "since"},
		{"muting by a bad viewer", "PUT", "/v1/viewers/%01/mutes/b", "", 400, "bad_id", "viewer"},
		{"unfollowing nobody", "DELETE", "/v1/viewers/a/follows/b", "", 404, "relation_not_found", ""},
		{"not muted", get, "/v1/viewers/a/mutes/b", "", 404, "relation_not_found", ""},
		{"another relation", "PUT", "/v1/viewers/a/likes/b", "", 404, "route_not_found", ""},
		{"erasing a bad viewer", "DELETE", "/v1/viewers/%FF", "", 400, "bad_id", "viewer"},
		{"exporting a bad viewer", get, "/v1/viewers/%FF/export", "", 400, "bad_id", "viewer"},
	} {
		t.Run(c.name, c.check(w))
	}
}

func TestRefusalsOfWholeBodies(t *testing.T) {
	w := newWorld(t)
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	many := func(entry string) string { return "[" + strings.Repeat(entry+",", 10_000) + entry + "]" }
	for _, path := range []string{"PUT /v1/items/a", "PATCH /v1/items/a"} {
		method, at, _ := strings.Cut(path, " ")
		for _, c := range []refusal{
			{"no body", method, at, "", 400, "empty_body", ""},
			{"white space", method, at, " \n ", 400, "empty_body", ""},
			{"not JSON", method, at, "title=x", 400, "bad_json", ""},
			{"half of it", method, at, `{"title":"x"`, 400, "bad_json", ""},
			{"something after it", method, at, `{"title":"x"} {}`, 400, "bad_json", ""},
			{"a list", method, at, `[]`, 400, "wrong_type", ""},
			{"null", method, at, `null`, 400, "wrong_type", ""},
			{"deep", method, at, `{"payload":` + deep + `}`, 400, "too_deep", ""},
			{"bytes that are not UTF-8", method, at, "{\"title\":\"\xff\"}", 400, "bad_utf8", "title"},
			{"half a character", method, at, `{"title":"\ud800"}`, 400, "bad_utf8", "title"},
			{"a name that is not UTF-8", method, at, "{\"\xff\":1}", 400, "bad_utf8", ""},
			{"the same name twice", method, at, `{"title":"x","title":"y"}`, 400, "duplicate_field", "title"},
			{"a name in capitals", method, at, `{"Title":"x"}`, 400, "unknown_field", "Title"},
			{"too large", method, at, `{"payload":"` + strings.Repeat("x", 70_000) + `"}`, 413, "too_large", ""},
		} {
			t.Run(method+" "+c.name, c.check(w))
		}
	}
	for _, at := range []string{"/v1/events", "/v1/items:batch"} {
		for _, c := range []refusal{
			{"no body", "POST", at, "", 400, "empty_body", ""},
			{"words", "POST", at, "hello", 400, "bad_json", ""},
			{"a string", "POST", at, `"hello"`, 400, "wrong_type", ""},
			{"a number", "POST", at, `7`, 400, "wrong_type", ""},
			{"half a list", "POST", at, `[{"id":"a"},`, 400, "bad_json", ""},
			{"something after the list", "POST", at, `[] []`, 400, "bad_json", ""},
			{"half an object", "POST", at, `{"id":"a"`, 400, "bad_json", ""},
			{"one too many", "POST", at, many(`{}`), 413, "batch_too_large", ""},
			{"too large", "POST", at, "[" + strings.Repeat(" ", 5<<20) + "]", 413, "too_large", ""},
			{"deep", "POST", at, "[" + deep + "]", 400, "too_deep", ""},
		} {
			t.Run(at+" "+c.name, c.check(w))
		}
	}
}

func TestAParseErrorSaysWhere(t *testing.T) {
	w := newWorld(t)
	r := w.ask("PUT", "/v1/items/a", "{\n \"title\": oops\n}")
	require.Contains(t, r.json(t)["message"], "line 2, column 11:")
	r = w.ask("POST", "/v1/events", "{}\n{\"a\":1}\n{\"b\" 2}\n", "Content-Type", "application/x-ndjson")
	require.Contains(t, r.json(t)["results"].([]any)[2].(map[string]any)["message"], "line 3, column 6:")
}

func TestRefusalsOfItems(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 201, w.ask("PUT", "/v1/items/p", "{}").status)
	var unique []string
	for i := range 33 {
		unique = append(unique, fmt.Sprintf("%q", fmt.Sprint("t", i)))
	}
	tags := "[" + strings.Join(unique, ",") + "]"
	for _, c := range []struct{ name, members, code, field string }{
		{"an unknown field", `"colour":"red"`, "unknown_field", "colour"},
		{"author as a number", `"author":7`, "wrong_type", "author"},
		{"author with a slash", `"author":"a/b"`, "bad_id", "author"},
		{"author as an object", `"author":{}`, "wrong_type", "author"},
		{"title as a list", `"title":["a"]`, "wrong_type", "title"},
		{"a long title", `"title":"` + strings.Repeat("x", 1025) + `"`, "too_long", "title"},
		{"a title with a control character", `"title":"a\u0001"`, "bad_text", "title"},
		{"tags as text", `"tags":"a,b"`, "wrong_type", "tags"},
		{"a tag as a number", `"tags":["a",1]`, "wrong_type", "tags"},
		{"a tag of null", `"tags":[null]`, "wrong_type", "tags"},
		{"an empty tag", `"tags":[""]`, "bad_tag", "tags"},
		{"33 tags", `"tags":` + tags, "too_many", "tags"},
		{"33 labels", `"labels":` + tags, "too_many", "labels"},
		{"labels as an object", `"labels":{}`, "wrong_type", "labels"},
		{"lang as true", `"lang":true`, "wrong_type", "lang"},
		{"a long lang", `"lang":"` + strings.Repeat("x", 36) + `"`, "too_long", "lang"},
		{"a long region", `"region":"` + strings.Repeat("x", 36) + `"`, "too_long", "region"},
		{"a negative duration", `"duration_ms":-1`, "bad_duration", "duration_ms"},
		{"a huge duration", `"duration_ms":9223372036854775807`, "bad_duration", "duration_ms"},
		{"a duration beyond numbers", `"duration_ms":1000000000000000000000000`, "bad_duration", "duration_ms"},
		{"a broken duration", `"duration_ms":1.5`, "wrong_type", "duration_ms"},
		{"a duration with an exponent", `"duration_ms":1e3`, "wrong_type", "duration_ms"},
		{"a duration in words", `"duration_ms":"1000"`, "wrong_type", "duration_ms"},
		{"published_at as a number", `"published_at":1700000000`, "wrong_type", "published_at"},
		{"published_at in words", `"published_at":"yesterday"`, "bad_time", "published_at"},
		{"published_at without an offset", `"published_at":"2026-01-01T00:00:00"`, "bad_time", "published_at"},
		{"published_at in the year 1", `"published_at":"0001-01-01T00:00:00Z"`, "bad_time", "published_at"},
		{"published_at in 1899", `"published_at":"1899-12-31T23:59:59Z"`, "bad_time", "published_at"},
		{"published_at in 2200", `"published_at":"2200-01-01T00:00:00Z"`, "bad_time", "published_at"},
		{"expires_at as an object", `"expires_at":{}`, "wrong_type", "expires_at"},
		{"expiry before publication", `"published_at":"2026-01-02T00:00:00Z","expires_at":"2026-01-01T00:00:00Z"`, "bad_expiry", "expires_at"},
		{"a large payload", `"payload":"` + strings.Repeat("x", 16<<10) + `"`, "too_long", "payload"},
		{"a title twice", `"title":"a","title":"b"`, "duplicate_field", "title"},
		{"bad UTF-8", "\"title\":\"\xff\"", "bad_utf8", "title"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal{"", "PUT", "/v1/items/p", "{" + c.members + "}", 400, c.code, c.field}.check(w)(t)
			refusal{"", "PATCH", "/v1/items/p", "{" + c.members + "}", 400, c.code, c.field}.check(w)(t)
			r := w.ask("POST", "/v1/items:batch", `[{"id":"bad",`+c.members+`},{"id":"good"}]`)
			require.Equal(t, 200, r.status, r.text)
			results := r.json(t)["results"].([]any)
			bad, good := results[0].(map[string]any), results[1].(map[string]any)
			require.Equal(t, []any{"bad", "rejected", c.code, c.field}, []any{bad["id"], bad["status"], bad["error"], bad["field"]})
			require.NotEqual(t, "rejected", good["status"])
			require.EqualValues(t, 1, r.json(t)["rejected"])
		})
	}
	for _, c := range []refusal{
		{"another id", "PUT", "/v1/items/p", `{"id":"q"}`, 400, "id_mismatch", "id"},
		{"id as a number", "PUT", "/v1/items/p", `{"id":1}`, 400, "wrong_type", "id"},
		{"another id in a patch", "PATCH", "/v1/items/p", `{"id":"q"}`, 400, "id_mismatch", "id"},
		{"an empty patch", "PATCH", "/v1/items/p", `{}`, 400, "empty_patch", ""},
		{"a patch of nothing", "PATCH", "/v1/items/none", `{"title":"x"}`, 404, "item_not_found", ""},
		{"a bad id", "PUT", "/v1/items/%01", `{}`, 400, "bad_id", "id"},
	} {
		t.Run(c.name, c.check(w))
	}
	r := w.ask("POST", "/v1/items:batch", `[{"id":"x"},{"id":"x"},{"title":"no id"},7,{"id":"a/b"},{"id":3},null]`)
	var got []string
	for _, e := range r.json(t)["results"].([]any) {
		m := e.(map[string]any)
		got = append(got, fmt.Sprint(m["status"], " ", m["error"], " ", m["field"]))
	}
	require.Equal(t, []string{"created <nil> <nil>", "rejected repeated_id id", "rejected missing id", "rejected wrong_type <nil>",
		"rejected bad_id id", "rejected wrong_type id", "rejected wrong_type <nil>"}, got)
}

func TestRefusalsOfEvents(t *testing.T) {
	w := newWorld(t)
	at := time.Now().UTC().Format(time.RFC3339Nano)
	event := func(change string) string {
		members := map[string]string{"event_id": `"e"`, "type": `"like"`, "viewer": `"v"`, "item": `"i"`, "at": `"` + at + `"`}
		name, value, _ := strings.Cut(change, "=")
		if members[name] = value; value == "" {
			delete(members, name)
		}
		var list []string
		for k, v := range members {
			list = append(list, fmt.Sprintf("%q:%s", k, v))
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	ahead := time.Now().Add(6 * time.Minute).UTC().Format(time.RFC3339)
	for _, c := range []struct{ change, code, field string }{
		{`event_id=`, "missing", "event_id"},
		{`event_id=""`, "missing", "event_id"},
		{`event_id=7`, "wrong_type", "event_id"},
		{`event_id="a/b"`, "bad_id", "event_id"},
		{`event_id="` + strings.Repeat("x", 129) + `"`, "bad_id", "event_id"},
		{`type=`, "missing", "type"},
		{`type=null`, "missing", "type"},
		{`type="dance"`, "unknown_type", "type"},
		{`type=["like"]`, "wrong_type", "type"},
		{`viewer=`, "missing", "viewer"},
		{`viewer={}`, "wrong_type", "viewer"},
		{`viewer="a/b"`, "bad_id", "viewer"},
		{"viewer=\"\xff\"", "bad_utf8", "viewer"},
		{`item=`, "missing", "item"},
		{`item=5`, "wrong_type", "item"},
		{`item="\u0000"`, "bad_id", "item"},
		{`author=false`, "wrong_type", "author"},
		{`author="a/b"`, "bad_id", "author"},
		{`at=`, "missing", "at"},
		{`at=1700000000`, "wrong_type", "at"},
		{`at="soon"`, "bad_time", "at"},
		{`at="` + ahead + `"`, "in_the_future", "at"},
		{`at="1989-12-31T23:59:59Z"`, "too_old", "at"},
		{`at="0001-01-01T00:00:00Z"`, "too_old", "at"},
		{`at="9999-12-31T23:59:59Z"`, "in_the_future", "at"},
		{`session=1`, "wrong_type", "session"},
		{`session="a/b"`, "bad_id", "session"},
		{`context={}`, "wrong_type", "context"},
		{`context="é"`, "bad_context", "context"},
		{`context="` + strings.Repeat("x", 513) + `"`, "bad_context", "context"},
		{`watch_ms=-1`, "bad_watch", "watch_ms"},
		{`watch_ms=172800001`, "bad_watch", "watch_ms"},
		{`watch_ms=9223372036854775807`, "bad_watch", "watch_ms"},
		{`watch_ms=-9223372036854775809`, "bad_watch", "watch_ms"},
		{`watch_ms=18446744073709551616000`, "bad_watch", "watch_ms"},
		{`watch_ms=0.5`, "wrong_type", "watch_ms"},
		{`watch_ms="7"`, "wrong_type", "watch_ms"},
		{`duration_ms=-1`, "bad_watch", "duration_ms"},
		{`duration_ms=1e400`, "wrong_type", "duration_ms"},
		{`duration_ms=[]`, "wrong_type", "duration_ms"},
		{`auto_presented="yes"`, "wrong_type", "auto_presented"},
		{`auto_presented=1`, "wrong_type", "auto_presented"},
		{`likes=1`, "unknown_field", "likes"},
	} {
		for form, body := range map[string]string{
			"array":  "[" + event(c.change) + "]",
			"ndjson": event(c.change) + "\n",
		} {
			r := w.ask("POST", "/v1/events", body)
			require.Equal(t, 200, r.status, "%s %s: %s", form, c.change, r.text)
			m := r.json(t)["results"].([]any)[0].(map[string]any)
			require.Equal(t, []any{"rejected", c.code, c.field}, []any{m["status"], m["error"], m["field"]}, "%s %s: %s", form, c.change, r.text)
			if !strings.HasPrefix(c.change, "event_id") {
				require.Equal(t, "e", m["event_id"])
			}
		}
	}
	r := w.ask("POST", "/v1/events", "["+event("x")+","+event(`event_id="f"`)+","+event(`event_id="f"`)+`,7,{"event_id":"g"}]`)
	m := r.json(t)
	require.EqualValues(t, 2, m["accepted"], r.text)
	require.EqualValues(t, 1, m["duplicate"])
	require.EqualValues(t, 2, m["rejected"])
	require.Equal(t, "duplicate", m["results"].([]any)[2].(map[string]any)["status"])
}
