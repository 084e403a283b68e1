package http

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// target reads viewer, kind and id from the path.
func (c *call) target() (audience.ViewerID, audience.Target, error) {
	viewer, err := c.viewer()
	if err != nil {
		return "", audience.Target{}, err
	}
	kind, err := c.path("kind")
	if err != nil {
		return "", audience.Target{}, err
	}
	id, err := c.path("id")
	if err != nil {
		return "", audience.Target{}, err
	}
	t, err := audience.ParseTarget(kind, id)
	return viewer, t, err
}

func (p *public) tune(ctx context.Context, c *call) error {
	viewer, target, err := c.target()
	if err != nil {
		return err
	}
	body, err := c.value()
	if err != nil {
		return err
	}
	var word string
	given := false
	wrong := body.Object(func(name string, v wire.Value) (err *fault.Error) {
		if name != "direction" {
			return wire.Unknown(name)
		}
		given = !v.Null()
		word, err = v.Text(name)
		return err
	})
	switch {
	case wrong != nil:
		return wrong
	case !given:
		return errMissing.On("direction")
	}
	direction, err := audience.ParseDirection(word)
	if err != nil {
		return err
	}
	d, err := p.deps.Decisions.Steer(ctx, viewer, target, direction)
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) { writeDecision(w, d) })
	return nil
}

func (p *public) untune(ctx context.Context, c *call) error {
	viewer, target, err := c.target()
	if err != nil {
		return err
	}
	if err := p.deps.Decisions.Undo(ctx, viewer, target); err != nil {
		return err
	}
	c.SetStatusCode(204)
	return nil
}

func (p *public) tuned(ctx context.Context, c *call) error {
	viewer, target, err := c.target()
	if err != nil {
		return err
	}
	d, err := p.deps.Decisions.Decision(ctx, viewer, target)
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) { writeDecision(w, d) })
	return nil
}

// tunings lists decisions, of one kind where the path names one.
func (p *public) tunings(ctx context.Context, c *call) error {
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	var kind audience.TargetKind
	if c.Param("kind") != "" {
		name, err := c.path("kind")
		if err != nil {
			return err
		}
		t, err := audience.ParseTarget(name, "any")
		if err != nil {
			return err
		}
		kind = t.Kind
	}
	list, err := p.deps.Decisions.Decisions(ctx, viewer, kind)
	if err != nil {
		return err
	}
	c.object(200, func(w *jsonText) { objects(w, "tuning", list, writeDecision) })
	return nil
}

func writeDecision(w *jsonText, d audience.Decision) {
	w.text("kind", d.Target.Kind.String())
	w.text("id", d.Target.ID)
	w.text("direction", d.Direction.String())
	w.time("at", d.At)
}
