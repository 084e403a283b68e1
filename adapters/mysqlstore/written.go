package mysqlstore

import (
	"encoding/hex"
	"strconv"
	"sync"
)

// writtenRows are rows as MySQL reads them in a statement.
type writtenRows struct{ b []byte }

const mostKept = 4 << 20 // bytes of memory that is kept for the next

var writtenMemory = sync.Pool{New: func() any { return new(writtenRows) }}

func takeWrittenRows() *writtenRows {
	w := writtenMemory.Get().(*writtenRows)
	w.b = w.b[:0]
	return w
}

func (w *writtenRows) free() {
	if cap(w.b) <= mostKept {
		writtenMemory.Put(w)
	}
}

func (w *writtenRows) begin(before int) {
	if before > 0 {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '(')
}

// end ends a row, over the comma after its last value.
func (w *writtenRows) end() { w.b[len(w.b)-1] = ')' }

func (w *writtenRows) number(n int64) { w.b = append(strconv.AppendInt(w.b, n, 10), ',') }

// word writes a text. What could end it, or means something else in some mode of the server, is written as hexadecimal digits.
func (w *writtenRows) word(s string) {
	if harmless(s) {
		w.b = append(append(append(w.b, '\''), s...), '\'', ',')
		return
	}
	w.b = append(w.b, 'x', '\'')
	w.b = append(hex.AppendEncode(w.b, []byte(s)), '\'', ',')
}

// harmless reports that a text is itself between quotes: it is of ASCII that can be seen, but quotes and backslashes.
func harmless(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			return false
		}
	}
	return true
}
