package http

import (
	"context"
	"slices"
	"strings"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
)

// explain is how much a page says about itself.
type explain uint8

const (
	explainNone explain = iota
	explainUser
	explainDebug
)

func (p *public) feed(ctx context.Context, c *call) error {
	name, err := c.path("feed")
	if err != nil {
		return err
	}
	viewer := c.query("viewer")
	if viewer == "" {
		return errMissing.On("viewer")
	}
	q := serving.Request{Feed: name, Cursor: c.query("cursor")}
	if q.Viewer, err = parseViewer(viewer); err != nil {
		return err
	}
	return p.page(ctx, c, q)
}

// related serves items like one. Without a viewer each session has an anonymous one of its own,
// which travels in its cursor.
func (p *public) related(ctx context.Context, c *call) error {
	anchor, err := c.item()
	if err != nil {
		return err
	}
	q := serving.Request{Feed: serving.RelatedFeed, Cursor: c.query("cursor"), Narrowing: feed.Narrowing{Anchor: anchor}}
	if viewer := c.query("viewer"); viewer != "" {
		if q.Viewer, err = parseViewer(viewer); err != nil {
			return err
		}
		return p.page(ctx, c, q)
	}
	if q.Cursor == "" {
		q.Viewer = newAnonymous()
	} else if q.Viewer, q.Cursor, err = openAnonymous(q.Cursor); err != nil {
		return err
	}
	return p.pageFor(ctx, c, q, sealAnonymous)
}

func (p *public) page(ctx context.Context, c *call, q serving.Request) error {
	return p.pageFor(ctx, c, q, nil)
}

// pageFor reads what all pages can be asked for, serves the page and answers it; seal, when given,
// changes the cursor on its way out.
func (p *public) pageFor(ctx context.Context, c *call, q serving.Request, seal func(serving.Answer) string) error {
	how, err := c.narrow(&q)
	if err != nil {
		return err
	}
	q.Debug = how == explainDebug
	a, err := p.serve(ctx, q)
	if err != nil {
		return err
	}
	if seal != nil {
		a.Cursor = seal(a)
	}
	c.answer(200, func(w *jsonText) { writePage(w, &a, how, c.id) })
	return nil
}

func (p *public) serve(ctx context.Context, q serving.Request) (serving.Answer, error) {
	q.Within = p.opts.PageTime
	a, err := p.deps.Pages.Serve(ctx, q)
	if err == nil {
		p.meter.pages.WithLabelValues(q.Feed, string(a.Rung)).Inc()
	}
	return a, err
}

// narrow reads the parameters that all pages share.
func (c *call) narrow(q *serving.Request) (explain, error) {
	var err error
	if q.Size, err = c.count("limit", feed.MaxPageSize, serving.ErrSize); err != nil {
		return 0, err
	}
	if q.Exclude, err = c.exclude(); err != nil {
		return 0, err
	}
	q.Narrowing.Tag, q.Narrowing.Lang, q.Narrowing.Region = c.query("tag"), c.query("lang"), c.query("region")
	if q.Narrowing.Tag != "" && catalog.CheckTag(q.Narrowing.Tag) != nil {
		return 0, catalog.ErrTag.On("tag")
	}
	if err := (catalog.Details{Lang: q.Narrowing.Lang, Region: q.Narrowing.Region}).Check(); err != nil {
		return 0, err
	}
	switch c.query("explain") {
	case "", "none":
		return explainNone, nil
	case "user":
		return explainUser, nil
	case "debug":
		return explainDebug, nil
	}
	return 0, errExplain.On("explain")
}

// exclude reads ids from every exclude parameter. A value with commas is a list; the value as a
// whole is excluded too, for an id may hold a comma, as far as there is room for it.
func (c *call) exclude() ([]catalog.ItemID, error) {
	if !c.QueryArgs().Has("exclude") {
		return nil, nil
	}
	var ids, whole []catalog.ItemID
	var err error
	seen := map[string]bool{}
	add := func(ids *[]catalog.ItemID, s string) {
		if s != "" && !seen[s] && err == nil {
			var id catalog.ItemID
			if id, err = catalog.ParseItemID(s); err == nil {
				seen[s] = true
				*ids = append(*ids, id)
			}
		}
	}
	for _, v := range c.QueryArgs().PeekAll("exclude") {
		s := string(v)
		parts := strings.Split(s, ",")
		for _, part := range parts {
			add(&ids, part)
		}
		if len(parts) > 1 && len(s) <= catalog.MaxIDBytes && slices.Index(parts, "") < 0 {
			add(&whole, s)
		}
		if len(ids) > feed.MaxExclude {
			break // the use case refuses so many; no need to read on
		}
	}
	if err != nil {
		return nil, fault.Of(err).On("exclude")
	}
	room := max(0, feed.MaxExclude-len(ids))
	return append(ids, whole[:min(room, len(whole))]...), nil
}
