package http

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// byteOrderMark is what some editors put before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// splitBatch hands every entry of a batch to take, in order. A batch is a JSON array or NDJSON: by the
// content type, or else by its first byte; one object alone is a batch of one. A line that is not
// JSON is handed over with its fault and does not keep the others out; anything else that is not a
// batch fails, as does one of more than most entries, with tooMany.
func splitBatch(body []byte, contentType string, most int, tooMany *fault.Error, take func(v wire.Value, wrong *fault.Error)) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if wire.Blank(body) {
		return errEmpty
	}
	if !isNDJSON(contentType) && !beginsLines(body) {
		return splitValue(body, most, tooMany, take)
	}
	count := 0
	for number := 1; len(body) > 0; number++ {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte{'\n'})
		if wire.Blank(line) {
			continue
		}
		if count++; count > most {
			return tooMany
		}
		take(wire.Parse(line, number))
	}
	return nil
}

// splitValue splits a body that is one JSON value.
func splitValue(body []byte, most int, tooMany *fault.Error, take func(v wire.Value, wrong *fault.Error)) error {
	v, wrong := wire.Parse(body, 1)
	switch {
	case wrong != nil:
		return wrong
	case v[0] == '{':
		take(v, nil)
		return nil
	case v[0] != '[':
		return wire.ErrType.Saying("a batch is a JSON array or NDJSON, not %s", v.Kind())
	}
	count := 0
	for e := range v.Elements() {
		if count++; count > most {
			return tooMany
		}
		take(e, nil)
	}
	return nil
}

// beginsLines reports whether the first line with anything in it is an object by itself, and not the last.
func beginsLines(body []byte) bool {
	first, _, more := bytes.Cut(bytes.TrimLeft(body, " \t\r\n"), []byte{'\n'})
	return more && first[0] == '{' && json.Valid(first)
}

func isNDJSON(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(kind) {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines":
		return true
	}
	return false
}
