package rpc

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/idl/gen/freshet"
)

var (
	targetKinds = map[freshet.TuningKind]audience.TargetKind{
		freshet.TuningKind_ITEM: audience.OnItem, freshet.TuningKind_AUTHOR: audience.OnAuthor, freshet.TuningKind_TAG: audience.OnTag,
	}
	directions = map[freshet.TuningDirection]audience.Direction{
		freshet.TuningDirection_MORE: audience.More, freshet.TuningDirection_LESS: audience.Less,
	}
)

// SetTuning implements the IDL.
func (s *service) SetTuning(ctx context.Context, q *freshet.SetTuningRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.SetTuningRequest) (*freshet.Done, error) {
		viewer, target, err := decidedOn(q.Viewer, q.Kind, q.Id)
		if err != nil {
			return nil, err
		}
		_, err = s.Decisions.Steer(ctx, viewer, target, directions[q.Direction])
		return done(respell(err, "id", "item", "author", "tag"))
	})
}

// ClearTuning implements the IDL.
func (s *service) ClearTuning(ctx context.Context, q *freshet.ClearTuningRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ClearTuningRequest) (*freshet.Done, error) {
		viewer, target, err := decidedOn(q.Viewer, q.Kind, q.Id)
		if err != nil {
			return nil, err
		}
		return done(s.Decisions.Undo(ctx, viewer, target))
	})
}

// GetTuning implements the IDL.
func (s *service) GetTuning(ctx context.Context, q *freshet.GetTuningRequest) (*freshet.GetTuningResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.GetTuningRequest) (*freshet.GetTuningResponse, error) {
		list, err := s.decisions(ctx, q)
		if err != nil {
			return nil, err
		}
		out := &freshet.GetTuningResponse{Tuning: make([]*freshet.Tuning, len(list))}
		for i, d := range list {
			out.Tuning[i] = tuningOf(d)
		}
		return out, nil
	})
}

func (s *service) decisions(ctx context.Context, q *freshet.GetTuningRequest) ([]audience.Decision, error) {
	if q.Id != "" {
		viewer, target, err := decidedOn(q.Viewer, q.GetKind(), q.Id)
		if err != nil {
			return nil, err
		}
		d, err := s.Decisions.Decision(ctx, viewer, target)
		return []audience.Decision{d}, err
	}
	viewer, err := viewerOf(q.Viewer)
	if err != nil {
		return nil, err
	}
	kind := targetKinds[q.GetKind()]
	if q.IsSetKind() && kind == 0 {
		return nil, audience.ErrTarget.On("kind")
	}
	return s.Decisions.Decisions(ctx, viewer, kind)
}

func decidedOn(viewer string, kind freshet.TuningKind, id string) (audience.ViewerID, audience.Target, error) {
	v, err := viewerOf(viewer)
	if err != nil {
		return "", audience.Target{}, err
	}
	t, err := audience.ParseTarget(targetKinds[kind].String(), id)
	if t.Kind != 0 && id == "" {
		err = engagement.ErrMissing.On("id")
	}
	return v, t, err
}

func tuningOf(d audience.Decision) *freshet.Tuning {
	out := &freshet.Tuning{Id: d.Target.ID, At: millisOf(d.At)}
	for kind, k := range targetKinds {
		if k == d.Target.Kind {
			out.Kind = kind
		}
	}
	for direction, d2 := range directions {
		if d2 == d.Direction {
			out.Direction = direction
		}
	}
	return out
}
