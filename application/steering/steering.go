package steering

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// What steering refuses.
var (
	ErrDisabled   = fault.New(fault.Denied, "tuning_disabled", "tuning is switched off on this service")
	ErrNoRelation = fault.New(fault.NotFound, "relation_not_found", "there is no such relation")
)

// Decisions is the use cases of what viewers decide.
type Decisions struct {
	repo   audience.ViewerRepository
	known  *remembering.Viewers
	tuning bool
	clock  func() time.Time
}

// NewDecisions wires the use cases; without tuning, everything about tuning answers ErrDisabled.
func NewDecisions(repo audience.ViewerRepository, known *remembering.Viewers, tuning bool, clock func() time.Time) *Decisions {
	return &Decisions{repo, known, tuning, clock}
}

// Steer records a decision and returns it; the latest on a target wins.
func (s *Decisions) Steer(ctx context.Context, id audience.ViewerID, t audience.Target, d audience.Direction) (audience.Decision, error) {
	if !s.tuning {
		return audience.Decision{}, ErrDisabled
	}
	var taken audience.Decision
	err := s.update(ctx, id, func(v *audience.Viewer) error {
		if err := v.Steer(t, d, s.clock()); err != nil {
			return err
		}
		taken = decisionOn(v, t)
		return nil
	})
	return taken, err
}

// Undo takes a decision back. With none on that target: audience.ErrNoDecision.
func (s *Decisions) Undo(ctx context.Context, id audience.ViewerID, t audience.Target) error {
	if !s.tuning {
		return ErrDisabled
	}
	return s.update(ctx, id, func(v *audience.Viewer) error { return v.Undo(t) })
}

// Decisions lists what the viewer decided, newest first; kind 0 lists all.
func (s *Decisions) Decisions(ctx context.Context, id audience.ViewerID, kind audience.TargetKind) ([]audience.Decision, error) {
	if !s.tuning {
		return nil, ErrDisabled
	}
	v, err := s.repo.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(v.Decisions(), func(d audience.Decision) bool { return kind != 0 && d.Target.Kind != kind })
	slices.SortFunc(list, func(a, b audience.Decision) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Target.Kind, b.Target.Kind), cmp.Compare(a.Target.ID, b.Target.ID))
	})
	return list, nil
}

// Decision returns the decision on one target. With none: audience.ErrNoDecision.
func (s *Decisions) Decision(ctx context.Context, id audience.ViewerID, t audience.Target) (audience.Decision, error) {
	if !s.tuning {
		return audience.Decision{}, ErrDisabled
	}
	v, err := s.repo.Find(ctx, id)
	if err != nil {
		return audience.Decision{}, err
	}
	if d := decisionOn(v, t); d.Target == t {
		return d, nil
	}
	return audience.Decision{}, audience.ErrNoDecision
}

func decisionOn(v *audience.Viewer, t audience.Target) audience.Decision {
	list := v.Decisions()
	if i := slices.IndexFunc(list, func(d audience.Decision) bool { return d.Target == t }); i >= 0 {
		return list[i]
	}
	return audience.Decision{}
}

// Relate makes the viewer follow, mute or block the author.
func (s *Decisions) Relate(ctx context.Context, id audience.ViewerID, r audience.Relation, a catalog.AuthorID) error {
	return s.update(ctx, id, func(v *audience.Viewer) error {
		switch r {
		case audience.Mutes:
			return v.Mute(a, s.clock())
		case audience.Blocks:
			return v.Block(a, s.clock())
		}
		return v.Follow(a, s.clock())
	})
}

// Unrelate ends the relation. With none: ErrNoRelation.
func (s *Decisions) Unrelate(ctx context.Context, id audience.ViewerID, r audience.Relation, a catalog.AuthorID) error {
	return s.update(ctx, id, func(v *audience.Viewer) error {
		if !v.Has(r, a) {
			return ErrNoRelation
		}
		v.Drop(r, a, s.clock())
		return nil
	})
}

// Relations lists the viewer's ties of one kind, newest first.
func (s *Decisions) Relations(ctx context.Context, id audience.ViewerID, r audience.Relation) ([]audience.Tie, error) {
	v, err := s.repo.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	ties := v.Ties(r)
	slices.SortFunc(ties, func(a, b audience.Tie) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Author, b.Author))
	})
	return ties, nil
}

// update stores the change durably, then brings it to the fast copy before it is acknowledged. What is gone already may be so by an
// earlier try that the fast copy missed.
func (s *Decisions) update(ctx context.Context, id audience.ViewerID, change func(*audience.Viewer) error) error {
	var changes []audience.Change
	err := s.repo.Update(ctx, id, func(v *audience.Viewer) error {
		changes = nil
		if err := change(v); err != nil {
			return err
		}
		changes = v.Changes()
		return nil
	})
	if err == nil || fault.Is(err, fault.NotFound) {
		if missed := s.known.Decide(ctx, id, changes); missed != nil {
			return missed
		}
	}
	return err
}
