package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// Value is one valid JSON value. Its methods fail with ErrType on the field when it is of another type; for
// null each gives its zero value.
type Value []byte

// Null reports whether the value is null.
func (v Value) Null() bool { return v[0] == 'n' }

// Text reads a string; one that is not valid UTF-8 is ErrUTF8.
func (v Value) Text(field string) (string, *fault.Error) {
	if v.Null() {
		return "", nil
	}
	if v[0] != '"' {
		return "", ErrType.On(field).Saying("the value must be a string")
	}
	inner := v[1 : len(v)-1]
	if !whole(inner) {
		return "", ErrUTF8.On(field)
	}
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return "", ErrType.On(field).Saying("the value must be a string")
	}
	return s, nil
}

// Texts reads an array of strings.
func (v Value) Texts(field string) ([]string, *fault.Error) {
	if v.Null() {
		return nil, nil
	}
	if v[0] != '[' {
		return nil, ErrType.On(field).Saying("the value must be an array of strings")
	}
	var list []string
	for _, e := range elements(v) {
		if e[0] != '"' {
			return nil, ErrType.On(field).Saying("the value must be an array of strings")
		}
		s, err := e.Text(field)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// Millis reads a whole number of milliseconds from 0 to most; others are beyond.
func (v Value) Millis(field string, most time.Duration, beyond *fault.Error) (time.Duration, *fault.Error) {
	if v.Null() {
		return 0, nil
	}
	if c := v[0]; c != '-' && (c < '0' || c > '9') || bytes.ContainsAny(v, ".eE") {
		return 0, ErrType.On(field).Saying("the value must be a whole number of milliseconds")
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 || n > most.Milliseconds() {
		return 0, beyond.On(field)
	}
	return time.Duration(n) * time.Millisecond, nil
}

// Time reads an RFC 3339 time.
func (v Value) Time(field string) (time.Time, *fault.Error) {
	if v.Null() {
		return time.Time{}, nil
	}
	s, err := v.Text(field)
	if err != nil {
		return time.Time{}, err
	}
	var t time.Time
	if t.UnmarshalText([]byte(s)) != nil || t.IsZero() {
		return time.Time{}, catalog.ErrTime.On(field).Saying(`the value must be an RFC 3339 time, such as "2026-01-31T08:00:00.000Z"`)
	}
	return t.UTC(), nil
}

// Flag reads true or false.
func (v Value) Flag(field string) (bool, *fault.Error) {
	switch v[0] {
	case 't', 'f', 'n':
		return v[0] == 't', nil
	}
	return false, ErrType.On(field).Saying("the value must be true or false")
}

// Compact returns a copy of the value without insignificant space; null is nil.
func (v Value) Compact(field string) ([]byte, *fault.Error) {
	if v.Null() {
		return nil, nil
	}
	if !whole(v) {
		return nil, ErrUTF8.On(field)
	}
	var b bytes.Buffer
	b.Grow(len(v))
	if err := json.Compact(&b, v); err != nil {
		return nil, ErrType.On(field).Saying("the value must be JSON")
	}
	return b.Bytes(), nil
}
