package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/freshet/freshet/domain/fault"
)

// MaxLine is how long a line may be, in bytes.
const MaxLine = 1 << 20

// ErrLineTooLong refuses a line without keeping it.
var ErrLineTooLong = fault.New(fault.Invalid, "line_too_long", "a line is at most 1048576 bytes long")

// lines reads a text line by line. A line that is too long is passed over and reported; the next one is read
// all the same.
type lines struct {
	r      *bufio.Reader
	buf    []byte
	number int64
	err    error
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line without white space around it, valid until the next call; blank ones are empty.
// more is false at the end, or when reading failed: see err.
func (l *lines) next() (line []byte, refused *fault.Error, more bool) {
	if l.err != nil {
		return nil, nil, false
	}
	l.buf = l.buf[:0]
	read, long := 0, false
	for {
		part, err := l.r.ReadSlice('\n')
		read += len(part)
		if long = long || len(l.buf)+len(bytes.TrimRight(part, "\r\n")) > MaxLine; !long {
			l.buf = append(l.buf, part...)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if l.err = err; errors.Is(err, io.EOF) && read > 0 {
				break
			}
			return nil, nil, false
		}
	}
	l.number++
	if l.number == 1 {
		l.buf = bytes.TrimPrefix(l.buf, []byte("\xef\xbb\xbf"))
	}
	if long {
		return nil, ErrLineTooLong, true
	}
	return bytes.Trim(l.buf, " \t\r\n"), nil, true
}

// failure is why reading ended before the end, or nil.
func (l *lines) failure() error {
	if errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}
