package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

// maxDepth bounds how deep JSON may nest.
const maxDepth = 64

// Why JSON is refused.
var (
	errEmpty     = fault.New(fault.Invalid, "empty_body", "the request has no body")
	errJSON      = fault.New(fault.Invalid, "bad_json", "the body is not JSON")
	errUTF8      = fault.New(fault.Invalid, "bad_utf8", "text is UTF-8")
	errDeep      = fault.New(fault.Invalid, "too_deep", "JSON nests at most 64 levels deep")
	errUnknown   = fault.New(fault.Invalid, "unknown_field", "there is no such field")
	errDuplicate = fault.New(fault.Invalid, "duplicate_field", "the field is given twice")
	errType      = fault.New(fault.Invalid, "wrong_type", "the field has another type")
)

// checkJSON fails unless body is exactly one JSON value, saying where it goes wrong; line is the
// number of body's first line.
func checkJSON(body []byte, line int) error {
	if len(bytes.TrimLeft(body, " \t\r\n")) == 0 {
		return errEmpty
	}
	if tooDeep(body) {
		return errDeep
	}
	if json.Valid(body) {
		return nil
	}
	var raw json.RawMessage
	err := json.Unmarshal(body, &raw)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return errJSON
	}
	at := max(0, min(int(syntax.Offset), len(body))-1)
	before := body[:at]
	line += bytes.Count(before, []byte{'\n'})
	column := at - bytes.LastIndexByte(before, '\n')
	return errJSON.Saying("line %d, column %d: %s", line, column, syntax.Error())
}

// tooDeep counts brackets outside strings; on what is not JSON its answer means nothing.
func tooDeep(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// members hands the members of an object to take, in order, and stops at the first failure. raw is
// valid JSON; anything but an object is refused, and so are names given twice and bytes that are not UTF-8.
func members(raw []byte, take func(v value) error) error {
	var names [16]string
	seen := names[:0]
	return eachMember(raw, func(v value) error {
		if slices.Contains(seen, v.name) {
			return errDuplicate.On(v.name)
		}
		seen = append(seen, v.name)
		if !utf8.Valid(v.raw) {
			return errUTF8.On(v.name)
		}
		return take(v)
	})
}

func eachMember(raw []byte, take func(v value) error) error {
	i := space(raw, 0)
	if raw[i] != '{' {
		return errType.Saying("an object is wanted here, not %s", kindOf(raw[i]))
	}
	i = space(raw, i+1)
	for raw[i] != '}' {
		end := skip(raw, i)
		name, err := unquote(raw[i:end])
		if err != nil {
			return err
		}
		i = space(raw, end) // the colon
		i = space(raw, i+1) // the value
		end = skip(raw, i)
		if err := take(value{name, raw[i:end]}); err != nil {
			return err
		}
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return nil
}

// elements hands the elements of an array to take until that fails. raw is a valid JSON array.
func elements(raw []byte, take func(raw []byte) error) error {
	i := space(raw, space(raw, 0)+1)
	for raw[i] != ']' {
		end := skip(raw, i)
		if err := take(raw[i:end]); err != nil {
			return err
		}
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return nil
}

// space is the place of the first byte at or after i that is not white space.
func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skip is the place after the value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = skip(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

func kindOf(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}
