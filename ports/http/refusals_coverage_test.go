package http

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/freshet/freshet/domain/catalog"
)

// spot is one place where a request of a route can be at fault, and what stands there.
type spot struct {
	place  string
	schema schema
}

// spots lists the places of a route, from the table that it is served and described by.
func (r *route) spots() []spot {
	var list []spot
	for _, name := range pathNames(r.path) {
		list = append(list, spot{"path " + name, pathSchema(name)})
	}
	for _, q := range r.query {
		list = append(list, spot{"query " + q.name, q.schema})
	}
	if !r.lenient {
		list = append(list, spot{"query *", nil})
	}
	if r.method != "GET" {
		list = append(list, spot{"body", nil}, spot{"body *", nil})
	}
	if r.body != nil {
		list = append(list, membersOf(r.body.schema, "body ")...)
		if r.body.lines {
			list = append(list, spot{"header Content-Type", nil})
		}
	}
	return list
}

// membersOf are the members of an object, or of the objects of a list, and what they consist of in turn.
func membersOf(s schema, before string) []spot {
	s = resolved(s)
	if s["type"] == "array" {
		return membersOf(s["items"].(schema), before)
	}
	properties, _ := s["properties"].(schema)
	var list []spot
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		inner := resolved(properties[name].(schema))
		name, list = before+name, append(list, spot{before + name, inner})
		if inner["type"] == "array" {
			name += "[]"
			list = append(list, spot{name, resolved(inner["items"].(schema))})
		}
		list = append(list, membersOf(inner, name+".")...)
	}
	return list
}

func resolved(s schema) schema {
	if name, ok := s["$ref"].(string); ok {
		return schemas()[strings.TrimPrefix(name, "#/components/schemas/")]
	}
	return s
}

// traits are the ways of being wrong that are seen in a request itself, not in what its case is called.
var traits = []struct {
	name string
	seen *regexp.Regexp
}{
	{"too long", regexp.MustCompile(`[^",:&=?/{}\[\] ]{36,}| {1000}`)},
	{"too many", regexp.MustCompile(`([^,]*,){32}|(&exclude=[^&]*){100}`)},
	{"not UTF-8", regexp.MustCompile(`%(FF|ED)|\\u(d8|dc|d83d)|\x{FFFD}`)},
	{"a control character", regexp.MustCompile(`%[01][0-9A-F]|\\u00[01]|\\u007f|\\[nt]`)},
	{"below nothing", regexp.MustCompile(`[:=/]-1`)},
	{"beyond numbers", regexp.MustCompile(`[0-9]{19}`)},
	{"a slash", regexp.MustCompile(`a%2Fb|"[a-z0-9]+/[a-z]*"`)},
	{"no time", regexp.MustCompile(`soon|noon|yesterday`)},
	{"ages ago", regexp.MustCompile(`(-0001|000[01]|18\d\d|19\d\d)-`)},
	{"ages ahead", regexp.MustCompile(`(10000|9999|2200)-`)},
}

// owed are the ways in which what stands at the spot must have been wrong in some case; beside them it
// takes a case of any kind.
func (s spot) owed() []string {
	switch kind := s.schema["type"]; {
	case s.place == "body":
		return []string{"too long"}
	case kind == "integer":
		return []string{"below nothing", "beyond numbers"}
	case s.schema["format"] == "date-time":
		return []string{"no time", "not UTF-8", "ages ago", "ages ahead"}
	case kind == "string" && s.schema["maxLength"] == catalog.MaxIDBytes:
		return []string{"too long", "not UTF-8", "a control character", "a slash"}
	case kind == "string":
		return []string{"too long", "not UTF-8", "a control character"}
	case kind == "array" && strings.HasPrefix(s.place, "query"):
		return append(spot{"", s.schema["items"].(schema)}.owed(), "too many")
	case kind == "array":
		return []string{"too many"}
	case kind == nil && s.schema != nil: // a payload may be anything
		return []string{"too long", "not UTF-8"}
	}
	return nil
}

// proofs are the places of routes where refusals were seen, and the ways of being wrong among them.
type proofs map[string]map[string]bool

func (p proofs) add(c refusal) {
	path, _, _ := strings.Cut(c.path, "?")
	i := slices.IndexFunc(tableOf(), func(r route) bool { return r.method == c.method && r.matches(path) })
	if i < 0 {
		return
	}
	r := tableOf()[i]
	place := c.place
	if part, _, unknown := strings.Cut(place, "*"); unknown {
		place = part + "*"
	}
	at := r.method + " " + r.path + ": " + place
	if p[at] == nil {
		p[at] = map[string]bool{}
	}
	text := c.path + c.body
	text = strings.ToValidUTF8(text[:min(len(text), 20_000)], "\uFFFD")
	for _, t := range traits {
		if !p[at][t.name] && t.seen.MatchString(text) {
			p[at][t.name] = true
		}
	}
}

// missing lists the places of the routes without a case, and those whose cases lack a way of being wrong.
func (p proofs) missing(table []route) []string {
	var list []string
	for _, r := range table {
		for _, s := range r.spots() {
			at := r.method + " " + r.path + ": " + s.place
			if p[at] == nil {
				list = append(list, at)
				continue
			}
			for _, way := range s.owed() {
				if !p[at][way] {
					list = append(list, at+": "+way)
				}
			}
		}
	}
	return list
}
