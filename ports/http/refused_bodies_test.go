package http

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// entries are, for every route with a body, the members of an object that it takes.
var entries = map[string]map[string]string{
	"ItemBody":   {},
	"ItemPatch":  {"title": `"t"`},
	"BatchItem":  {"id": `"bad"`},
	"Event":      {"event_id": `"bad"`, "type": `"like"`, "viewer": `"v"`, "item": `"i"`, "at": `"2026-01-01T00:00:00Z"`},
	"TuningBody": {"direction": `"more"`},
}

// about is the name of the object that the route's body is, or is a list of.
func (r *route) about() string {
	s := r.body.schema
	if s["type"] == "array" {
		s = s["items"].(schema)
	}
	return strings.TrimPrefix(s["$ref"].(string), "#/components/schemas/")
}

// object writes an entry without the name and with these members in the place of its own; they are JSON
// text, such as `"tags":7`.
func (r *route) object(name, members string) string {
	list := []string{}
	for _, n := range slices.Sorted(maps.Keys(entries[r.about()])) {
		if n != name && !strings.Contains(members, `"`+n+`":`) {
			list = append(list, fmt.Sprintf("%q:%s", n, entries[r.about()][n]))
		}
	}
	if members != "" {
		list = append(list, members)
	}
	return "{" + strings.Join(list, ",") + "}"
}

// spoilt are the cases of one spoilt member: as a body, or in an array and among lines, beside an entry
// that is taken.
func (r *route) spoilt(what, place, members, code string) []refusal {
	c := refusal{name: what, place: "body " + place, method: r.method, path: r.address("", ""), status: 400, code: code}
	name := c.field()
	if c.body = r.object(name, members); !r.body.lines {
		return []refusal{c}
	}
	good := strings.Replace(r.object("", ""), `"bad"`, `"good"`, 1)
	lines := c
	c.status, c.body = 200, "["+c.body+","+good+"]"
	lines.status, lines.body, lines.kind, lines.name = 200, lines.body+"\n"+good, "application/x-ndjson", what+" in a line"
	return []refusal{c, lines}
}

// withBody lists the routes whose bodies are of these objects.
func withBody(abouts ...string) []route {
	return slices.DeleteFunc(tableOf(), func(r route) bool { return r.body == nil || !slices.Contains(abouts, r.about()) })
}

// wrongTypes takes the types from the document: every member of every body is given each value of another
// type, and given twice.
func wrongTypes() []refusal {
	values := map[string]string{"a number": `7`, "a truth": `true`, "an object": `{"a":1}`, "a list": `["a"]`, "a text": `"7"`}
	fits := map[any]string{"integer": "a number", "boolean": "a truth", "array": "a list", "string": "a text"}
	var cases []refusal
	for _, r := range tableOf() {
		if r.body == nil {
			continue
		}
		properties := resolved(schema{"$ref": "#/components/schemas/" + r.about()})["properties"].(schema)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			s := properties[name].(schema)
			cases = append(cases, r.spoilt(name+" given twice", name, fmt.Sprintf(`%q:null,%q:null`, name, name), "duplicate_field")...)
			cases = append(cases, r.spoilt(name+" given twice, once escaped", name, fmt.Sprintf(`%q:null,"\u%04x%s":null`, name, name[0], name[1:]), "duplicate_field")...)
			cases = append(cases, r.spoilt(name+" in capitals", "*"+strings.ToUpper(name), fmt.Sprintf(`%q:null`, strings.ToUpper(name)), "unknown_field")...)
			for _, kind := range slices.Sorted(maps.Keys(values)) {
				if s["type"] == nil || fits[s["type"]] == kind {
					continue
				}
				cases = append(cases, r.spoilt(name+" as "+kind, name, fmt.Sprintf("%q:%s", name, values[kind]), "wrong_type")...)
			}
			switch s["type"] {
			case "integer":
				for _, number := range []string{"1.5", "1.0", "1e3", "1e400", "-1e400"} {
					cases = append(cases, r.spoilt(name+" as "+number, name, fmt.Sprintf("%q:%s", name, number), "wrong_type")...)
				}
			case "array":
				for _, list := range []string{`["a",7]`, `[true]`, `[null]`, `[{}]`, `[["a"]]`} {
					cases = append(cases, r.spoilt(name+" as "+list, name+"[]", fmt.Sprintf("%q:%s", name, list), "wrong_type")...)
				}
			}
		}
		for _, name := range []string{"colour", "", "a.b", "null", "__proto__", "日本"} {
			cases = append(cases, r.spoilt(fmt.Sprintf("the unknown field %q", name), "*"+name, fmt.Sprintf("%q:1", name), "unknown_field")...)
		}
	}
	return cases
}

