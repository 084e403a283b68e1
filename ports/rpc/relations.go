package rpc

import (
	"context"
	"slices"

	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/idl/gen/freshet"
)

var errRelation = fault.New(fault.Invalid, "bad_relation", "a viewer follows, mutes or blocks an author")

var relations = map[freshet.RelationKind]audience.Relation{
	freshet.RelationKind_FOLLOW: audience.Follows, freshet.RelationKind_MUTE: audience.Mutes, freshet.RelationKind_BLOCK: audience.Blocks,
}

// SetRelation implements the IDL.
func (s *service) SetRelation(ctx context.Context, q *freshet.SetRelationRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.SetRelationRequest) (*freshet.Done, error) {
		t, err := tieOf(q.Viewer, q.Kind, q.Author)
		if err != nil {
			return nil, err
		}
		return done(s.Decisions.Relate(ctx, t.viewer, t.relation, t.author))
	})
}

// ClearRelation implements the IDL.
func (s *service) ClearRelation(ctx context.Context, q *freshet.ClearRelationRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ClearRelationRequest) (*freshet.Done, error) {
		t, err := tieOf(q.Viewer, q.Kind, q.Author)
		if err != nil {
			return nil, err
		}
		return done(s.Decisions.Unrelate(ctx, t.viewer, t.relation, t.author))
	})
}

// ListRelations implements the IDL.
func (s *service) ListRelations(ctx context.Context, q *freshet.ListRelationsRequest) (*freshet.ListRelationsResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ListRelationsRequest) (*freshet.ListRelationsResponse, error) {
		t, err := tieOf(q.Viewer, q.Kind, q.Author)
		if err != nil && (q.Author != "" || fault.Of(err).Field() != "author") {
			return nil, err
		}
		ties, err := s.Decisions.Relations(ctx, t.viewer, t.relation)
		if err != nil {
			return nil, err
		}
		if q.Author != "" {
			ties = slices.DeleteFunc(ties, func(o audience.Tie) bool { return o.Author != t.author })
			if len(ties) == 0 {
				return nil, steering.ErrNoRelation
			}
		}
		out := &freshet.ListRelationsResponse{Relations: make([]*freshet.Relation, len(ties))}
		for i, o := range ties {
			out.Relations[i] = &freshet.Relation{Kind: q.Kind, Author: string(o.Author), Since: millisOf(o.At)}
		}
		return out, nil
	})
}

// tie is what a request says of a viewer and an author.
type tie struct {
	viewer   audience.ViewerID
	relation audience.Relation
	author   catalog.AuthorID
}

func tieOf(viewer string, kind freshet.RelationKind, author string) (t tie, err error) {
	if t.viewer, err = viewerOf(viewer); err != nil {
		return t, err
	}
	if t.relation = relations[kind]; t.relation == 0 {
		return t, errRelation.On("kind")
	}
	t.author, err = parsed("author", author, catalog.ParseAuthorID)
	return t, err
}
