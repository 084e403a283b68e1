package http

import (
	"context"
	"slices"

	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// relative reads viewer and author from the path.
func (c *call) relative() (audience.ViewerID, catalog.AuthorID, error) {
	viewer, err := c.viewer()
	if err != nil {
		return "", "", err
	}
	s, err := c.path("author")
	if err != nil {
		return "", "", err
	}
	author, err := catalog.ParseAuthorID(s)
	if err != nil {
		return "", "", fault.Of(err).On("author")
	}
	return viewer, author, nil
}

func (p *public) relate(r audience.Relation) handler {
	return func(ctx context.Context, c *call) error {
		viewer, author, err := c.relative()
		if err != nil {
			return err
		}
		if err := p.deps.Decisions.Relate(ctx, viewer, r, author); err != nil {
			return err
		}
		c.object(200, func(w *jsonText) {
			w.text("relation", r.String())
			w.text("author", string(author))
		})
		return nil
	}
}

func (p *public) unrelate(r audience.Relation) handler {
	return func(ctx context.Context, c *call) error {
		viewer, author, err := c.relative()
		if err != nil {
			return err
		}
		if err := p.deps.Decisions.Unrelate(ctx, viewer, r, author); err != nil {
			return err
		}
		c.SetStatusCode(204)
		return nil
	}
}

func (p *public) relation(r audience.Relation) handler {
	return func(ctx context.Context, c *call) error {
		viewer, author, err := c.relative()
		if err != nil {
			return err
		}
		ties, err := p.deps.Decisions.Relations(ctx, viewer, r)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(ties, func(t audience.Tie) bool { return t.Author == author })
		if i < 0 {
			return steering.ErrNoRelation
		}
		c.object(200, func(w *jsonText) { writeTie(w, ties[i]) })
		return nil
	}
}

func (p *public) relations(r audience.Relation) handler {
	return func(ctx context.Context, c *call) error {
		viewer, err := c.viewer()
		if err != nil {
			return err
		}
		ties, err := p.deps.Decisions.Relations(ctx, viewer, r)
		if err != nil {
			return err
		}
		c.object(200, func(w *jsonText) { objects(w, "relations", ties, writeTie) })
		return nil
	}
}

func writeTie(w *jsonText, t audience.Tie) {
	w.text("relation", t.Relation.String())
	w.text("author", string(t.Author))
	w.time("since", t.At)
}
