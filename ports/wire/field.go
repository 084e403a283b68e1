package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// The readers of fields fail with ErrType when the value is of another type; null gives the zero value.

func (v Value) wanted(field, what string) *fault.Error {
	return ErrType.On(field).Saying("%s is wanted here, not %s", what, v.Kind())
}

// Kind is the value's type as people call it, such as "a list".
func (v Value) Kind() string {
	switch v.first() {
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

// Text reads a string; one that is not UTF-8, or holds half a character in an escape, is ErrUTF8.
func (v Value) Text(field string) (string, *fault.Error) {
	if v.Null() {
		return "", nil
	}
	if v[0] != '"' {
		return "", v.wanted(field, "a string")
	}
	inner := v[1 : len(v)-1]
	if !whole(inner) {
		return "", ErrUTF8.On(field)
	}
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return "", ErrJSON.On(field).Because(err)
	}
	return s, nil
}

// plain returns what is between the quotes of a string of ASCII without escapes: that is its text.
func (v Value) plain() ([]byte, bool) {
	if v.first() != '"' {
		return nil, false
	}
	inner := v[1 : len(v)-1]
	for _, c := range inner {
		if c == '\\' || c >= utf8.RuneSelf {
			return nil, false
		}
	}
	return inner, true
}

// word is Text, of which those that are expected are not made anew.
func (v Value) word(field string) (string, *fault.Error) {
	if inner, ok := v.plain(); ok {
		if word, ok := words[string(inner)]; ok {
			return word, nil
		}
	}
	return v.Text(field)
}

// texts reads a list of strings.
func (v Value) texts(field string) ([]string, *fault.Error) {
	if v.Null() {
		return nil, nil
	}
	if v[0] != '[' {
		return nil, v.wanted(field, "a list of strings")
	}
	var list []string
	for e := range v.Elements() {
		if e[0] != '"' {
			return nil, ErrType.On(field).Saying("a list of strings is wanted here; one of these is %s", e.Kind())
		}
		s, err := e.Text(field)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// millis reads a whole number of milliseconds; what no duration can hold becomes the longest there is, of
// either sign, which the model refuses.
func (v Value) millis(field string) (time.Duration, *fault.Error) {
	if v.Null() {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		if v.Kind() == "a number" {
			return 0, ErrType.On(field).Saying("a whole number of milliseconds is wanted here, without a point or an exponent")
		}
		return 0, v.wanted(field, "a whole number of milliseconds")
	}
	const most = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(max(-most, min(most, n))) * time.Millisecond, nil
}

// time reads an RFC 3339 time.
func (v Value) time(field string) (time.Time, *fault.Error) {
	if v.Null() {
		return time.Time{}, nil
	}
	if v[0] != '"' {
		return time.Time{}, v.wanted(field, "a time in RFC 3339")
	}
	if inner, ok := v.plain(); ok {
		return parseTime(field, inner)
	}
	s, err := v.Text(field)
	if err != nil {
		return time.Time{}, err
	}
	return ParseTime(field, s)
}

// ParseTime reads RFC 3339 with any offset and precision. It never returns the zero time; see Given.
func ParseTime(field, s string) (time.Time, *fault.Error) { return parseTime(field, []byte(s)) }

func parseTime(field string, s []byte) (time.Time, *fault.Error) {
	var t time.Time
	if t.UnmarshalText(s) != nil {
		return time.Time{}, catalog.ErrTime.On(field).Saying("a time is RFC 3339, such as 2026-01-31T08:00:00.000Z")
	}
	return Given(t), nil
}

// Given is a time that a client named, in UTC. The first millisecond of the year 1, which the model takes for no
// time at all, becomes the next, which it refuses.
func Given(t time.Time) time.Time {
	if t = t.UTC(); t.Truncate(time.Millisecond).IsZero() {
		return t.Add(time.Millisecond)
	}
	return t
}

// flag reads true or false.
func (v Value) flag(field string) (bool, *fault.Error) {
	switch v.first() {
	case 't', 'f', 'n':
		return v.first() == 't', nil
	}
	return false, v.wanted(field, "true or false")
}

// compact returns a copy of any value without white space between its parts; null is nil. Its escapes are its
// owner's business, half characters included.
func (v Value) compact(field string) ([]byte, *fault.Error) {
	if v.Null() {
		return nil, nil
	}
	if !utf8.Valid(v) {
		return nil, ErrUTF8.On(field)
	}
	var b bytes.Buffer
	b.Grow(len(v))
	if err := json.Compact(&b, v); err != nil {
		return nil, ErrJSON.On(field).Because(err)
	}
	return b.Bytes(), nil
}
