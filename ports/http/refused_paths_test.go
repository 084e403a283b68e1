package http

import "strings"

// wrong is a text that cannot stand where it stands.
type wrong struct {
	what, text string
	status     int
	code       string
}

var tooLong = strings.Repeat("x", 129)

// wrongIDs are refused wherever a path or a query names something by its id.
var wrongIDs = []wrong{
	{"with a slash", "a%2Fb", 400, "bad_id"},
	{"of 129 bytes", tooLong, 400, "bad_id"},
	{"that is not UTF-8", "%FF", 400, "bad_id"},
	{"with half a character", "%ED%A0%80", 400, "bad_id"},
	{"with a zero byte", "a%00", 400, "bad_id"},
	{"with a control character", "a%1Fb", 400, "bad_id"},
	{"with a mark that turns text round", "a%E2%80%AEb", 400, "bad_id"},
}

var halfEscaped = []wrong{{"that is half escaped", "100%zz", 400, "bad_id"}, {"that ends in an escape", "a%2", 400, "bad_id"}}

// pathValues are the parameters of paths: what is taken, and what is refused on every route that has one.
var pathValues = map[string]struct {
	taken   string
	refused []wrong
}{
	"viewer":  {"ann", append(halfEscaped, wrongIDs...)},
	"id":      {"v001", append(halfEscaped, wrongIDs...)},
	"session": {"none", append(halfEscaped, wrongIDs...)},
	"author":  {"a1", append(halfEscaped, wrongIDs...)},
	"feed": {"latest", append(halfEscaped, []wrong{
		{"that there is not", "none", 404, "feed_not_found"},
		{"in capitals", "LATEST", 404, "feed_not_found"},
		{"with a slash", "a%2Fb", 404, "feed_not_found"},
		{"of 129 bytes", tooLong, 404, "feed_not_found"},
		{"that is not UTF-8", "%FF", 404, "feed_not_found"},
		{"with a zero byte", "latest%00", 404, "feed_not_found"},
	}...)},
	"kind": {"item", append(halfEscaped, []wrong{
		{"that there is not", "colour", 400, "bad_target"},
		{"in capitals", "ITEM", 400, "bad_target"},
		{"with a space", "item%20", 400, "bad_target"},
		{"of 129 bytes", tooLong, 400, "bad_target"},
		{"that is not UTF-8", "%FF", 400, "bad_target"},
		{"with a zero byte", "item%00", 400, "bad_target"},
	}...)},
	"page": {"1", append(halfEscaped, []wrong{
		{"0", "0", 400, "bad_page"},
		{"-1", "-1", 400, "bad_page"},
		{"with a sign", "+1", 400, "bad_page"},
		{"in words", "one", 400, "bad_page"},
		{"with a point", "1.5", 400, "bad_page"},
		{"with an exponent", "1e400", 400, "bad_page"},
		{"NaN", "NaN", 400, "bad_page"},
		{"2^63", "9223372036854775808", 400, "bad_page"},
		{"far below", "-99999999999999999999", 400, "bad_page"},
		{"that is not UTF-8", "%FF", 400, "bad_page"},
		{"with a space", "%201", 400, "bad_page"},
	}...)},
}

// address fills in the route's path: the value for the name, and for the others what is taken.
func (r *route) address(name, value string) string {
	path := r.path
	for _, n := range pathNames(r.path) {
		v := pathValues[n].taken
		if n == name {
			v = value
		}
		path = strings.Replace(path, "{"+n+"}", v, 1)
	}
	return path
}

func wrongPaths() []refusal {
	var cases []refusal
	for _, r := range tableOf() {
		for _, name := range pathNames(r.path) {
			refused := pathValues[name].refused
			if strings.Contains(r.path, "{"+name+"}/") { // at the end there would be another path
				for _, w := range refused {
					if w.what == "that is not UTF-8" {
						refused = append(refused[:len(refused):len(refused)], wrong{"that is empty", "", w.status, w.code})
					}
				}
			}
			for _, w := range refused {
				cases = append(cases, refusal{name: name + " " + w.what, place: "path " + name, method: r.method,
					path: r.address(name, w.text) + r.needed(""), status: w.status, code: w.code})
			}
		}
	}
	const tag = "/v1/viewers/ann/tuning/tag/"
	for _, method := range []string{"PUT", "DELETE", "GET"} {
		for _, w := range wrongIDs {
			cases = append(cases, refusal{name: "a tag " + w.what, place: "path id", method: method, path: tag + w.text, status: 400, code: "bad_tag"})
		}
	}
	return append(cases, refusal{name: "related to nothing", place: "path id", method: "GET", path: "/v1/items/none/related", status: 404, code: "item_not_found"})
}
