package http

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// queryValues are what each parameter of a query refuses on every route that has it; being given twice, and
// being absent where it is required, come with the table of routes.
var queryValues = map[string][]wrong{
	"viewer": wrongIDs,
	"limit": {
		{"0", "0", 400, "bad_limit"},
		{"101", "101", 400, "bad_limit"},
		{"-1", "-1", 400, "bad_limit"},
		{"in words", "ten", 400, "bad_limit"},
		{"with a point", "1.5", 400, "bad_limit"},
		{"with an exponent", "1e1", 400, "bad_limit"},
		{"beyond numbers", "1e400", 400, "bad_limit"},
		{"with a sign", "%2B5", 400, "bad_limit"},
		{"with a space", "+5", 400, "bad_limit"},
		{"in hex", "0x10", 400, "bad_limit"},
		{"NaN", "NaN", 400, "bad_limit"},
		{"2^63", "9223372036854775808", 400, "bad_limit"},
		{"2^64+1", "18446744073709551617", 400, "bad_limit"},
		{"far below", "-99999999999999999999", 400, "bad_limit"},
		{"in other digits", "%D9%A5", 400, "bad_limit"},
		{"that is not UTF-8", "%FF", 400, "bad_limit"},
		{"with a zero byte", "5%00", 400, "bad_limit"},
	},
	"exclude": append([]wrong{
		{"of which one is no id", "ok,a%2Fb", 400, "bad_id"},
		{"given again as no id", "ok&exclude=%FF", 400, "bad_id"},
		{"of 1001 ids", numbered(1001, ","), 400, "too_many"},
		{"given 1001 times", numbered(1001, "&exclude="), 400, "too_many"},
	}, wrongIDs...),
	"explain": {
		{"another word", "all", 400, "bad_explain"},
		{"in capitals", "USER", 400, "bad_explain"},
		{"1", "1", 400, "bad_explain"},
		{"of 129 bytes", tooLong, 400, "bad_explain"},
		{"that is not UTF-8", "%FF", 400, "bad_explain"},
		{"with a zero byte", "user%00", 400, "bad_explain"},
	},
	"tag":    coded("bad_tag", wrongIDs),
	"lang":   wrongPlaces,
	"region": wrongPlaces,
	"before": {
		{"in words", "noon", 400, "bad_time"},
		{"as a number", "1700000000", 400, "bad_time"},
		{"NaN", "NaN", 400, "bad_time"},
		{"a day alone", "2026-01-01", 400, "bad_time"},
		{"without an offset", "2026-01-01T00:00:00", 400, "bad_time"},
		{"a day that is not", "2026-02-30T00:00:00Z", 400, "bad_time"},
		{"an hour that is not", "2026-01-01T24:00:00Z", 400, "bad_time"},
		{"in the year 10000", "10000-01-01T00:00:00Z", 400, "bad_time"},
		{"before the year 0", "-0001-01-01T00:00:00Z", 400, "bad_time"},
		{"of 20000 bytes", strings.Repeat("2", 20000), 400, "bad_time"},
		{"that is not UTF-8", "%FF", 400, "bad_time"},
		{"with a zero byte", "2026-01-01T00:00:00Z%00", 400, "bad_time"},
	},
}

var wrongPlaces = []wrong{
	{"of 36 bytes", strings.Repeat("x", 36), 400, "too_long"},
	{"with a control character", "%01", 400, "bad_text"},
	{"with a line break", "en%0A", 400, "bad_text"},
	{"that is not UTF-8", "%FF", 400, "bad_text"},
}

func coded(code string, list []wrong) []wrong {
	list = append([]wrong(nil), list...)
	for i := range list {
		list[i].code = code
	}
	return list
}

func numbered(n int, sep string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("i%d", i)
	}
	return strings.Join(list, sep)
}

// needed is a query of the parameters that the route requires, but for the one named.
func (r *route) needed(but string) string {
	query := "?"
	for _, q := range r.query {
		if q.required && q.name != but {
			query += q.name + "=ann&"
		}
	}
	return query
}

func wrongQueries() []refusal {
	var cases []refusal
	for _, r := range tableOf() {
		at := func(name string) string { return r.address("", "") + r.needed(name) }
		refuse := func(name, place, query, code string) {
			cases = append(cases, refusal{name: place + " " + name, place: "query " + place, method: r.method, path: at(place) + query, status: 400, code: code})
		}
		for _, q := range r.query {
			if r.lenient {
				continue
			}
			for _, w := range queryValues[q.name] {
				refuse(w.what, q.name, q.name+"="+w.text, w.code)
			}
			if !q.many {
				refuse("given twice", q.name, q.name+"=1&"+q.name+"=2", "repeated_parameter")
				refuse("given twice, once escaped", q.name, q.name+"=1&"+fmt.Sprintf("%%%X", q.name[0])+q.name[1:]+"=1", "repeated_parameter")
			}
			if q.required {
				refuse("that is absent", q.name, "", "missing")
				refuse("that is empty", q.name, q.name+"=", "missing")
			}
		}
		if !r.lenient {
			refuse("unknown", "*colour", "colour=red", "unknown_parameter")
			refuse("without a value", "*colour", "colour", "unknown_parameter")
			refuse("in capitals", "*LIMIT", "LIMIT=1", "unknown_parameter")
			refuse("that is not UTF-8", "*\uFFFD", "%FF=1", "unknown_parameter")
		}
	}
	return cases
}

// wrongShortVideo is told in the contract's own body, where the message names the parameter. A token is
// never refused: what can be nobody's is a stranger's.
func wrongShortVideo() []refusal {
	var cases []refusal
	for _, at := range []string{"/douyin/feed", "/douyin/feed/"} {
		for _, text := range []string{"soon", "-1", "1.5", "1e12", "1e400", "NaN", "0x10", "%2B5", "9223372036854775808", "-99999999999999999999", "%FF", "5%00", "1,2"} {
			cases = append(cases, refusal{place: "query latest_time", method: "GET", path: at + "?latest_time=" + text, code: "400"})
		}
		for _, w := range wrongIDs {
			cases = append(cases, refusal{place: "query token", method: "GET", path: at + "?token=" + w.text, code: "0"})
		}
	}
	return cases
}

func (c refusal) checkShortVideo(t *testing.T, w *world) {
	r := w.ask(c.method, c.path, "")
	require.Equal(t, 200, r.status)
	told := r.json(t)
	require.Equal(t, c.code, fmt.Sprint(told["status_code"]), "%s: %s", c.path, r.text)
	if c.code == "0" {
		require.NotEmpty(t, told["video_list"], c.path)
		return
	}
	require.Contains(t, told["status_msg"], c.field(), c.path)
	require.Empty(t, told["video_list"], c.path)
}
