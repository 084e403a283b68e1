package feed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// What is no cursor here.
var (
	// ErrCursor refuses a cursor that this service did not make.
	ErrCursor = fault.New(fault.Invalid, "bad_cursor", "this is not a cursor of this service")
	// ErrOtherSide refuses a cursor of shadow traffic to others, and theirs to it.
	ErrOtherSide = fault.New(fault.Invalid, "shadow_cursor",
		"the cursor was given to shadow traffic and this is none, or the other way round: all requests of a session are marked, or none is")
)

// MaxCursorBytes bounds the text of a cursor.
const MaxCursorBytes = 16 << 10

// Cursor is a bookmark: the page that comes next in a session, and enough of the session to go on
// when its store cannot be reached. Asking with it twice burns nothing.
type Cursor struct {
	Session    SessionID
	Page       int // the page it asks for, from 2
	Feed       string
	Definition string
	Viewer     uint64 // ViewerDigest: the cursor names no viewer
	Narrowing  Narrowing
	Seed       uint64
	StartedAt  time.Time
	ExpiresAt  time.Time
	Last       catalog.Number // the item served last
	Served     Filter         // everything served before
}

// ViewerDigest is how a cursor remembers whose it is (the first 8 bytes of SHA-256).
func ViewerDigest(v audience.ViewerID) uint64 {
	sum := sha256.Sum256([]byte(v))
	return binary.BigEndian.Uint64(sum[:8])
}

const (
	cursorVersion = 1
	shadowCursor  = 0x80 // in the byte of the version
	macBytes      = 16
)

var cursorText = base64.RawURLEncoding.Strict()

// Sealer writes and reads cursors as opaque, signed text (HMAC-SHA-256, cut to 128 bits). Every
// instance of a service has the same key. The zero value is unusable.
type Sealer struct {
	key  []byte
	head byte // what every cursor begins with
}

// NewSealer takes a secret of at least 16 bytes.
func NewSealer(key []byte) *Sealer { return &Sealer{append([]byte(nil), key...), cursorVersion} }

// Shadow has the same key for the cursors of shadow traffic. Each of the two knows the other's and refuses them.
func (s *Sealer) Shadow() *Sealer { return &Sealer{s.key, s.head | shadowCursor} }

// Seal writes the cursor; equal cursors give equal text.
func (s *Sealer) Seal(c Cursor) string {
	b := make([]byte, 0, 256+2*c.Served.Len())
	b = append(b, s.head)
	for _, part := range []string{string(c.Session), c.Feed, c.Definition, c.Narrowing.Tag, c.Narrowing.Lang, c.Narrowing.Region, string(c.Narrowing.Anchor)} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendUvarint(b, uint64(c.Page))
	b = binary.BigEndian.AppendUint64(b, c.Viewer)
	b = binary.BigEndian.AppendUint64(b, c.Seed)
	b = binary.AppendVarint(b, c.StartedAt.UnixMilli())
	b = binary.AppendVarint(b, c.ExpiresAt.UnixMilli())
	b = binary.AppendUvarint(b, uint64(c.Last))
	b = c.Served.AppendTo(b)
	return cursorText.EncodeToString(append(b, s.mac(b)...))
}

// Open reads what Seal wrote. It fails with ErrOtherSide for what the other of shadow traffic and the rest wrote. Anything else: ErrCursor.
func (s *Sealer) Open(text string) (*Cursor, error) {
	if len(text) > MaxCursorBytes || strings.ContainsAny(text, "\r\n") { // which the decoder would pass over
		return nil, ErrCursor.On("cursor")
	}
	b, err := cursorText.DecodeString(text)
	if err != nil || len(b) < macBytes+1 {
		return nil, ErrCursor.On("cursor")
	}
	body, mac := b[:len(b)-macBytes], b[len(b)-macBytes:]
	if !hmac.Equal(mac, s.mac(body)) {
		return nil, ErrCursor.On("cursor")
	}
	switch body[0] {
	case s.head:
	case s.head ^ shadowCursor:
		return nil, ErrOtherSide.On("cursor")
	default:
		return nil, ErrCursor.On("cursor")
	}
	c, ok := decodeCursor(body[1:])
	if !ok {
		return nil, ErrCursor.On("cursor")
	}
	return c, nil
}

func (s *Sealer) mac(body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(body)
	return h.Sum(nil)[:macBytes]
}

func decodeCursor(b []byte) (*Cursor, bool) {
	r := reader{b: b}
	c := &Cursor{
		Session: SessionID(r.text()), Feed: r.text(), Definition: r.text(),
		Narrowing: Narrowing{Tag: r.text(), Lang: r.text(), Region: r.text(), Anchor: catalog.ItemID(r.text())},
		Page:      int(r.uvarint(MaxPages + 1)),
		Viewer:    r.uint64(), Seed: r.uint64(),
		StartedAt: time.UnixMilli(r.varint()).UTC(), ExpiresAt: time.UnixMilli(r.varint()).UTC(),
		Last: catalog.Number(r.uvarint(1<<53 - 1)),
	}
	if r.bad || c.Session == "" || c.Page < 2 || c.Last == 0 {
		return nil, false
	}
	var ok bool
	c.Served, ok = DecodeFilter(r.b)
	return c, ok && c.Served.Len() > 0
}

// reader takes values off the front of b; after the first that is not there, bad stays true.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > most {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) uint64() uint64 {
	if len(r.b) < 8 {
		r.bad, r.b = true, nil
		return 0
	}
	v := binary.BigEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *reader) text() string {
	n := r.uvarint(catalog.MaxIDBytes)
	if uint64(len(r.b)) < n {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
