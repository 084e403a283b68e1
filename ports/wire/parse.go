package wire

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/freshet/freshet/domain/fault"
)

// MaxDepth is how deep an object may nest; a list of objects nests one level deeper.
const MaxDepth = 64

// What is refused whatever the fields mean. ErrJSON and ErrDeep are about the whole text; the others are
// returned with the field.
var (
	ErrJSON     = fault.New(fault.Invalid, "bad_json", "this is not JSON")
	ErrDeep     = fault.New(fault.Invalid, "too_deep", "JSON nests at most 64 levels deep")
	ErrUnknown  = fault.New(fault.Invalid, "unknown_field", "there is no such field")
	ErrRepeated = fault.New(fault.Invalid, "duplicate_field", "the field is given twice")
	ErrType     = fault.New(fault.Invalid, "wrong_type", "the value has the wrong type")
	ErrUTF8     = fault.New(fault.Invalid, "bad_utf8", "text is UTF-8")
)

// Parse takes text that is one JSON value, and white space. ErrJSON says where else it goes wrong; line is the
// number of the text's first line.
func Parse(text []byte, line int) (Value, *fault.Error) {
	v := trim(text)
	most := MaxDepth
	if len(v) > 0 && v[0] == '[' {
		most++
	}
	switch {
	case deeper(v, most):
		return nil, ErrDeep
	case json.Valid(text):
		return v, nil
	}
	var broken *json.SyntaxError
	if !errors.As(json.Unmarshal(text, new(json.RawMessage)), &broken) {
		return nil, ErrJSON
	}
	at := max(0, min(int(broken.Offset), len(text))-1)
	before := text[:at]
	line += bytes.Count(before, []byte{'\n'})
	return nil, ErrJSON.Saying("line %d, column %d: %v", line, at-bytes.LastIndexByte(before, '\n'), broken)
}

// ParsePayload takes a payload that comes by itself as one that stands in an item; no text is none.
func ParsePayload(text []byte) ([]byte, *fault.Error) {
	switch {
	case len(text) == 0:
		return nil, nil
	case deeper(text, MaxDepth-1):
		return nil, ErrDeep
	case !json.Valid(text):
		return nil, ErrJSON.On("payload").Saying("the payload must be one JSON value")
	}
	return trim(text).compact("payload")
}

// Blank reports whether the text is white space alone.
func Blank(text []byte) bool { return len(space(text)) == 0 }

// deeper counts brackets outside strings; of what is not JSON its answer means nothing.
func deeper(b []byte, most int) bool {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > most {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// space drops leading white space.
func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

func trim(b []byte) Value { return bytes.TrimRight(space(b), " \t\r\n") }
