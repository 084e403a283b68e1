package rpc

import (
	"context"

	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/idl/gen/freshet"
)

var errPage = fault.New(fault.Invalid, "bad_page", "a page has a number from 1")

// GetSession implements the IDL.
func (s *service) GetSession(ctx context.Context, q *freshet.GetSessionRequest) (*freshet.GetSessionResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.GetSessionRequest) (*freshet.GetSessionResponse, error) {
		id, err := sessionIDOf(q.Session)
		if err != nil {
			return nil, err
		}
		past, err := s.Sessions.Find(ctx, id)
		if err == nil {
			err = s.mayRead(ctx, past.Visit.Viewer)
		}
		if err != nil {
			return nil, err
		}
		out := sessionOf(past.Visit, len(past.Pages))
		out.Cursor = past.Cursor
		out.Pages = make([]*freshet.ServedPage, len(past.Pages))
		for i := range past.Pages {
			out.Pages[i] = servedOf(&past.Pages[i])
		}
		return &freshet.GetSessionResponse{Session: out}, nil
	})
}

// ListSessions implements the IDL.
func (s *service) ListSessions(ctx context.Context, q *freshet.ListSessionsRequest) (*freshet.ListSessionsResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ListSessionsRequest) (*freshet.ListSessionsResponse, error) {
		viewer, err := viewerOf(q.Viewer)
		if err != nil {
			return nil, err
		}
		limit, err := limitOf(q.Limit, feed.DefaultSize, replaying.MaxListed)
		if err != nil {
			return nil, err
		}
		list, err := s.Sessions.List(ctx, viewer, timeOf(q.Before), limit)
		if err != nil {
			return nil, err
		}
		out := &freshet.ListSessionsResponse{Sessions: make([]*freshet.Session, len(list))}
		for i, summary := range list {
			out.Sessions[i] = sessionOf(summary.Visit, summary.Pages)
		}
		return out, nil
	})
}

// ReplayPage implements the IDL.
func (s *service) ReplayPage(ctx context.Context, q *freshet.ReplayPageRequest) (*freshet.ReplayPageResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ReplayPageRequest) (*freshet.ReplayPageResponse, error) {
		id, err := sessionIDOf(q.Session)
		if err != nil {
			return nil, err
		}
		if q.Page < 1 {
			return nil, errPage.On("page")
		}
		r, err := s.Sessions.Replay(ctx, id, int(q.Page))
		if err == nil {
			err = s.mayRead(ctx, r.Visit.Viewer)
		}
		if err != nil {
			return nil, err
		}
		out := &freshet.ReplayPageResponse{
			Session: string(r.Visit.ID), Page: int32(r.Page.Number), Identical: r.Same, Changed: r.Changed,
			Served: make([]string, len(r.Page.Items)), Replayed: make([]string, len(r.Replayed)),
		}
		for i, it := range r.Page.Items {
			out.Served[i] = string(it.Item)
		}
		for i, id := range r.Replayed {
			out.Replayed[i] = string(id)
		}
		return out, nil
	})
}

func sessionIDOf(id string) (feed.SessionID, error) {
	return parsed("session", id, func(s string) (feed.SessionID, error) { return feed.SessionID(s), catalog.CheckID(s) })
}

// limitOf is how many are asked for: unset where the request does not say.
func limitOf(sent *int32, unset, most int) (int, error) {
	if sent == nil {
		return unset, nil
	}
	if *sent < 1 || int(*sent) > most {
		return 0, serving.ErrSize.On("limit").Saying("the limit lies between 1 and %d", most)
	}
	return int(*sent), nil
}

func sessionOf(v feed.Visit, pages int) *freshet.Session {
	return &freshet.Session{
		Session: string(v.ID), Viewer: string(v.Viewer), Feed: v.Feed,
		StartedAt: millisOf(v.StartedAt), ExpiresAt: millisOf(v.ExpiresAt), PageCount: int32(pages),
	}
}

func servedOf(p *feed.Page) *freshet.ServedPage {
	out := &freshet.ServedPage{
		Page: int32(p.Number), ServedAt: millisOf(p.ServedAt), Rung: string(p.Rung), Items: make([]*freshet.ServedItem, len(p.Items)),
	}
	for i, it := range p.Items {
		out.Items[i] = &freshet.ServedItem{
			Id: string(it.Item), Position: int32(p.First + i), Score: float64(it.Score), Reason: reasonOf(it.Reason),
		}
	}
	return out
}
