package http

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet/freshet/ports/wire"
)

//go:embed docs.html
var docsPage []byte

// openAPI writes the table as an OpenAPI 3.0 document; equal tables give equal bytes.
func openAPI(table []route, version string) []byte {
	paths := map[string]map[string]any{}
	for i := range table {
		r := &table[i]
		if paths[r.path] == nil {
			paths[r.path] = map[string]any{}
		}
		paths[r.path][strings.ToLower(r.method)] = r.operation()
	}
	doc := map[string]any{
		"openapi": "3.0.3",
		"info": map[string]any{
			"title": "Freshet", "version": version, "license": map[string]any{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
			"description": "What should this viewer see next? Publish items, report what viewers do, and ask for pages.\n\n" +
				"Ids are 1 to 128 bytes of printable UTF-8 without '/', percent-encoded in paths. Times are RFC 3339, answered in UTC with milliseconds. " +
				"Unknown JSON fields and query parameters are refused. A 2xx for a write means that it is durable. Every answer carries X-Request-Id.",
		},
		"paths": paths,
		"components": map[string]any{"schemas": schemas(), "securitySchemes": map[string]any{
			"bearer": map[string]any{"type": "http", "scheme": "bearer", "description": "A viewer's token, or a service's key."},
			"key":    map[string]any{"type": "apiKey", "in": "header", "name": keyHeader, "description": "A service's key."},
		}},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(doc); err != nil {
		panic(err) // the table is ours
	}
	return b.Bytes()
}

func (r *route) operation() map[string]any {
	op := map[string]any{"operationId": r.name, "tags": []string{r.group}, "summary": r.summary}
	if r.note != "" {
		op["description"] = r.note
	}
	var parameters []any
	for _, name := range pathNames(r.path) {
		parameters = append(parameters, map[string]any{"name": name, "in": "path", "required": true, "schema": pathSchema(name)})
	}
	for _, p := range r.query {
		q := map[string]any{"name": p.name, "in": "query", "required": p.required, "description": p.about, "schema": p.schema}
		parameters = append(parameters, q)
	}
	if about, may := r.aboutMark(); may {
		parameters = append(parameters, map[string]any{"name": wire.ShadowHeader, "in": "header", "required": false, "description": about, "schema": oneOf("", "1")})
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if _, _, proven := r.deed(); proven { // or nothing, where the service asks nobody
		op["security"] = []any{map[string]any{"bearer": []string{}}, map[string]any{"key": []string{}}, map[string]any{}}
	}
	if r.body != nil {
		kinds := map[string]any{"application/json": media(r.body.schema, r.body.example)}
		if r.body.lines {
			kinds["application/x-ndjson"] = map[string]any{"schema": aText("One JSON object a line.")}
		}
		op["requestBody"] = map[string]any{"required": !r.body.optional, "content": kinds}
	}
	responses := map[string]any{}
	for _, a := range r.allAnswers() {
		response := map[string]any{"description": a.about}
		if a.schema != nil {
			kind := a.kind
			if kind == "" {
				kind = "application/json"
			}
			response["content"] = map[string]any{kind: media(a.schema, a.example)}
		}
		responses[strconv.Itoa(a.status)] = response
	}
	op["responses"] = responses
	return op
}

// allAnswers adds what every route of its kind may answer.
func (r *route) allAnswers() []answer {
	answers := r.answers[:len(r.answers):len(r.answers)]
	if r.method != "GET" { // what it takes, or takes for nothing, may be too large
		answers = append(answers, refused(413))
	}
	if strings.HasPrefix(r.path, "/v1/") {
		answers = append(answers, refused(500), refused(503))
	}
	_, marked := r.aboutMark()
	_, _, proven := r.deed()
	for status, may := range map[int]bool{400: marked, 401: proven, 403: marked || proven} {
		if may && !slices.ContainsFunc(answers, func(a answer) bool { return a.status == status }) {
			answers = append(answers, refused(status))
		}
	}
	return answers
}

func pathNames(path string) []string {
	var names []string
	for _, s := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			name, _, _ = strings.Cut(name, "}")
			names = append(names, name)
		}
	}
	return names
}

func pathSchema(name string) schema {
	switch name {
	case "page":
		return integer(1, 1000, "")
	case "kind":
		return oneOf("", "item", "author", "tag")
	}
	return anID("")
}

func media(s schema, example any) map[string]any {
	m := map[string]any{"schema": s}
	if example != nil {
		m["example"] = example
	}
	return m
}

func (p *public) openapi(_ context.Context, c *call) error {
	c.Response.Header.SetContentType("application/json; charset=utf-8")
	c.Response.Header.Set("Access-Control-Allow-Origin", "*")
	c.Response.SetBody(p.document)
	return nil
}

func (p *public) docs(_ context.Context, c *call) error {
	c.Response.Header.SetContentType("text/html; charset=utf-8")
	c.Response.Header.Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
	c.Response.SetBody(docsPage)
	return nil
}

func (p *public) root(_ context.Context, c *call) error {
	c.SetStatusCode(302)
	c.Response.Header.Set("Location", "/docs")
	c.Response.Header.SetContentType("text/plain; charset=utf-8")
	c.Response.SetBodyString("Freshet. See /docs and /openapi.json; try GET /v1/feeds/for-you?viewer=you\n")
	return nil
}
