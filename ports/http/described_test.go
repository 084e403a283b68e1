package http

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/stretchr/testify/require"
)

// described checks that an answer is what openapi.json says it is: every request of every test goes
// through here.
func (w *world) described(method, path string, r reply) {
	w.t.Helper()
	require.NotEmpty(w.t, r.header.Get("X-Request-Id"))
	path, _, _ = strings.Cut(path, "?")
	i := slices.IndexFunc(tableOf(), func(r route) bool { return r.method == method && r.matches(path) })
	if i < 0 {
		require.GreaterOrEqual(w.t, r.status, 300, r.text)
		if method != "HEAD" {
			valid(w.t, theSchemas()["Error"], r.text)
		}
		return
	}
	route := tableOf()[i]
	if r.status >= 400 || route.body != nil && route.body.lines {
		route.namesItsOwn(w.t, r.json(w.t))
	}
	answers := route.allAnswers()
	k := slices.IndexFunc(answers, func(a answer) bool { return a.status == r.status })
	require.GreaterOrEqual(w.t, k, 0, "%s %s answered %d, which it does not say: %s", method, route.path, r.status, r.text)
	switch a := answers[k]; {
	case a.schema == nil && a.status == 204:
		require.Empty(w.t, r.text)
	case a.schema != nil && a.kind == "":
		require.Equal(w.t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
		valid(w.t, a.schema, r.text)
	}
}

// namesItsOwn checks that a field at fault, in an answer or in one of its results, is one that the route
// has, unless it is refused because there is no such field.
func (r *route) namesItsOwn(t testing.TB, told map[string]any) {
	t.Helper()
	results, _ := told["results"].([]any)
	for _, e := range append(results, told) {
		m := e.(map[string]any)
		field, named := m["field"].(string)
		if !named || m["error"] == "unknown_field" || m["error"] == "unknown_parameter" {
			continue
		}
		known := slices.ContainsFunc(r.spots(), func(s spot) bool { return refusal{place: s.place}.field() == field })
		require.True(t, known, "%s %s names %q, which it does not have: %v", r.method, r.path, field, m)
	}
}

// tableOf is the caller's own.
func tableOf() []route { return slices.Clone(theTable()) }

var (
	theTable   = sync.OnceValue(func() []route { return (&public{}).routes() })
	theSchemas = sync.OnceValue(schemas)
)

func valid(t testing.TB, s schema, text string) {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), text)
	require.NoError(t, conforms(s, v, "$"), text)
}

// conforms is as much of JSON Schema as the document uses.
func conforms(s schema, v any, at string) error {
	if name, ok := s["$ref"].(string); ok {
		part, known := theSchemas()[strings.TrimPrefix(name, "#/components/schemas/")]
		if !known {
			return fmt.Errorf("%s: no schema %s", at, name)
		}
		return conforms(part, v, at)
	}
	if v == nil && s["nullable"] == true {
		return nil
	}
	switch s["type"] {
	case "object":
		m, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: not an object", at)
		}
		return closed(s, m, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s: not a list", at)
		}
		for i, e := range list {
			if err := conforms(s["items"].(schema), e, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s: not a string", at)
		}
		if words, ok := s["enum"].([]string); ok && !slices.Contains(words, text) {
			return fmt.Errorf("%s: %q is none of %v", at, text, words)
		}
	case "integer", "number":
		if _, ok := v.(json.Number); !ok {
			return fmt.Errorf("%s: not a number", at)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s: not a boolean", at)
		}
	}
	return nil
}

func closed(s schema, m map[string]any, at string) error {
	required, _ := s["required"].([]string)
	for _, name := range required {
		if _, ok := m[name]; !ok {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	properties, _ := s["properties"].(schema)
	for name, v := range m {
		p, ok := properties[name].(schema)
		if !ok {
			if s["additionalProperties"] == false {
				return fmt.Errorf("%s: %s is not described", at, name)
			}
			continue
		}
		if err := conforms(p, v, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func TestEveryRouteIsDescribedAndEveryDescriptionIsARoute(t *testing.T) {
	p := &public{opts: Options{}.withDefaults(), meter: newMeter(nil), draining: func() bool { return false }}
	h := p.engine(server.WithHostPorts("127.0.0.1:0"))
	registered := map[string]bool{}
	for _, r := range h.Routes() {
		registered[r.Method+" "+r.Path] = true
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Responses   map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(p.document, &doc))
	described, names := map[string]bool{}, map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			r := route{path: path}
			key := strings.ToUpper(method) + " " + r.pattern()
			require.True(t, registered[key], "%s is described and not registered", key)
			described[key] = true
			require.False(t, names[op.OperationID], "%s stands twice", op.OperationID)
			names[op.OperationID] = true
			require.NotEmpty(t, op.Responses)
		}
	}
	for key := range registered {
		require.True(t, described[key], "%s is registered and not described", key)
	}
}

func TestEveryReferenceInTheDocumentLeadsSomewhere(t *testing.T) {
	document := string(openAPI(tableOf(), "x"))
	for _, part := range strings.Split(document, `"$ref": "#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		require.Contains(t, schemas(), name)
	}
	for _, r := range tableOf() {
		if r.body != nil && r.body.example != nil {
			text, err := json.Marshal(r.body.example)
			require.NoError(t, err)
			valid(t, r.body.schema, string(text))
		}
		for _, a := range r.answers {
			if a.example != nil {
				text, err := json.Marshal(a.example)
				require.NoError(t, err)
				valid(t, a.schema, string(text))
			}
		}
	}
}
