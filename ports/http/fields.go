package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

var errTimeText = fault.New(fault.Invalid, "bad_time", "a time is RFC 3339, such as 2026-01-31T08:00:00.000Z")

// value is one member of an object: its name and its JSON. The readers below leave what they fill
// alone when the value is null, which says the same as leaving it out, and name the member when they fail.
type value struct {
	name string
	raw  []byte
}

func (v value) null() bool { return v.raw[0] == 'n' }

func (v value) wants(what string) error {
	return errType.On(v.name).Saying("%s is %s, not %s", v.name, what, kindOf(v.raw[0]))
}

func (v value) text(into *string) error {
	if v.null() {
		return nil
	}
	if v.raw[0] != '"' {
		return v.wants("a string")
	}
	s, err := unquote(v.raw)
	if err != nil {
		return fault.Of(err).On(v.name)
	}
	*into = s
	return nil
}

func (v value) texts(into *[]string) error {
	if v.null() {
		return nil
	}
	if v.raw[0] != '[' {
		return v.wants("a list of strings")
	}
	list := []string{}
	err := elements(v.raw, func(raw []byte) error {
		if raw[0] != '"' {
			return errType.On(v.name).Saying("%s is a list of strings; one of them is %s", v.name, kindOf(raw[0]))
		}
		s, err := unquote(raw)
		if err != nil {
			return fault.Of(err).On(v.name)
		}
		list = append(list, s)
		return nil
	})
	if err == nil {
		*into = list
	}
	return err
}

func (v value) truth(into *bool) error {
	switch v.raw[0] {
	case 'n':
	case 't', 'f':
		*into = v.raw[0] == 't'
	default:
		return v.wants("true or false")
	}
	return nil
}

// millis reads a whole number of milliseconds; one too big to count becomes the longest duration
// there is, so that the model refuses it.
func (v value) millis(into *time.Duration) error {
	if v.null() {
		return nil
	}
	if c := v.raw[0]; c != '-' && (c < '0' || c > '9') {
		return v.wants("a whole number")
	}
	n, err := strconv.ParseInt(string(v.raw), 10, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		return errType.On(v.name).Saying("%s is a whole number of milliseconds", v.name)
	}
	const most = int64(math.MaxInt64 / time.Millisecond)
	*into = time.Duration(max(-most, min(most, n))) * time.Millisecond
	return nil
}

func (v value) time(into *time.Time) error {
	if v.null() {
		return nil
	}
	if v.raw[0] != '"' {
		return v.wants("a time in RFC 3339")
	}
	s, err := unquote(v.raw)
	if err != nil {
		return fault.Of(err).On(v.name)
	}
	t, err := parseTime(s)
	if err != nil {
		return fault.Of(err).On(v.name)
	}
	*into = t
	return nil
}

// parseTime reads RFC 3339 with any offset and precision. It never returns the zero time, which
// means "not given" further in.
func parseTime(s string) (time.Time, error) {
	var t time.Time
	if t.UnmarshalText([]byte(s)) != nil {
		return t, errTimeText
	}
	if t.UTC().Truncate(time.Millisecond).IsZero() {
		t = t.Add(time.Millisecond)
	}
	return t, nil
}

// payload keeps any JSON value as it is.
func (v value) payload(into *[]byte) {
	if !v.null() {
		*into = bytes.Clone(v.raw)
	}
}

// unquote reads a JSON string that is syntactically valid.
func unquote(raw []byte) (string, error) {
	if !utf8.Valid(raw) {
		return "", errUTF8
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	if loneSurrogate(raw) {
		return "", errUTF8.Saying("half of a surrogate pair is no character")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errJSON.Because(err)
	}
	return s, nil
}

// loneSurrogate reports an escape that names half of a pair: a decoder would silently replace it.
func loneSurrogate(raw []byte) bool {
	s := string(raw)
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return false
		}
		if s[i+1] != 'u' {
			s = s[i+2:]
			continue
		}
		r, _ := strconv.ParseUint(s[i+2:i+6], 16, 32)
		s = s[i+6:]
		if r < 0xD800 || r > 0xDFFF {
			continue
		}
		if r >= 0xDC00 || len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return true
		}
		if low, _ := strconv.ParseUint(s[2:6], 16, 32); low < 0xDC00 || low > 0xDFFF {
			return true
		}
		s = s[6:]
	}
}
