package http

import (
	"context"
	"errors"

	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
)

func (p *public) erase(ctx context.Context, c *call) error {
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	r, err := p.deps.Viewers.Erase(ctx, viewer)
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) {
		w.text("viewer", string(r.Viewer))
		w.time("erased_at", r.ErasedAt)
		objects(w, "removed", r.Removed, func(w *jsonText, m erasing.Removed) {
			w.text("store", m.Store)
			w.text("what", m.What)
			w.number("count", m.Count)
		})
	})
	return nil
}

// export streams one line for each record. When it fails before the first line it answers the error;
// later the connection breaks off, so that no client takes a part for the whole.
func (p *public) export(ctx context.Context, c *call) error {
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	e := &exporting{c: c, w: newText()}
	defer e.w.release()
	err = p.deps.Viewers.Export(ctx, viewer, e.record)
	if err == nil {
		err = e.flush()
	}
	if err == nil {
		if e.out == nil {
			c.SetStatusCode(200)
			c.Response.Header.SetContentType(ndjson)
			c.Response.SetBody(e.w.b)
		}
		return nil
	}
	if e.out == nil {
		return err
	}
	p.opts.Log.Warn("export broke off", "request_id", c.id, "error", err.Error())
	c.SetConnectionClose()
	c.Response.HijackWriter(brokenOff{e.out})
	return nil
}

const ndjson = "application/x-ndjson; charset=utf-8"

// exporting is an export on its way out.
type exporting struct {
	c       *call
	w       *jsonText
	out     network.ExtWriter // nil until the first flush
	session feed.SessionID    // whose line was written last
}

const exportChunk = 64 << 10

func (e *exporting) record(record any) error {
	w := e.w
	switch r := record.(type) {
	case engagement.Logged:
		w.open('{')
		w.text("kind", "event")
		writeEvent(w, &r)
		w.close('}')
	case audience.Decision:
		w.open('{')
		w.text("kind", "tuning")
		w.text("target", r.Target.Kind.String())
		w.text("id", r.Target.ID)
		w.text("direction", r.Direction.String())
		w.time("at", r.At)
		w.close('}')
	case audience.Tie:
		w.open('{')
		w.text("kind", "relation")
		writeTie(w, r)
		w.close('}')
	case feed.Exposure:
		if r.Visit.ID != e.session {
			e.session = r.Visit.ID
			w.open('{')
			w.text("kind", "session")
			writeVisit(w, &r.Visit, -1)
			w.close('}')
			w.b = append(w.b, '\n')
		}
		w.open('{')
		w.text("kind", "page")
		w.text("session", string(r.Visit.ID))
		writeServed(w, r.Visit.ID, &r.Page)
		w.close('}')
	default:
		return errors.New("a record of an unknown kind")
	}
	w.b = append(w.b, '\n')
	if len(w.b) < exportChunk {
		return nil
	}
	return e.send()
}

func (e *exporting) send() error {
	if e.out == nil {
		e.c.SetStatusCode(200)
		e.c.Response.Header.SetContentType(ndjson)
		e.out = resp.NewChunkedBodyWriter(&e.c.Response, e.c.GetWriter())
		e.c.Response.HijackWriter(e.out)
	}
	if _, err := e.out.Write(e.w.b); err != nil {
		return fault.Of(err)
	}
	e.w.b = e.w.b[:0]
	return e.out.Flush()
}

// flush sends what is left of an export that has begun to be sent.
func (e *exporting) flush() error {
	if e.out == nil || len(e.w.b) == 0 {
		return nil
	}
	return e.send()
}

// brokenOff ends a stream without the mark of its end.
type brokenOff struct{ network.ExtWriter }

func (b brokenOff) Finalize() error { return errors.New("the export broke off") }

func writeEvent(w *jsonText, e *engagement.Logged) {
	w.text("event_id", string(e.ID))
	w.text("type", e.Act.String())
	w.text("viewer", string(e.Viewer))
	w.given("item", string(e.Item))
	w.given("author", string(e.Author))
	w.time("at", e.At)
	w.time("received_at", e.Received)
	w.given("session", e.Session)
	w.given("context", e.Context)
	if e.Watched != 0 {
		w.number("watch_ms", e.Watched.Milliseconds())
	}
	if e.Duration != 0 {
		w.number("duration_ms", e.Duration.Milliseconds())
	}
	if e.AutoPresented {
		w.truth("auto_presented", true)
	}
}
