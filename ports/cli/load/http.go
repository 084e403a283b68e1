package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bytedance/sonic"
	"github.com/cloudwego/hertz/pkg/common/utils"
	"github.com/cloudwego/hertz/pkg/protocol"

	"github.com/freshet/freshet/ports/wire"
)

// httpDoor asks the public plane of one instance.
type httpDoor struct {
	root   string
	base   string // with the path of the feed and all that is the same for every page
	events string
	shadow bool
	key    string // as the header Authorization has it; empty: none
	*connections
}

func newHTTPDoor(to string, o *Options) (*httpDoor, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	root := strings.TrimSuffix(u.String(), "/")
	d := &httpDoor{
		root:   root,
		base:   root + "/v1/feeds/" + url.PathEscape(o.Feed) + "?limit=" + strconv.Itoa(o.Limit),
		events: root + "/v1/events", shadow: !o.Real, key: bearerOf(o.Key),
	}
	if o.Tag != "" {
		d.base += "&tag=" + url.QueryEscape(o.Tag)
	}
	d.base += "&viewer="
	var secure *tls.Config
	if u.Scheme == "https" {
		secure = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	d.connections = newConnections(utils.AddMissingPort(u.Host, secure != nil), secure, o.Timeout)
	return d, nil
}

func (d *httpDoor) over() way { return overHTTP }

func (d *httpDoor) page(_ context.Context, s *session, p *page) error {
	req, resp := protocol.AcquireRequest(), protocol.AcquireResponse()
	defer protocol.ReleaseRequest(req)
	defer protocol.ReleaseResponse(resp)
	address := d.base + url.QueryEscape(s.viewer)
	if s.cursor != "" {
		address += "&cursor=" + url.QueryEscape(s.cursor)
	}
	req.SetRequestURI(address)
	if err := d.ask(req, resp); err != nil {
		return err
	}
	p.reset()
	if sonic.ConfigDefault.Unmarshal(resp.Body(), p) != nil {
		return &failure{class: broken, malformed: true}
	}
	return nil
}

func (d *httpDoor) report(_ context.Context, s *session, acts []act, t *taken) error {
	req, resp := protocol.AcquireRequest(), protocol.AcquireResponse()
	defer protocol.ReleaseRequest(req)
	defer protocol.ReleaseResponse(resp)
	req.SetRequestURI(d.events)
	req.Header.SetMethod("POST")
	req.Header.SetContentTypeBytes([]byte("application/json"))
	req.SetBody(appendEvents(nil, s, acts, time.Now()))
	if err := d.ask(req, resp); err != nil {
		return err
	}
	*t = taken{}
	if sonic.ConfigDefault.Unmarshal(resp.Body(), t) != nil || t.Accepted+t.Duplicate+t.Rejected != int64(len(acts)) {
		return &failure{class: broken, malformed: true}
	}
	return nil
}

func (d *httpDoor) ask(req *protocol.Request, resp *protocol.Response) error {
	if d.shadow {
		req.Header.Set(wire.ShadowHeader, "1")
	}
	if d.key != "" {
		req.Header.Set("Authorization", d.key)
	}
	if err := d.connections.do(req, resp); err != nil {
		return err
	}
	if resp.StatusCode() == 200 {
		return nil
	}
	var told struct {
		Error string `json:"error"`
	}
	class := "http " + strconv.Itoa(resp.StatusCode())
	if sonic.ConfigDefault.Unmarshal(resp.Body(), &told) == nil && told.Error != "" {
		class += " " + told.Error
	}
	return &failure{class: class}
}

func bearerOf(key string) string {
	if key == "" {
		return ""
	}
	return "Bearer " + key
}

// appendEvents writes a batch as the API takes it.
func appendEvents(b []byte, s *session, acts []act, now time.Time) []byte {
	text := func(name, value string) {
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, `":`...)
		b = appendText(b, value)
	}
	at := now.UTC().Format("2006-01-02T15:04:05.000Z")
	b = append(b, '[')
	for i := range acts {
		a := &acts[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		for _, f := range [...]struct{ name, value string }{{"event_id", a.id}, {"type", a.kind}, {"viewer", s.viewer}, {"item", a.item},
			{"session", s.id}, {"context", a.context}} {
			text(f.name, f.value)
			b = append(b, ',')
		}
		text("at", at)
		if a.of > 0 {
			b = append(b, `,"watch_ms":`...)
			b = strconv.AppendInt(b, a.watched.Milliseconds(), 10)
			b = append(b, `,"duration_ms":`...)
			b = strconv.AppendInt(b, a.of.Milliseconds(), 10)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendText writes a JSON string; most need no escape.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			var escaped bytes.Buffer
			e := json.NewEncoder(&escaped)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // a string always has a form
			return append(b, bytes.TrimSpace(escaped.Bytes())...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
