package http

import (
	"strings"
	"time"
)

func wrongEvents() []refusal {
	ahead := time.Now().Add(6 * time.Minute).UTC().Format(time.RFC3339)
	var cases []refusal
	for _, r := range withBody("Event") {
		add := func(name, field, members, code string) {
			cases = append(cases, r.spoilt(name, field, members, code)...)
		}
		for _, field := range []string{"event_id", "viewer", "item", "author", "session"} {
			for _, c := range []struct{ name, value, code string }{
				{"with a slash", `"a/b"`, "bad_id"},
				{"of 129 bytes", `"` + tooLong + `"`, "bad_id"},
				{"with a zero byte", `"\u0000"`, "bad_id"},
				{"with a control character", `"a\u001f"`, "bad_id"},
				{"that is not UTF-8", "\"\xff\"", "bad_utf8"},
				{"with half a character", `"\ud800x"`, "bad_utf8"},
			} {
				add(field+" "+c.name, field, `"`+field+`":`+c.value, c.code)
			}
		}
		for _, field := range []string{"event_id", "type", "viewer", "item", "at"} {
			add("no "+field, field, "", "missing")
			add(field+" of null", field, `"`+field+`":null`, "missing")
		}
		for _, field := range []string{"event_id", "viewer", "item"} {
			add("an empty "+field, field, `"`+field+`":""`, "missing")
		}
		for _, field := range []string{"watch_ms", "duration_ms"} {
			for name, value := range map[string]string{
				"below nothing": "-1", "of two days and a bit": "172800001", "of 2^63-1": "9223372036854775807", "of 2^63": "9223372036854775808",
				"of -2^63-1": "-9223372036854775809", "of 2^64": "18446744073709551616", "beyond numbers": "1" + strings.Repeat("0", 400),
			} {
				add(field+" "+name, field, `"`+field+`":`+value, "bad_watch")
			}
		}
		for _, c := range []struct{ name, field, value, code string }{
			{"an empty type", "type", `""`, "unknown_type"},
			{"another type", "type", `"dance"`, "unknown_type"},
			{"a type in capitals", "type", `"LIKE"`, "unknown_type"},
			{"a type with a zero byte", "type", `"like\u0000"`, "unknown_type"},
			{"a long type", "type", `"` + strings.Repeat("like", 10_000) + `"`, "unknown_type"},
			{"a type that is not UTF-8", "type", "\"\xff\"", "bad_utf8"},
			{"a moment in words", "at", `"soon"`, "bad_time"},
			{"a moment of nothing", "at", `""`, "bad_time"},
			{"a moment that is NaN", "at", `"NaN"`, "bad_time"},
			{"a moment without an offset", "at", `"2026-01-01T00:00:00"`, "bad_time"},
			{"a moment on a day that is not", "at", `"2026-02-30T00:00:00Z"`, "bad_time"},
			{"a moment in the year 10000", "at", `"10000-01-01T00:00:00Z"`, "bad_time"},
			{"a moment that is not UTF-8", "at", "\"\xff\"", "bad_utf8"},
			{"a moment six minutes ahead", "at", `"` + ahead + `"`, "in_the_future"},
			{"a moment in the year 9999", "at", `"9999-12-31T23:59:59Z"`, "in_the_future"},
			{"a moment in 1989", "at", `"1989-12-31T23:59:59.999Z"`, "too_old"},
			{"a moment in 1989 by its offset", "at", `"1990-01-01T00:00:00+00:01"`, "too_old"},
			{"a moment in the year 1", "at", `"0001-01-01T00:00:00Z"`, "too_old"},
			{"a moment in the year 0", "at", `"0000-01-01T00:00:00Z"`, "too_old"},
			{"a context of 513 bytes", "context", `"` + strings.Repeat("x", 513) + `"`, "bad_context"},
			{"a context that is not ASCII", "context", `"é"`, "bad_context"},
			{"a context with a control character", "context", `"a\u0001"`, "bad_context"},
			{"a context with delete", "context", `"a\u007f"`, "bad_context"},
			{"a context that is not UTF-8", "context", "\"\xff\"", "bad_utf8"},
		} {
			add(c.name, c.field, `"`+c.field+`":`+c.value, c.code)
		}
		add("a follow of nobody", "item", `"type":"follow_author"`, "missing")
		add("a follow of an item's author, when it has none", "author", `"type":"follow_author","item":"i"`, "missing")
	}
	return cases
}
