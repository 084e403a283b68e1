package http

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/freshet/freshet/domain/fault"
)

// byteOrderMark is what some editors put before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// splitBatch hands every entry of a batch to take, in order. A batch is a JSON array or NDJSON: by the
// content type, or else by its first byte; one object alone is a batch of one. A line that is not
// JSON is handed over with its fault and does not keep the others out; anything else that is not a
// batch fails, as does one of more than most entries, with tooMany.
func splitBatch(body []byte, contentType string, most int, tooMany *fault.Error, take func(raw []byte, wrong *fault.Error)) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return errEmpty
	}
	count := 0
	counted := func() error {
		if count++; count > most {
			return tooMany
		}
		return nil
	}
	if !isNDJSON(contentType) {
		switch start[0] {
		case '[':
			if err := checkJSON(body, 1); err != nil {
				return err
			}
			return elements(body, func(raw []byte) error {
				if err := counted(); err != nil {
					return err
				}
				take(raw, nil)
				return nil
			})
		case '{':
			first, _, more := bytes.Cut(start, []byte{'\n'})
			if !more || !json.Valid(first) {
				if err := checkJSON(body, 1); err != nil {
					return err
				}
				take(start, nil)
				return nil
			}
		default:
			if err := checkJSON(body, 1); err != nil {
				return err
			}
			return errType.Saying("a batch is a JSON array or NDJSON, not %s", kindOf(start[0]))
		}
	}
	for number := 1; len(body) > 0; number++ {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte{'\n'})
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := counted(); err != nil {
			return err
		}
		take(line, fault.Of(checkJSON(line, number)))
	}
	return nil
}

func isNDJSON(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(kind) {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines":
		return true
	}
	return false
}

// idOf reads one text member of an entry that was refused, so that the answer can name the entry.
func idOf(raw []byte, name string) string {
	var id string
	_ = eachMember(raw, func(v value) error {
		if v.name == name {
			_ = v.text(&id)
		}
		return nil
	})
	return id
}
