package http

import (
	"context"
	"strconv"
	"time"

	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/ports/wire"
)

// listedSessions is how many sessions a list holds unless asked otherwise.
const listedSessions = 20

func (c *call) session() (feed.SessionID, error) {
	s, err := c.path("session")
	if err != nil {
		return "", err
	}
	if catalog.CheckID(s) != nil {
		return "", catalog.ErrID.On("session")
	}
	return feed.SessionID(s), nil
}

func (p *public) getSession(ctx context.Context, c *call) error {
	id, err := c.session()
	if err != nil {
		return err
	}
	past, err := p.deps.Sessions.Find(ctx, id)
	if err == nil {
		err = c.ofTheirs(past.Visit.Viewer)
	}
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) {
		writeVisit(w, &past.Visit, len(past.Pages))
		w.given("cursor", past.Cursor)
		objects(w, "pages", past.Pages, func(w *jsonText, p feed.Page) { writeServed(w, past.Visit.ID, &p) })
	})
	return nil
}

func (p *public) listSessions(ctx context.Context, c *call) error {
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	limit, err := c.count("limit", replaying.MaxListed, serving.ErrSize.Saying("a list holds 1 to %d sessions", replaying.MaxListed))
	if err != nil {
		return err
	}
	if limit == 0 {
		limit = listedSessions
	}
	var before time.Time
	if s := c.query("before"); s != "" {
		var wrong *fault.Error
		if before, wrong = wire.ParseTime("before", s); wrong != nil {
			return wrong
		}
	}
	list, err := p.deps.Sessions.List(ctx, viewer, before, limit)
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) {
		objects(w, "sessions", list, func(w *jsonText, s feed.Summary) {
			writeVisit(w, &s.Visit, s.Pages)
			w.number("item_count", int64(s.Items))
			w.timeIf("last_at", s.LastAt)
		})
	})
	return nil
}

func (p *public) replay(ctx context.Context, c *call) error {
	id, err := c.session()
	if err != nil {
		return err
	}
	s, err := c.path("page")
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(s, 10, strconv.IntSize-1)
	if err != nil || number == 0 {
		return errPage.On("page")
	}
	r, err := p.deps.Sessions.Replay(ctx, id, int(number))
	if err == nil {
		err = c.ofTheirs(r.Visit.Viewer)
	}
	if err != nil {
		return err
	}
	served := make([]catalog.ItemID, len(r.Page.Items))
	for i := range r.Page.Items {
		served[i] = r.Page.Items[i].Item
	}
	c.object(200, func(w *jsonText) {
		w.text("session", string(r.Visit.ID))
		w.number("page", int64(r.Page.Number))
		w.truth("identical", r.Same)
		words(w, "served", served)
		words(w, "replayed", r.Replayed)
		words(w, "changed", r.Changed)
	})
	return nil
}

// ofTheirs is nil when the caller may read a session of the viewer.
func (c *call) ofTheirs(viewer audience.ViewerID) error {
	if err := c.caller.May(access.Watch, viewer); err != nil {
		return fault.Of(err).On("session").Saying("the session is another viewer's")
	}
	return nil
}

func writeVisit(w *jsonText, v *feed.Visit, pages int) {
	w.text("session", string(v.ID))
	w.text("viewer", string(v.Viewer))
	w.text("feed", v.Feed)
	w.text("definition", v.Definition)
	w.given("tag", v.Narrowing.Tag)
	w.given("lang", v.Narrowing.Lang)
	w.given("region", v.Narrowing.Region)
	w.given("related_to", string(v.Narrowing.Anchor))
	w.time("started_at", v.StartedAt)
	w.time("expires_at", v.ExpiresAt)
	if len(v.Assignments) > 0 {
		objects(w, "experiments", v.Assignments, func(w *jsonText, a experiment.Assignment) {
			w.text("layer", a.Layer)
			w.text("variant", a.Variant)
		})
	}
	if pages >= 0 {
		w.number("page_count", int64(pages))
	}
}

// writeServed writes the members of a page as it was served.
func writeServed(w *jsonText, session feed.SessionID, p *feed.Page) {
	w.number("page", int64(p.Number))
	w.time("served_at", p.ServedAt)
	w.text("rung", string(p.Rung))
	wordsIf(w, "relaxed", p.Relaxed)
	wordsIf(w, "skipped", p.Skipped)
	w.openIn("items", '[')
	for i := range p.Items {
		it := &p.Items[i]
		w.open('{')
		w.text("id", string(it.Item))
		w.given("author", string(it.Author))
		w.number("position", int64(p.First+i))
		w.text("context", p.Context(session, i))
		w.float("score", it.Score)
		words(w, "sources", it.Sources)
		w.number("rank_before", int64(it.RankBefore))
		w.floatIf("chance", it.Chance)
		writeReason(w, it.Reason, explainNone)
		w.close('}')
	}
	w.close(']')
	writeInputs(w, p.Inputs)
}
