package http

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"

	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// call is one request on its way through a handler.
type call struct {
	*app.RequestContext
	id     string
	route  string // template of the path; "none" where there is none
	limits *Options
	mark   []byte // of shadow traffic; nil: none
	caller access.Caller
}

// handler answers a call, or fails and has answered nothing.
type handler func(ctx context.Context, c *call) error

// requestIDOf takes the client's request id when it is harmless, and makes one otherwise.
func requestIDOf(c *app.RequestContext) string {
	if id := c.Request.Header.Peek("X-Request-Id"); len(id) > 0 && len(id) <= 128 {
		for _, b := range id {
			if b <= 0x20 || b >= 0x7f || strings.IndexByte("\"'<>&\\,;", b) >= 0 {
				return newRequestID()
			}
		}
		return string(id)
	}
	return newRequestID()
}

func newRequestID() string {
	var b [12]byte
	var text [2 * len(b)]byte
	binary.BigEndian.PutUint64(b[:], mathrand.Uint64()) // it is unlikely to be given twice, and no secret
	binary.BigEndian.PutUint32(b[8:], mathrand.Uint32())
	hex.Encode(text[:], b[:])
	return string(text[:])
}

// path reads a parameter of the path.
func (c *call) path(name string) (string, error) {
	s, err := url.PathUnescape(c.Param(name))
	if err != nil {
		return "", errEscape.On(name)
	}
	return s, nil
}

func (c *call) viewer() (audience.ViewerID, error) {
	s, err := c.path("viewer")
	if err != nil {
		return "", err
	}
	return parseViewer(s)
}

func parseViewer(s string) (audience.ViewerID, error) {
	v, err := audience.ParseViewerID(s)
	if err != nil {
		return "", fault.Of(err).On("viewer")
	}
	return v, nil
}

func (c *call) item() (catalog.ItemID, error) {
	s, err := c.path("id")
	if err != nil {
		return "", err
	}
	return parseItem(s)
}

func parseItem(s string) (catalog.ItemID, error) {
	id, err := catalog.ParseItemID(s)
	if err != nil {
		return "", fault.Of(err).On("id")
	}
	return id, nil
}

// query reads a query parameter; absent and empty are the same.
func (c *call) query(name string) string { return string(c.QueryArgs().Peek(name)) }

// count reads a query parameter between 1 and most; without it: 0.
func (c *call) count(name string, most int, refused *fault.Error) (int, error) {
	s := c.query(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, strconv.IntSize-1)
	if err != nil || n == 0 || n > uint64(most) {
		return 0, refused.On(name)
	}
	return int(n), nil
}

// checkQuery refuses parameters that the route does not know and those given twice.
func (c *call) checkQuery(known []parameter) error {
	args := c.QueryArgs()
	if args.Len() == 0 {
		return nil
	}
	var err error
	seen := uint64(0) // places in known; there are not as many parameters anywhere
	args.VisitAll(func(k, _ []byte) {
		if err != nil {
			return
		}
		i := find(known, k)
		switch {
		case i < 0:
			err = errParameter.On(string(k)).Saying("there is no query parameter %q here", k)
		case seen&(1<<i) != 0 && !known[i].many:
			err = errRepeated.On(known[i].name)
		}
		seen |= 1 << max(0, i)
	})
	return err
}

// find is the place of a parameter among those known, or -1.
func find(known []parameter, name []byte) int {
	for i := range known {
		if known[i].name == string(name) {
			return i
		}
	}
	return -1
}

// body reads the whole body, at most most bytes of it.
func (c *call) body(most int) ([]byte, error) {
	tooLarge := errTooLarge.Saying("the body has more than %d bytes", most)
	length := c.Request.Header.ContentLength()
	if length > most {
		c.SetConnectionClose() // what was not read makes the connection useless
		return nil, tooLarge
	}
	if !c.Request.IsBodyStream() {
		b := c.Request.BodyBytes()
		if len(b) > most {
			return nil, tooLarge
		}
		return b, nil
	}
	if length >= 0 {
		b := make([]byte, length)
		if _, err := io.ReadFull(c.RequestBodyStream(), b); err != nil {
			c.SetConnectionClose()
			return nil, errBody.Because(err)
		}
		return b, nil
	}
	b, err := io.ReadAll(io.LimitReader(c.RequestBodyStream(), int64(most)+1))
	switch {
	case err != nil:
		c.SetConnectionClose()
		return nil, errBody.Because(err)
	case len(b) > most:
		c.SetConnectionClose()
		return nil, tooLarge
	}
	return b, nil
}

// value reads a body that is one JSON value.
func (c *call) value() (wire.Value, error) {
	body, err := c.body(c.limits.MaxBody)
	if err != nil {
		return nil, err
	}
	body = bytes.TrimPrefix(body, byteOrderMark)
	if wire.Blank(body) {
		return nil, errEmpty
	}
	v, wrong := wire.Parse(body, 1)
	if wrong != nil {
		return nil, wrong
	}
	return v, nil
}

// nothing checks that a write which takes no body got none, or an empty object: what it says must not be
// passed over.
func (c *call) nothing() error {
	v, err := c.value()
	switch {
	case errors.Is(err, errEmpty):
		return nil
	case err != nil:
		return err
	}
	if wrong := v.Object(func(name string, _ wire.Value) *fault.Error { return wire.Unknown(name) }); wrong != nil {
		return wrong
	}
	return nil
}

// object answers one object: what fill writes, and the request's id.
func (c *call) object(status int, fill func(w *jsonText)) {
	c.answer(status, func(w *jsonText) {
		w.open('{')
		fill(w)
		w.text("request_id", c.id)
		w.close('}')
	})
}

// answer sends what fill wrote.
func (c *call) answer(status int, fill func(w *jsonText)) {
	w := newText()
	defer w.release()
	fill(w)
	c.send(status, w)
}

func (c *call) send(status int, w *jsonText) {
	c.SetStatusCode(status)
	c.Response.Header.SetContentType("application/json; charset=utf-8")
	c.Response.SetBody(w.b)
}

// fail sends the error body.
func (c *call) fail(e *fault.Error) {
	if e.Retryable() {
		c.Response.Header.Set("Retry-After", retryAfter)
	}
	if e.Kind() == fault.Unproven {
		c.Response.Header.Set("WWW-Authenticate", challenge)
	}
	c.answer(statusOf(e), func(w *jsonText) { writeError(w, e, c.id) })
}
