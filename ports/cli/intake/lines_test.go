package intake

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func readAll(r io.Reader) (got []string, err error) {
	l := newLines(r)
	for {
		line, refused, more := l.next()
		if !more {
			return got, l.failure()
		}
		if refused != nil {
			got = append(got, "! "+refused.Code())
			continue
		}
		got = append(got, string(line))
	}
}

func TestLines(t *testing.T) {
	longest := strings.Repeat("x", MaxLine)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"one line without an end", "a", []string{"a"}},
		{"one line", "a\n", []string{"a"}},
		{"blank lines count", "a\n\n  \nb\r\n", []string{"a", "", "", "b"}},
		{"a byte order mark", "\xef\xbb\xbfa\nb", []string{"a", "b"}},
		{"the longest line", longest + "\r\nb", []string{longest, "b"}},
		{"one byte more", longest + "x\nb\n", []string{"! line_too_long", "b"}},
		{"much more", strings.Repeat(longest, 3) + "\nb\n", []string{"! line_too_long", "b"}},
		{"too long at the end", "a\n" + longest + "x", []string{"a", "! line_too_long"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readAll(strings.NewReader(c.text))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			slow, err := readAll(iotest.HalfReader(strings.NewReader(c.text)))
			require.NoError(t, err)
			require.Equal(t, c.want, slow)
		})
	}
}

func TestABrokenReaderIsNoEnd(t *testing.T) {
	broken := errors.New("broken")
	got, err := readAll(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.Equal(t, []string{"a"}, got, "half a line is none")
}

// Every line is told once, in order, and parsing none of them panics.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"id\":\"a\"}\n\n{\"id\":"), uint8(3))
	f.Add([]byte("\xef\xbb\xbf\r\n\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, repeat uint8) {
		text = bytes.Repeat(text, int(repeat)+1)
		got, err := readAll(bytes.NewReader(text))
		require.NoError(t, err)
		want := bytes.Count(text, []byte("\n"))
		if len(text) > 0 && text[len(text)-1] != '\n' {
			want++
		}
		require.Len(t, got, want)
		for _, line := range got {
			for _, kind := range []string{"items", "events"} {
				_ = new(Line).read(kind, []byte(line))
			}
		}
	})
}
