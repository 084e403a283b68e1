package http

import (
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// jsonText writes JSON by hand: a page needs no reflection and no allocation but its own bytes.
// Every method that takes a name writes a member; commas come by themselves.
type jsonText struct{ b []byte }

var texts = sync.Pool{New: func() any { return &jsonText{b: make([]byte, 0, 16<<10)} }}

func newText() *jsonText {
	w := texts.Get().(*jsonText)
	w.b = w.b[:0]
	return w
}

// release gives the memory back; big ones are left to the collector.
func (w *jsonText) release() {
	if cap(w.b) <= 1<<20 {
		texts.Put(w)
	}
}

func (w *jsonText) comma() {
	if n := len(w.b); n > 0 {
		switch w.b[n-1] {
		case '{', '[', ':', '\n':
		default:
			w.b = append(w.b, ',')
		}
	}
}

func (w *jsonText) name(name string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// open begins an element, '{' or '['; openIn begins a member. Each is closed by close.
func (w *jsonText) open(bracket byte) {
	w.comma()
	w.b = append(w.b, bracket)
}

func (w *jsonText) openIn(name string, bracket byte) {
	w.name(name)
	w.b = append(w.b, bracket)
}

func (w *jsonText) close(bracket byte) { w.b = append(w.b, bracket) }

func (w *jsonText) text(name, v string) {
	w.name(name)
	w.quote(v)
}

// given writes the member unless it is empty.
func (w *jsonText) given(name, v string) {
	if v != "" {
		w.text(name, v)
	}
}

func (w *jsonText) number(name string, v int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, v, 10)
}

func (w *jsonText) unsigned(name string, v uint64) {
	w.name(name)
	w.b = strconv.AppendUint(w.b, v, 10)
}

func (w *jsonText) float(name string, v float32) {
	w.name(name)
	w.b = strconv.AppendFloat(w.b, float64(v), 'g', -1, 32)
}

// floatIf writes what is not zero.
func (w *jsonText) floatIf(name string, v float32) {
	if v != 0 {
		w.float(name, v)
	}
}

func (w *jsonText) truth(name string, v bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, v)
}

// raw writes a value that is JSON already.
func (w *jsonText) raw(name string, v []byte) {
	w.name(name)
	w.b = append(w.b, v...)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

func (w *jsonText) time(name string, t time.Time) {
	w.name(name)
	w.b = append(w.b, '"')
	w.b = appendTime(w.b, t.UTC())
	w.b = append(w.b, '"')
}

// appendTime writes a time in UTC as timeLayout says.
func appendTime(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, timeLayout)
	}
	hour, minute, second := t.Clock()
	b = appendDigits(b, year/100, year%100)
	b = appendDigits(append(b, '-'), int(month))
	b = appendDigits(append(b, '-'), day)
	b = appendDigits(append(b, 'T'), hour)
	b = appendDigits(append(b, ':'), minute)
	b = appendDigits(append(b, ':'), second)
	ms := t.Nanosecond() / int(time.Millisecond)
	b = appendDigits(append(b, '.', byte('0'+ms/100)), ms%100)
	return append(b, 'Z')
}

// appendDigits writes two digits of each.
func appendDigits(b []byte, pairs ...int) []byte {
	for _, n := range pairs {
		b = append(b, byte('0'+n/10), byte('0'+n%10))
	}
	return b
}

// timeIf writes the member unless the time is zero.
func (w *jsonText) timeIf(name string, t time.Time) {
	if !t.IsZero() {
		w.time(name, t)
	}
}

// words writes a list of texts.
func words[T ~string](w *jsonText, name string, list []T) {
	w.openIn(name, '[')
	for _, v := range list {
		w.comma()
		w.quote(string(v))
	}
	w.close(']')
}

// wordsIf writes the list unless it is empty.
func wordsIf[T ~string](w *jsonText, name string, list []T) {
	if len(list) > 0 {
		words(w, name, list)
	}
}

// objects writes a list of objects as a member; write gives the members of one.
func objects[T any](w *jsonText, name string, list []T, write func(w *jsonText, one T)) {
	w.openIn(name, '[')
	for _, one := range list {
		w.open('{')
		write(w, one)
		w.close('}')
	}
	w.close(']')
}

const hexDigits = "0123456789abcdef"

// quote writes a JSON string; bytes that are not UTF-8 become U+FFFD.
func (w *jsonText) quote(s string) {
	b := append(w.b, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || r == '\u2028' || r == '\u2029' {
			b = append(b, s[start:i]...)
			switch r {
			case '\u2028':
				b = append(b, `\u2028`...)
			case '\u2029':
				b = append(b, `\u2029`...)
			default:
				b = append(b, "\uFFFD"...)
			}
			start = i + n
		}
		i += n
	}
	b = append(b, s[start:]...)
	w.b = append(b, '"')
}
