package http

import (
	"strings"
)

// wrongItems are told the same of an item that is put, patched, or one of a batch.
func wrongItems() []refusal {
	var cases []refusal
	x := func(n int) string { return strings.Repeat("x", n) }
	many := `["` + numbered(33, `","`) + `"]`
	for _, r := range withBody("ItemBody", "ItemPatch", "BatchItem") {
		for _, c := range []struct{ name, place, members, code string }{
			{"an author with a slash", "author", `"author":"a/b"`, "bad_id"},
			{"an author of 129 bytes", "author", `"author":"` + x(129) + `"`, "bad_id"},
			{"an author with a control character", "author", `"author":"a\u0001"`, "bad_id"},
			{"an author that is not UTF-8", "author", "\"author\":\"\xff\"", "bad_utf8"},
			{"an author with half a character", "author", `"author":"\ud800"`, "bad_utf8"},
			{"a title of 1025 bytes", "title", `"title":"` + x(1025) + `"`, "too_long"},
			{"a title with a control character", "title", `"title":"a\u0001"`, "bad_text"},
			{"a title with a zero byte", "title", `"title":"\u0000"`, "bad_text"},
			{"a title that is not UTF-8", "title", "\"title\":\"\xc0\xaf\"", "bad_utf8"},
			{"a title with half a character", "title", `"title":"\ud83d"`, "bad_utf8"},
			{"an empty tag", "tags[]", `"tags":[""]`, "bad_tag"},
			{"a tag with a slash", "tags[]", `"tags":["ok","a/b"]`, "bad_tag"},
			{"a tag of 129 bytes", "tags[]", `"tags":["` + x(129) + `"]`, "bad_tag"},
			{"a tag with a line break", "tags[]", `"tags":["a\n"]`, "bad_tag"},
			{"a tag that is not UTF-8", "tags[]", "\"tags\":[\"ok\",\"\xff\"]", "bad_utf8"},
			{"33 tags", "tags", `"tags":` + many, "too_many"},
			{"an empty label", "labels[]", `"labels":[""]`, "bad_tag"},
			{"a label with a slash", "labels[]", `"labels":["a/b"]`, "bad_tag"},
			{"a label of 129 bytes", "labels[]", `"labels":["` + x(129) + `"]`, "bad_tag"},
			{"a label with a zero byte", "labels[]", `"labels":["\u0000"]`, "bad_tag"},
			{"a label that is not UTF-8", "labels[]", "\"labels\":[\"\xff\"]", "bad_utf8"},
			{"33 labels", "labels", `"labels":` + many, "too_many"},
			{"a language of 36 bytes", "lang", `"lang":"` + x(36) + `"`, "too_long"},
			{"a language with a control character", "lang", `"lang":"e\tn"`, "bad_text"},
			{"a language that is not UTF-8", "lang", "\"lang\":\"\xff\"", "bad_utf8"},
			{"a region of 36 bytes", "region", `"region":"` + x(36) + `"`, "too_long"},
			{"a region with a control character", "region", `"region":"\u001f"`, "bad_text"},
			{"a region that is not UTF-8", "region", "\"region\":\"\xff\"", "bad_utf8"},
			{"a duration below nothing", "duration_ms", `"duration_ms":-1`, "bad_duration"},
			{"a duration of two days and a bit", "duration_ms", `"duration_ms":172800001`, "bad_duration"},
			{"a duration of 2^63-1", "duration_ms", `"duration_ms":9223372036854775807`, "bad_duration"},
			{"a duration of 2^63", "duration_ms", `"duration_ms":9223372036854775808`, "bad_duration"},
			{"a duration of -2^63-1", "duration_ms", `"duration_ms":-9223372036854775809`, "bad_duration"},
			{"a duration of 2^64", "duration_ms", `"duration_ms":18446744073709551616`, "bad_duration"},
			{"a duration beyond numbers", "duration_ms", `"duration_ms":1` + strings.Repeat("0", 400), "bad_duration"},
			{"a payload of 16 KiB and a bit", "payload", `"payload":"` + x(16<<10-1) + `"`, "too_long"},
			{"a payload that is not UTF-8", "payload", "\"payload\":{\"a\":\"\xff\"}", "bad_utf8"},
			{"expiry at publication", "expires_at", `"published_at":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:00:00Z"`, "bad_expiry"},
			{"expiry less than a millisecond after", "expires_at", `"published_at":"2026-01-01T00:00:00.0001Z","expires_at":"2026-01-01T00:00:00.0002Z"`, "bad_expiry"},
			{"expiry before publication", "expires_at", `"published_at":"2026-01-02T00:00:00Z","expires_at":"2026-01-01T00:00:00Z"`, "bad_expiry"},
			{"expiry in the past, published now", "expires_at", `"expires_at":"2020-01-01T00:00:00Z"`, "bad_expiry"},
		} {
			cases = append(cases, r.spoilt(c.name, c.place, c.members, c.code)...)
		}
		for _, field := range []string{"published_at", "expires_at"} {
			for _, c := range []struct{ name, value, code string }{
				{"in words", `"yesterday"`, "bad_time"},
				{"of nothing", `""`, "bad_time"},
				{"that is NaN", `"NaN"`, "bad_time"},
				{"without an offset", `"2026-01-01T00:00:00"`, "bad_time"},
				{"on a day that is not", `"2026-02-30T00:00:00Z"`, "bad_time"},
				{"in the year 0", `"0000-01-01T00:00:00Z"`, "bad_time"},
				{"in the year 1", `"0001-01-01T00:00:00Z"`, "bad_time"},
				{"in 1899", `"1899-12-31T23:59:59.999Z"`, "bad_time"},
				{"in 1899 by its offset", `"1900-01-01T00:00:00+00:01"`, "bad_time"},
				{"in 2200", `"2200-01-01T00:00:00Z"`, "bad_time"},
				{"in the year 10000", `"10000-01-01T00:00:00Z"`, "bad_time"},
				{"with a zero byte", `"2026-01-01T00:00:00Z\u0000"`, "bad_time"},
				{"that is long", `"` + x(20_000) + `"`, "bad_time"},
				{"that is not UTF-8", "\"\xff\"", "bad_utf8"},
			} {
				cases = append(cases, r.spoilt(field+" "+c.name, field, `"`+field+`":`+c.value, c.code)...)
			}
		}
	}
	return append(cases, wrongItemIDs()...)
}

