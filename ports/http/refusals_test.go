package http

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// refusal is a request that must be refused: where in it the fault stands, and how that is told.
type refusal struct {
	name               string
	place              string // such as "path id", "query limit", "body tags[]"; "query *colour": of a name that nobody knows
	method, path, body string
	status             int // 200: the batch is taken, and the first of its entries rejected
	code               string
	kind               string // Content-Type
}

// field is how the answer names the place; a whole body has no name.
func (c refusal) field() string {
	part, name, _ := strings.Cut(c.place, " ")
	if part == "header" {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "*"), "[]")
}

func (c refusal) check(t *testing.T, w *world) {
	defer func(outer testing.TB) { w.t = outer }(w.t)
	w.t = t
	var headers []string
	if c.kind != "" {
		headers = []string{"Content-Type", c.kind}
	}
	r := w.ask(c.method, c.path, c.body, headers...)
	require.Equal(t, c.status, r.status, r.text)
	told := r.json(t)
	if c.status == 200 {
		results := told["results"].([]any)
		told = results[0].(map[string]any)
		require.Equal(t, "rejected", told["status"], r.text)
		for _, other := range results[1:] {
			require.NotEqual(t, "rejected", other.(map[string]any)["status"], "one entry keeps no other out: %s", r.text)
		}
	} else {
		require.Equal(t, "the-request", told["request_id"])
		require.Equal(t, false, told["retryable"])
	}
	field, _ := told["field"].(string)
	require.Equal(t, []string{c.code, c.field()}, []string{told["error"].(string), field}, r.text)
	require.NotEmpty(t, told["message"])
}

// TestEveryFieldRefusesWhatItMustByName runs every case and then asks whether each field of each route had one.
func TestEveryFieldRefusesWhatItMustByName(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	require.Equal(t, 201, w.ask("PUT", "/v1/items/p", "{}").status)
	proven := proofs{}
	for _, group := range []struct {
		name  string
		cases []refusal
	}{
		{"paths", wrongPaths()},
		{"queries", wrongQueries()},
		{"cursors", wrongCursors(t, w)},
		{"bodies", wrongBodies()},
		{"types", wrongTypes()},
		{"items", wrongItems()},
		{"events", wrongEvents()},
		{"tuning", wrongTuning()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				path, _, _ := strings.Cut(c.path, "?")
				if t.Run(c.method+" "+path[:min(len(path), 60)]+" "+c.name, func(t *testing.T) { c.check(t, w) }) {
					proven.add(c)
				}
			}
		})
	}
	t.Run("the short-video contract", func(t *testing.T) {
		for _, c := range wrongShortVideo() {
			c.checkShortVideo(t, w)
			proven.add(c)
		}
	})
	t.Run("nothing is left out", func(t *testing.T) {
		require.Empty(t, proven.missing(tableOf()), "no case was refused here by name")
	})
	t.Run("a new field would be noticed", func(t *testing.T) {
		r := route{method: "PUT", path: "/v1/new/{thing}", query: []parameter{{name: "colour"}},
			body: &content{schema: listOf(object(must("list", listOf(object(may("deep", aText(""))), ""))), "")}}
		at := "PUT /v1/new/{thing}: "
		require.Equal(t, []string{at + "path thing", at + "query colour", at + "query *", at + "body", at + "body *",
			at + "body list", at + "body list[]", at + "body list[].deep"}, proofs{}.missing([]route{r}))
		require.Equal(t, []string{at + "body list[].deep: not UTF-8", at + "body list[].deep: a control character"},
			proofs{at + "body list[].deep": {"too long": true}}.missing([]route{r})[7:], "one case is not enough")
	})
}
