package feed

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Behind the signature: the decoder alone must survive anything, because a key may leak.
func FuzzDecodeCursor(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte("\x01s\x03for\x03for\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x15\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, ok := decodeCursor(b); ok {
			require.LessOrEqual(t, c.Served.Len(), MaxServed)
		}
	})
}
