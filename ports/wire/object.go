package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

// MaxDepth is how deep JSON may nest.
const MaxDepth = 64

// What no reader of JSON accepts; all but ErrJSON and ErrDeep are returned with the field.
var (
	ErrJSON     = fault.New(fault.Invalid, "bad_json", "this is not a JSON object")
	ErrUnknown  = fault.New(fault.Invalid, "unknown_field", "there is no such field")
	ErrRepeated = fault.New(fault.Invalid, "duplicate_field", "the field is given twice")
	ErrType     = fault.New(fault.Invalid, "wrong_type", "the value has the wrong type")
	ErrUTF8     = fault.New(fault.Invalid, "bad_utf8", "text is UTF-8")
	ErrDeep     = fault.New(fault.Invalid, "too_deep", "JSON nests at most 64 levels deep")
)

// Object calls each with the fields of the one JSON object in data, in order; values are without surrounding
// space. It goes on after a failure of each, and returns the first. With ErrJSON and ErrDeep, each was not called.
func Object(data []byte, each func(name string, v Value) *fault.Error) *fault.Error {
	data = trim(data)
	if err := syntax(data); err != nil {
		return err
	}
	var first *fault.Error
	names := make([]string, 0, 16)
	for rest := space(data[1:]); rest[0] != '}'; {
		if rest[0] == ',' {
			rest = space(rest[1:])
		}
		n := length(rest)
		name, err := Value(rest[:n]).Text("")
		rest = space(space(rest[n:])[1:])
		n = length(rest)
		switch {
		case err != nil:
			err = ErrUTF8.Saying("the name of a field is not valid UTF-8")
		case contains(names, name):
			err = ErrRepeated.On(name)
		default:
			names = append(names, name)
			err = each(name, Value(rest[:n:n]))
		}
		if first == nil {
			first = err
		}
		rest = space(rest[n:])
	}
	return first
}

// syntax refuses what is not one JSON object, saying where it breaks.
func syntax(data []byte) *fault.Error {
	if len(data) == 0 || data[0] != '{' {
		return ErrJSON
	}
	if tooDeep(data) {
		return ErrDeep
	}
	if json.Valid(data) {
		return nil
	}
	var broken *json.SyntaxError
	if err := json.Unmarshal(data, &struct{}{}); errors.As(err, &broken) {
		return ErrJSON.Saying("not valid JSON at byte %d: %v", broken.Offset, broken)
	}
	return ErrJSON.Saying("not valid JSON")
}

// tooDeep counts brackets outside strings; of what is not JSON its answer means nothing.
func tooDeep(b []byte) bool {
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
			if depth++; depth > MaxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
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

func trim(b []byte) []byte { return bytes.TrimRight(space(b), " \t\r\n") }

// length is how many bytes the value at the start of b takes; b is the rest of valid JSON.
func length(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// Elements returns the values of a JSON array, or nil when data is none or nests deeper than MaxDepth.
func Elements(data []byte) []Value {
	data = trim(data)
	if len(data) == 0 || data[0] != '[' || tooDeep(data) || !json.Valid(data) {
		return nil
	}
	return elements(data)
}

func elements(data []byte) []Value {
	list := []Value{}
	for rest := space(data[1:]); rest[0] != ']'; {
		if rest[0] == ',' {
			rest = space(rest[1:])
		}
		n := length(rest)
		list = append(list, Value(rest[:n:n]))
		rest = space(rest[n:])
	}
	return list
}

// whole reports whether the escapes of a valid JSON string make up whole characters: \ud83d alone is half of one.
func whole(s []byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i++; s[i] != 'u' {
			continue
		}
		switch r := hex4(s[i+1:]); {
		case r >= 0xDC00 && r < 0xE000:
			return false
		case r >= 0xD800 && r < 0xDC00:
			if i+11 > len(s) || s[i+5] != '\\' || s[i+6] != 'u' {
				return false
			}
			if low := hex4(s[i+7:]); low < 0xDC00 || low >= 0xE000 {
				return false
			}
			i += 10
		default:
			i += 4
		}
	}
	return utf8.Valid(s)
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c&^0x20 - 'A' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
