package rpc

import (
	"context"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/idl/gen/freshet"
)

var errExplain = fault.New(fault.Invalid, "bad_explain", "explain is NONE, USER or DEBUG")

// GetFeed implements the IDL.
func (s *service) GetFeed(ctx context.Context, q *freshet.GetFeedRequest) (*freshet.Page, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.GetFeedRequest) (*freshet.Page, error) {
		name, err := parsed("feed", q.Feed, func(s string) (string, error) { return s, catalog.CheckID(s) })
		if err != nil {
			return nil, err
		}
		return s.page(ctx, q, name, "")
	})
}

// GetRelated implements the IDL.
func (s *service) GetRelated(ctx context.Context, q *freshet.GetRelatedRequest) (*freshet.Page, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.GetRelatedRequest) (*freshet.Page, error) {
		anchor, err := parsed("item", q.Item, catalog.ParseItemID)
		if err != nil {
			return nil, err
		}
		page, err := s.page(ctx, q, serving.RelatedFeed, anchor)
		return page, respell(err, "item", "id")
	})
}

// paging is what both requests for a page have.
type paging interface {
	GetViewer() string
	IsSetLimit() bool
	GetLimit() int32
	GetCursor() string
	GetExclude() []string
	GetExplain() freshet.Explain
	GetTag() string
	GetLang() string
	GetRegion() string
}

func (s *service) page(ctx context.Context, q paging, name string, anchor catalog.ItemID) (*freshet.Page, error) {
	request, err := pageRequest(q, name, anchor)
	if err != nil {
		return nil, err
	}
	request.Within = s.pageTime
	a, err := s.Pages.Serve(ctx, request)
	if err != nil {
		return nil, err
	}
	return pageOf(a, q.GetExplain()), nil
}

func pageRequest(q paging, name string, anchor catalog.ItemID) (serving.Request, error) {
	none := serving.Request{}
	viewer, err := viewerOf(q.GetViewer())
	if err != nil {
		return none, err
	}
	if q.IsSetLimit() && q.GetLimit() == 0 {
		return none, serving.ErrSize.On("limit")
	}
	if q.GetExplain() < freshet.Explain_NONE || q.GetExplain() > freshet.Explain_DEBUG {
		return none, errExplain.On("explain")
	}
	if q.GetTag() != "" {
		if err := catalog.CheckTag(q.GetTag()); err != nil {
			return none, fault.Of(err).On("tag")
		}
	}
	if err := (catalog.Details{Lang: q.GetLang(), Region: q.GetRegion()}).Check(); err != nil {
		return none, err
	}
	exclude := make([]catalog.ItemID, len(q.GetExclude()))
	for i, id := range q.GetExclude() {
		if exclude[i], err = catalog.ParseItemID(id); err != nil {
			return none, fault.Of(err).On("exclude")
		}
	}
	return serving.Request{
		Feed: name, Viewer: viewer, Size: int(q.GetLimit()), Cursor: q.GetCursor(), Exclude: exclude,
		Narrowing: feed.Narrowing{Tag: q.GetTag(), Lang: q.GetLang(), Region: q.GetRegion(), Anchor: anchor},
		Debug:     q.GetExplain() == freshet.Explain_DEBUG,
	}, nil
}

func viewerOf(id string) (audience.ViewerID, error) {
	return parsed("viewer", id, audience.ParseViewerID)
}

func pageOf(a serving.Answer, explain freshet.Explain) *freshet.Page {
	p := &freshet.Page{
		Session: string(a.Visit.ID), Page: int32(a.Page.Number), Items: make([]*freshet.PageItem, len(a.Items)),
		Cursor: a.Cursor, Rung: string(a.Rung), Skipped: a.Page.Skipped, Relaxed: a.Page.Relaxed,
		Withdrawn: make([]string, len(a.Withdrawn)),
	}
	for i, id := range a.Withdrawn {
		p.Withdrawn[i] = string(id)
	}
	parts := make([]pageItem, len(a.Items))
	for i := range a.Items {
		p.Items[i] = parts[i].fill(&a.Items[i], explain)
	}
	if explain == freshet.Explain_DEBUG {
		p.Debug = pageDebug(a)
	}
	return p
}

// pageItem is an item with its parts, in one piece of memory with the others of its page.
type pageItem struct {
	item   freshet.PageItem
	counts freshet.Counts
	reason freshet.Reason
}

func (p *pageItem) fill(it *serving.Shown, explain freshet.Explain) *freshet.PageItem {
	d, n := &it.Details.Details, &it.Counts
	p.counts = freshet.Counts{Likes: n.Likes, Favorites: n.Favorites, Comments: n.Comments, Shares: n.Shares, Plays: n.Plays}
	p.reason.Source = it.Reason.Source
	if explain != freshet.Explain_NONE {
		p.reason.Because = it.Reason.Because
	}
	p.item = freshet.PageItem{
		Id: string(it.Item), Author: string(d.Author), Title: d.Title, Tags: d.Tags, PublishedAt: millisOf(d.PublishedAt), Payload: d.Payload,
		Position: int32(it.Position), Context: it.Context, Counts: &p.counts, Reason: &p.reason,
	}
	if explain == freshet.Explain_DEBUG {
		p.item.Debug = itemDebug(it)
	}
	return &p.item
}

func reasonOf(r recommend.Reason) *freshet.Reason {
	return &freshet.Reason{Source: r.Source, Because: r.Because}
}
