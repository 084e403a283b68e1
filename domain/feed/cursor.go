package feed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"
	"sync"
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
// instance of a service has the same key. The zero value is unusable. It is safe for concurrent use.
type Sealer struct {
	key   []byte
	head  byte      // what every cursor begins with
	seals sync.Pool // of *seal
}

// seal is what signs, and memory for what is signed.
type seal struct {
	mac  hash.Hash
	body []byte
	text []byte
}

// NewSealer takes a secret of at least 16 bytes.
func NewSealer(key []byte) *Sealer {
	return &Sealer{key: append([]byte(nil), key...), head: cursorVersion}
}

// Shadow has the same key for the cursors of shadow traffic. Each of the two knows the other's and refuses them.
func (s *Sealer) Shadow() *Sealer { return &Sealer{key: s.key, head: s.head | shadowCursor} }

func (s *Sealer) take() *seal {
	if w, ok := s.seals.Get().(*seal); ok {
		return w
	}
	return &seal{mac: hmac.New(sha256.New, s.key)}
}

// sign appends the mac of b to b.
func (w *seal) sign(b []byte) []byte {
	n := len(b)
	w.mac.Reset()
	w.mac.Write(b)
	return w.mac.Sum(b)[:n+macBytes]
}

// Seal writes the cursor; equal cursors give equal text.
func (s *Sealer) Seal(c Cursor) string {
	w := s.take()
	defer s.seals.Put(w)
	b := append(w.body[:0], s.head)
	for _, part := range [...]string{string(c.Session), c.Feed, c.Definition, c.Narrowing.Tag, c.Narrowing.Lang, c.Narrowing.Region, string(c.Narrowing.Anchor)} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendUvarint(b, uint64(c.Page))
	b = binary.BigEndian.AppendUint64(b, c.Viewer)
	b = binary.BigEndian.AppendUint64(b, c.Seed)
	b = binary.AppendVarint(b, c.StartedAt.UnixMilli())
	b = binary.AppendVarint(b, c.ExpiresAt.UnixMilli())
	b = binary.AppendUvarint(b, uint64(c.Last))
	w.body = w.sign(c.Served.AppendTo(b))
	w.text = cursorText.AppendEncode(w.text[:0], w.body)
	return string(w.text)
}

// Open reads what Seal wrote. It fails with ErrOtherSide for what the other of shadow traffic and the rest wrote. Anything else: ErrCursor.
func (s *Sealer) Open(text string) (*Cursor, error) {
	if len(text) > MaxCursorBytes || strings.ContainsAny(text, "\r\n") { // which the decoder would pass over
		return nil, ErrCursor.On("cursor")
	}
	w := s.take()
	defer s.seals.Put(w)
	w.text = append(w.text[:0], text...)
	b, err := cursorText.AppendDecode(w.body[:0], w.text)
	w.body = b
	if err != nil || len(b) < macBytes+1 {
		return nil, ErrCursor.On("cursor")
	}
	var mac [macBytes]byte
	body := b[:len(b)-macBytes]
	copy(mac[:], b[len(body):])
	w.body = w.sign(body) // over the mac that came
	if !hmac.Equal(mac[:], w.body[len(body):]) {
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

func decodeCursor(b []byte) (*Cursor, bool) {
	r := reader{b: b}
	texts := r.texts()
	c := &Cursor{
		Session: SessionID(texts[0]), Feed: texts[1], Definition: texts[2],
		Narrowing: Narrowing{Tag: texts[3], Lang: texts[4], Region: texts[5], Anchor: catalog.ItemID(texts[6])},
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

// texts reads the texts that a cursor begins with, as parts of one.
func (r *reader) texts() (texts [7]string) {
	var ends [len(texts)]int
	var all [len(texts) * catalog.MaxIDBytes]byte
	n := 0
	for i := range ends {
		size := int(r.uvarint(catalog.MaxIDBytes))
		if len(r.b) < size {
			r.bad, r.b = true, nil
			return texts
		}
		n += copy(all[n:], r.b[:size])
		r.b, ends[i] = r.b[size:], n
	}
	text, from := string(all[:n]), 0
	for i, end := range ends {
		texts[i], from = text[from:end], end
	}
	return texts
}