func wrongItemIDs() []refusal {
	var cases []refusal
	for _, r := range withBody("ItemBody", "ItemPatch") {
		for _, c := range []struct{ name, value, code string }{
			{"another id than the path's", `"q"`, "id_mismatch"},
			{"the path's id in capitals", `"V001"`, "id_mismatch"},
			{"an id with a slash", `"v001/"`, "id_mismatch"},
			{"an id of 129 bytes", `"` + tooLong + `"`, "id_mismatch"},
			{"an id with a zero byte", `"v001\u0000"`, "id_mismatch"},
			{"an id that is not UTF-8", "\"\xff\"", "bad_utf8"},
		} {
			cases = append(cases, r.spoilt(c.name, "id", `"id":`+c.value, c.code)...)
		}
	}
	for _, r := range withBody("BatchItem") {
		for _, c := range []struct{ name, members, code string }{
			{"no id", `"title":"x"`, "missing"},
			{"an id of null", `"id":null`, "missing"},
			{"an empty id", `"id":""`, "missing"},
			{"an id with a slash", `"id":"a/b"`, "bad_id"},
			{"an id of 129 bytes", `"id":"` + tooLong + `"`, "bad_id"},
			{"an id with a control character", `"id":"a\u007f"`, "bad_id"},
			{"an id that is not UTF-8", "\"id\":\"\xff\"", "bad_utf8"},
		} {
			cases = append(cases, r.spoilt(c.name, "id", c.members, c.code)...)
		}
	}
	return cases
}
