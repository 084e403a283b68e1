package http

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhatIsNotThereIsTold holds what no field is at fault for.
func TestWhatIsNotThereIsTold(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	page, _ := w.page("/v1/feeds/latest?viewer=a")
	session := page["session"].(string)
	for _, c := range []refusal{
		{name: "no such item", method: "GET", path: "/v1/items/none", status: 404, code: "item_not_found"},
		{name: "a patch of nothing", method: "PATCH", path: "/v1/items/none", body: `{"title":"x"}`, status: 404, code: "item_not_found"},
		{name: "an empty patch", method: "PATCH", path: "/v1/items/v001", body: `{}`, status: 400, code: "empty_patch"},
		{name: "a patch of the id alone", method: "PATCH", path: "/v1/items/v001", body: `{"id":"v001"}`, status: 400, code: "empty_patch"},
		{name: "hide of nothing", method: "POST", path: "/v1/items/none:hide", status: 404, code: "item_not_found"},
		{name: "restore of nothing", method: "POST", path: "/v1/items/none:restore", status: 404, code: "item_not_found"},
		{name: "delete of nothing", method: "DELETE", path: "/v1/items/none", status: 404, code: "item_not_found"},
		{name: "a word that no item knows", method: "POST", path: "/v1/items/v001:fly", status: 405, code: "method_not_allowed"},
		{name: "posting an item", method: "POST", path: "/v1/items/v001", body: "{}", status: 405, code: "method_not_allowed"},
		{name: "posting nowhere", method: "POST", path: "/v1/itemsbatch", body: "[]", status: 404, code: "route_not_found"},
		{name: "reading a batch", method: "GET", path: "/v1/items:batch", status: 405, code: "method_not_allowed"},
		{name: "nowhere", method: "GET", path: "/v2/feeds", status: 404, code: "route_not_found"},
		{name: "feeds by POST", method: "POST", path: "/v1/feeds/latest?viewer=a", status: 405, code: "method_not_allowed"},
		{name: "a slash too many", method: "GET", path: "/v1/feeds/latest/?viewer=a", status: 308, code: "moved"},
		{name: "no such session", method: "GET", path: "/v1/sessions/none", status: 404, code: "session_not_found"},
		{name: "replay of nothing", method: "POST", path: "/v1/sessions/none/pages/1/replay", status: 404, code: "session_not_found"},
		{name: "replay of a page to come", place: "path page", method: "POST", path: "/v1/sessions/" + session + "/pages/2/replay", status: 404, code: "page_not_found"},
		{name: "replay of page 2^63-1", place: "path page", method: "POST", path: "/v1/sessions/" + session + "/pages/9223372036854775807/replay", status: 404, code: "page_not_found"},
		{name: "undoing nothing", method: "DELETE", path: "/v1/viewers/a/tuning/item/v001", status: 404, code: "tuning_not_found"},
		{name: "no decision", method: "GET", path: "/v1/viewers/a/tuning/item/v001", status: 404, code: "tuning_not_found"},
		{name: "unfollowing nobody", method: "DELETE", path: "/v1/viewers/a/follows/b", status: 404, code: "relation_not_found"},
		{name: "not muted", method: "GET", path: "/v1/viewers/a/mutes/b", status: 404, code: "relation_not_found"},
		{name: "another relation", method: "PUT", path: "/v1/viewers/a/likes/b", status: 404, code: "route_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, w) })
	}
}

func TestAParseErrorSaysWhere(t *testing.T) {
	w := newWorld(t)
	r := w.ask("PUT", "/v1/items/a", "{\n \"title\": oops\n}")
	require.Contains(t, r.json(t)["message"], "line 2, column 11:")
	r = w.ask("POST", "/v1/events", "{}\n{\"a\":1}\n{\"b\" 2}\n", "Content-Type", "application/x-ndjson")
	require.Contains(t, r.json(t)["results"].([]any)[2].(map[string]any)["message"], "line 3, column 6:")
}

// told are the outcomes of a batch, each as "status error field".
func told(t *testing.T, r reply) []string {
	t.Helper()
	require.Equal(t, 200, r.status, r.text)
	var list []string
	for _, e := range r.json(t)["results"].([]any) {
		m := e.(map[string]any)
		list = append(list, fmt.Sprint(m["status"], " ", m["error"], " ", m["field"]))
	}
	return list
}

func TestEntriesOfABatchStandAlone(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, []string{"created <nil> <nil>", "rejected repeated_id id", "rejected repeated_id id", "rejected missing id",
		"rejected wrong_type <nil>", "rejected bad_id id", "rejected wrong_type id", "rejected wrong_type <nil>"},
		told(t, w.ask("POST", "/v1/items:batch", `[{"id":"x","title":"first"},{"id":"x","title":"again"},{"id":"\u0078"},{"title":"no id"},7,{"id":"a/b"},{"id":3},null]`)))
	require.Equal(t, "first", w.ask("GET", "/v1/items/x", "").json(t)["title"], "what repeats an id changes nothing")

	at := time.Now().UTC().Format(time.RFC3339Nano)
	event := func(id, act string) string {
		return fmt.Sprintf(`{"event_id":%q,"type":%q,"viewer":"v","item":"x","at":%q}`, id, act, at)
	}
	require.Equal(t, []string{"accepted <nil> <nil>", "accepted <nil> <nil>", "duplicate <nil> <nil>", "duplicate <nil> <nil>",
		"rejected wrong_type <nil>", "rejected missing type", "rejected wrong_type <nil>"},
		told(t, w.ask("POST", "/v1/events", "["+strings.Join([]string{event("e", "like"), event("f", "like"), event("f", "like"), event("f", "skip"),
			"7", `{"event_id":"g"}`, "null"}, ",")+"]")))
	require.Equal(t, []string{"duplicate <nil> <nil>"}, told(t, w.ask("POST", "/v1/events", event("e", "skip"))), "nor does one sent before")
	lines := event("h", "like") + "\n{\"event_id\":\n" + event("i", "like") + "\n[" + event("j", "like") + "]\n\xff\n"
	require.Equal(t, []string{"accepted <nil> <nil>", "rejected bad_json <nil>", "accepted <nil> <nil>", "rejected wrong_type <nil>", "rejected bad_json <nil>"},
		told(t, w.ask("POST", "/v1/events", lines)))
	require.Equal(t, "bad", w.ask("POST", "/v1/events", `[{"likes":1,"event_id":"bad"}]`).json(t)["results"].([]any)[0].(map[string]any)["event_id"],
		"what is refused is told by its id, wherever that stands")
}

func TestMoreThanAViewerKeepsIsAConflict(t *testing.T) {
	w := newWorld(t)
	at := time.Now().UTC().Format(time.RFC3339)
	report := func(act, about string, n int) []string {
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, `{"event_id":"%s%d","type":%q,"viewer":"v",%q:"a%d","at":%q}`+"\n", act, i, act, about, i, at)
		}
		return told(t, w.ask("POST", "/v1/events", lines.String()))
	}
	results := report("follow_author", "author", 5001)
	require.Equal(t, []string{"accepted <nil> <nil>", "rejected too_many_follows author"}, results[4999:])
	report("more_like_this", "item", 2000)
	for _, c := range []refusal{
		{name: "a follow", place: "path author", method: "PUT", path: "/v1/viewers/v/follows/another", status: 409, code: "too_many_follows"},
		{name: "a decision", place: "path id", method: "PUT", path: "/v1/viewers/v/tuning/item/another", body: `{"direction":"less"}`, status: 409, code: "too_many_decisions"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, w) })
	}
}
