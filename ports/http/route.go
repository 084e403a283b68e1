package http

import (
	"net/url"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
)

// route is one operation: how it is reached, what it says of itself, and what does it. The table of
// routes is registered with Hertz and written to openapi.json; there is no other list.
type route struct {
	method, path string // the path as OpenAPI writes it
	name         string // operationId
	group        string
	summary      string
	note         string // more, when the summary does not say it all
	query        []parameter
	body         *content
	answers      []answer
	lenient      bool // unknown query parameters are ignored
	do           handler
	apart        handler // does it for shadow traffic; nil: such traffic is refused
}

// parameter is one query parameter.
type parameter struct {
	name, about string
	schema      schema
	required    bool
	many        bool // may be repeated
}

// content is a body.
type content struct {
	schema  schema
	example any
	optional,
	lines bool // NDJSON too
}

// answer is one status and its body.
type answer struct {
	status  int
	about   string
	schema  schema // nil: no body
	example any
	kind    string // content type; default application/json
}

// pattern is the path as Hertz matches it. A word after an id's colon is not part of it: Hertz
// takes it for the end of the id, and choose cuts it off again.
func (r *route) pattern() string {
	segments := strings.Split(r.path, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			name, _, _ = strings.Cut(name, "}")
			segments[i] = ":" + name
		}
	}
	return strings.Join(segments, "/")
}

// verb is the word after an id's colon, with the colon.
func (r *route) verb() string {
	_, verb, _ := strings.Cut(r.path, "}:")
	if verb == "" {
		return ""
	}
	return ":" + verb
}

// choose finds the route meant among those of one pattern, and cuts the verb off the id.
func choose(routes []*route, rc *app.RequestContext) *route {
	for _, r := range routes {
		verb := r.verb()
		switch {
		case strings.Contains(r.path, "}"):
			if verb == "" {
				return r
			}
			last := len(rc.Params) - 1
			if id, ok := cutVerb(rc.Params[last].Value, verb); ok {
				rc.Params[last].Value = id
				return r
			}
		case strings.Contains(r.path, ":"): // /v1/items:batch, where Hertz takes ":batch" for a parameter
			if _, word, _ := strings.Cut(r.path, ":"); len(rc.Params) == 1 && unescaped(rc.Params[0].Value) == ":"+word {
				return r
			}
		default:
			return r
		}
	}
	return nil
}

// cutVerb takes the verb off a segment as it was sent; a client may have escaped its colon.
func cutVerb(segment, verb string) (id string, ok bool) {
	if id, ok = strings.CutSuffix(segment, verb); !ok {
		n := len(segment) - len("%3A") - len(verb) + 1
		if n < 0 || !strings.EqualFold(segment[n:n+3], "%3A") || segment[n+3:] != verb[1:] {
			return "", false
		}
		id = segment[:n]
	}
	return id, id != ""
}

func unescaped(s string) string {
	if t, err := url.PathUnescape(s); err == nil {
		return t
	}
	return s
}

// matches reports whether the route's path could be this one.
func (r *route) matches(path string) bool {
	want, got := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if !strings.HasPrefix(w, "{") {
			if w != got[i] && (!strings.Contains(w, ":") || w != unescaped(got[i])) {
				return false
			}
			continue
		}
		if got[i] == "" {
			return false
		}
		if verb := r.verb(); verb != "" && i == len(want)-1 {
			if _, ok := cutVerb(got[i], verb); !ok {
				return false
			}
		}
	}
	return true
}
