// Package randomness draws what must not be guessed or repeat, from the operating system.
package randomness

import (
	"crypto/rand"
	"encoding/binary"
	"strings"

	"github.com/freshet/freshet/domain/feed"
)

// Source implements serving.Identities. The zero value is ready.
type Source struct{}

// Session draws a session id of 128 random bits or more.
func (Source) Session() feed.SessionID { return feed.SessionID(strings.ToLower(rand.Text())) }

// Seed draws the seed of a session's random choices.
func (Source) Seed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}

// Secret draws n bytes for a signing key.
func Secret(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}

// Name draws a name for one process among its fellows.
func Name() string { return strings.ToLower(rand.Text()[:10]) }
