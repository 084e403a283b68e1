package rpc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// A cursor of an export is whose it is, the place of the last line, and a sum of both. The sum needs no key:
// it finds mistakes, and whoever makes a cursor up skips lines that he may have anyway.
const (
	ownerBytes = 8
	sumBytes   = 8
)

func placeCursor(viewer audience.ViewerID, place string) string {
	b := binary.BigEndian.AppendUint64(nil, feed.ViewerDigest(viewer))
	b = append(b, place...)
	return base64.RawURLEncoding.EncodeToString(append(b, sumOf(b)...))
}

// openPlace gives the place that no line comes before when the cursor is empty. It fails with
// feed.ErrCursor and feed.ErrNotYours.
func openPlace(viewer audience.ViewerID, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < ownerBytes+sumBytes || base64.RawURLEncoding.EncodeToString(b) != cursor {
		return "", feed.ErrCursor.On("cursor")
	}
	body, sum := b[:len(b)-sumBytes], b[len(b)-sumBytes:]
	switch {
	case !slices.Equal(sum, sumOf(body)):
		return "", feed.ErrCursor.On("cursor")
	case binary.BigEndian.Uint64(body) != feed.ViewerDigest(viewer):
		return "", feed.ErrNotYours.On("cursor")
	}
	return string(body[ownerBytes:]), nil
}

func sumOf(body []byte) []byte {
	sum := sha256.Sum256(append([]byte("freshet export\x00"), body...))
	return sum[:sumBytes]
}
