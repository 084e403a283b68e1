package http

import (
	"context"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

func (p *public) putItem(ctx context.Context, c *call) error {
	id, body, err := c.itemAndBody()
	if err != nil {
		return err
	}
	details, wrong := body.Details(id)
	if wrong != nil {
		return wrong
	}
	created, err := p.deps.Items.Put(ctx, id, details)
	if err != nil {
		return err
	}
	code, status := 200, publishing.Updated
	if created {
		code, status = 201, publishing.Created
	}
	c.object(code, func(w *jsonText) {
		w.text("id", string(id))
		w.text("status", string(status))
	})
	return nil
}

// itemAndBody reads what a write of one item gives.
func (c *call) itemAndBody() (catalog.ItemID, wire.Value, error) {
	id, err := c.item()
	if err != nil {
		return "", nil, err
	}
	body, err := c.value()
	return id, body, err
}

func (p *public) putItems(ctx context.Context, c *call) error {
	body, err := c.body(p.opts.MaxBatch)
	if err != nil {
		return err
	}
	var drafts []publishing.Draft
	err = splitBatch(body, string(c.ContentType()), publishing.MaxBatch, publishing.ErrBatch, func(v wire.Value, wrong *fault.Error) {
		drafts = append(drafts, draftOf(v, wrong))
	})
	if err != nil {
		return err
	}
	outcomes, err := p.deps.Items.PutAll(ctx, drafts)
	if err != nil {
		return err
	}
	results := make([]result, len(drafts))
	for i, o := range outcomes {
		results[i] = result{string(drafts[i].ID), string(o.Status), o.Err}
	}
	p.meter.entries("items", results)
	c.answer(200, func(w *jsonText) {
		writeResults(w, "id", results, c.id, string(publishing.Created), string(publishing.Updated), string(publishing.Rejected))
	})
	return nil
}

// draftOf reads one entry of a batch.
func draftOf(v wire.Value, wrong *fault.Error) publishing.Draft {
	if wrong != nil {
		return publishing.Draft{Err: wrong}
	}
	d, _ := v.Item() // which holds its error
	return d
}

func (p *public) getItem(ctx context.Context, c *call) error {
	id, err := c.item()
	if err != nil {
		return err
	}
	s, err := p.deps.Items.Get(ctx, id)
	if err != nil {
		return err
	}
	p.answerItem(c, &s)
	return nil
}

func (p *public) patchItem(ctx context.Context, c *call) error {
	id, body, err := c.itemAndBody()
	if err != nil {
		return err
	}
	patch, wrong := body.Patch(id)
	if wrong != nil {
		return wrong
	}
	s, err := p.deps.Items.Patch(ctx, id, patch)
	if err != nil {
		return err
	}
	p.answerItem(c, &s)
	return nil
}

// move makes the handler of a change that says nothing but its new state.
func (p *public) move(to func(context.Context, catalog.ItemID) error, state catalog.State) handler {
	return func(ctx context.Context, c *call) error {
		id, err := c.item()
		if err != nil {
			return err
		}
		if err := to(ctx, id); err != nil {
			return err
		}
		c.object(200, func(w *jsonText) {
			w.text("id", string(id))
			w.text("state", state.String())
		})
		return nil
	}
}

func (p *public) answerItem(c *call, s *catalog.Snapshot) {
	counts := []engagement.Counts{{}}
	p.deps.Counts.CountsOf([]catalog.ItemID{s.ID}, counts)
	c.object(200, func(w *jsonText) {
		writeItem(w, s)
		writeCounts(w, counts[0])
	})
}

// writeItem writes the members of an item; what was never given is left out, but for the lists.
func writeItem(w *jsonText, s *catalog.Snapshot) {
	d := &s.Details
	w.text("id", string(s.ID))
	w.given("author", string(d.Author))
	w.given("title", d.Title)
	words(w, "tags", d.Tags)
	w.given("lang", d.Lang)
	w.given("region", d.Region)
	words(w, "labels", d.Labels)
	if d.Duration != 0 {
		w.number("duration_ms", d.Duration.Milliseconds())
	}
	w.time("published_at", d.PublishedAt)
	w.timeIf("expires_at", d.ExpiresAt)
	if d.Payload != nil {
		w.raw("payload", d.Payload)
	}
	w.text("state", s.State.String())
	w.number("version", int64(s.Version))
	w.time("changed_at", s.ChangedAt)
}
