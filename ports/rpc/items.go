package rpc

import (
	"context"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/idl/gen/freshet"
)

// PutItem implements the IDL.
func (s *service) PutItem(ctx context.Context, q *freshet.PutItemRequest) (*freshet.PutItemResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.PutItemRequest) (*freshet.PutItemResponse, error) {
		if q.Item == nil {
			return nil, engagement.ErrMissing.On("item")
		}
		d := draftOf(q.Item)
		if d.Err != nil {
			return nil, d.Err
		}
		created, err := s.Items.Put(ctx, d.ID, d.Details)
		if err != nil {
			return nil, err
		}
		status := publishing.Updated
		if created {
			status = publishing.Created
		}
		return &freshet.PutItemResponse{Result_: &freshet.ItemOutcome{Id: q.Item.Id, Status: string(status)}}, nil
	})
}

// PutItems implements the IDL.
func (s *service) PutItems(ctx context.Context, q *freshet.PutItemsRequest) (*freshet.PutItemsResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.PutItemsRequest) (*freshet.PutItemsResponse, error) {
		drafts := make([]publishing.Draft, len(q.Items))
		for i, it := range q.Items {
			drafts[i] = draftOf(it)
		}
		outcomes, err := s.Items.PutAll(ctx, drafts)
		if err != nil {
			return nil, naming("items", publishing.ErrBatch, err)
		}
		out := &freshet.PutItemsResponse{Results: make([]*freshet.ItemOutcome, len(outcomes))}
		for i, o := range outcomes {
			result := &freshet.ItemOutcome{Id: q.Items[i].Id, Status: string(o.Status)}
			if o.Err != nil {
				result.Error, result.Field = o.Err.Code(), o.Err.Field()
			}
			out.Results[i] = result
			switch o.Status {
			case publishing.Created:
				out.Created++
			case publishing.Updated:
				out.Updated++
			case publishing.Rejected:
				out.Rejected++
			}
		}
		return out, nil
	})
}

// GetItem implements the IDL.
func (s *service) GetItem(ctx context.Context, q *freshet.GetItemRequest) (*freshet.GetItemResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.GetItemRequest) (*freshet.GetItemResponse, error) {
		id, err := parsed("id", q.Id, catalog.ParseItemID)
		if err != nil {
			return nil, err
		}
		it, err := s.Items.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		return &freshet.GetItemResponse{Item: itemOf(&it), State: it.State.String(), Version: int64(it.Version)}, nil
	})
}

// PatchItem implements the IDL.
func (s *service) PatchItem(ctx context.Context, q *freshet.PatchItemRequest) (*freshet.PatchItemResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.PatchItemRequest) (*freshet.PatchItemResponse, error) {
		id, err := parsed("id", q.Id, catalog.ParseItemID)
		if err != nil {
			return nil, err
		}
		if q.Patch == nil {
			return nil, engagement.ErrMissing.On("patch")
		}
		patch, err := patchOf(q.Patch)
		if err != nil {
			return nil, err
		}
		it, err := s.Items.Patch(ctx, id, patch)
		if err != nil {
			return nil, naming("patch", publishing.ErrEmpty, err)
		}
		return &freshet.PatchItemResponse{Item: itemOf(&it), State: it.State.String(), Version: int64(it.Version)}, nil
	})
}

// HideItem implements the IDL.
func (s *service) HideItem(ctx context.Context, q *freshet.HideItemRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.HideItemRequest) (*freshet.Done, error) {
		return s.move(ctx, q.Id, s.Items.Hide)
	})
}

// RestoreItem implements the IDL.
func (s *service) RestoreItem(ctx context.Context, q *freshet.RestoreItemRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.RestoreItemRequest) (*freshet.Done, error) {
		return s.move(ctx, q.Id, s.Items.Restore)
	})
}

// RemoveItem implements the IDL.
func (s *service) RemoveItem(ctx context.Context, q *freshet.RemoveItemRequest) (*freshet.Done, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.RemoveItemRequest) (*freshet.Done, error) {
		return s.move(ctx, q.Id, s.Items.Remove)
	})
}

func (s *service) move(ctx context.Context, text string, to func(context.Context, catalog.ItemID) error) (*freshet.Done, error) {
	id, err := parsed("id", text, catalog.ParseItemID)
	if err != nil {
		return nil, err
	}
	return done(to(ctx, id))
}

// done is the answer to a write that tells nothing.
func done(err error) (*freshet.Done, error) { return &freshet.Done{}, err }