// wrongBodies are bodies that are wrong as a whole: those of one object, those of many, and those where
// none is wanted.
func wrongBodies() []refusal {
	var cases []refusal
	for _, r := range tableOf() {
		add := func(name, place, body string, status int, code string) {
			cases = append(cases, refusal{name: name, place: place, method: r.method, path: r.address("", ""), body: body, status: status, code: code})
		}
		if r.method == "GET" {
			continue
		}
		deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
		for _, c := range []struct{ name, body, code string }{
			{"words", "title=x", "bad_json"},
			{"not a number", "NaN", "bad_json"},
			{"half an object", `{"title":"x"`, "bad_json"},
			{"a comma too many", `{"title":"x",}`, "bad_json"},
			{"a comment", `/* x */ {}`, "bad_json"},
			{"UTF-16", "\xff\xfe{\x00}\x00", "bad_json"},
			{"a string", `"hello"`, "wrong_type"},
			{"a number", `7`, "wrong_type"},
			{"null", `null`, "wrong_type"},
			{"deep", `{"payload":` + deep + `}`, "too_deep"},
		} {
			add(c.name, "body", c.body, 400, c.code)
		}
		if r.body == nil || !r.body.lines {
			add("a list", "body", `[]`, 400, "wrong_type")
			add("something after it", "body", `{} {}`, 400, "bad_json")
			add("two lines", "body", "{}\n{}", 400, "bad_json")
			add("a name that is not UTF-8", "body", "{\"\xff\":1}", 400, "bad_utf8")
			add("more than may be", "body", `{"payload":"`+strings.Repeat("x", 64<<10)+`"}`, 413, "too_large")
			add("more white space than may be", "body", strings.Repeat(" ", 64<<10+1), 413, "too_large")
		}
		switch {
		case r.body == nil:
			add("a field where none is wanted", "body *why", `{"why":1}`, 400, "unknown_field")
			add("a dry run", "body *dry_run", `{"dry_run":true}`, 400, "unknown_field")
			continue
		case r.body.lines:
			add("half a list", "body", `[{"id":"a"},`, 400, "bad_json")
			add("something after the list", "body", `[] []`, 400, "bad_json")
			add("one too many", "body", "["+strings.Repeat("{},", 10_000)+"{}]", 413, "batch_too_large")
			add("one line too many", "body", strings.Repeat("{}\n", 10_001), 413, "batch_too_large")
			add("more than may be", "body", "["+strings.Repeat(" ", 4<<20)+"]", 413, "too_large")
			add("a deep list", "body", "["+deep+"]", 400, "too_deep")
			cases = append(cases, refusal{name: "a list that is called lines", place: "header Content-Type", method: r.method, path: r.path, body: "[{}]",
				status: 200, code: "wrong_type", kind: "application/x-ndjson"})
		}
		add("none", "body", "", 400, "empty_body")
		add("white space", "body", " \n ", 400, "empty_body")
		add("a byte order mark", "body", "\xEF\xBB\xBF", 400, "empty_body")
	}
	return cases
}

func wrongTuning() []refusal {
	var cases []refusal
	for _, r := range withBody("TuningBody") {
		for _, c := range []struct{ name, members, code string }{
			{"no direction", ``, "missing"},
			{"a direction of null", `"direction":null`, "missing"},
			{"an empty direction", `"direction":""`, "bad_direction"},
			{"another direction", `"direction":"left"`, "bad_direction"},
			{"a direction in capitals", `"direction":"MORE"`, "bad_direction"},
			{"a direction with a space", `"direction":"more "`, "bad_direction"},
			{"a direction with a zero byte", `"direction":"more\u0000"`, "bad_direction"},
			{"a long direction", `"direction":"` + strings.Repeat("more", 10_000) + `"`, "bad_direction"},
			{"a direction that is not UTF-8", "\"direction\":\"\xff\"", "bad_utf8"},
			{"a direction with half a character", `"direction":"\udc00"`, "bad_utf8"},
		} {
			cases = append(cases, r.spoilt(c.name, "direction", c.members, c.code)...)
		}
	}
	return cases
}
