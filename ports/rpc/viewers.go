package rpc

import (
	"context"

	"github.com/freshet/freshet/idl/gen/freshet"
)

// maxLines is how many lines of an export one answer holds.
const maxLines = 1000

// EraseViewer implements the IDL.
func (s *service) EraseViewer(ctx context.Context, q *freshet.EraseViewerRequest) (*freshet.EraseViewerResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.EraseViewerRequest) (*freshet.EraseViewerResponse, error) {
		viewer, err := viewerOf(q.Viewer)
		if err != nil {
			return nil, err
		}
		receipt, err := s.Viewers.Erase(ctx, viewer)
		if err != nil {
			return nil, err
		}
		out := &freshet.EraseViewerResponse{
			Viewer: string(receipt.Viewer), ErasedAt: millisOf(receipt.ErasedAt), Removed: make([]*freshet.Erased, len(receipt.Removed)),
		}
		for i, r := range receipt.Removed {
			out.Removed[i] = &freshet.Erased{Store: r.Store, What: r.What, Count: r.Count}
		}
		return out, nil
	})
}

// ExportViewer implements the IDL.
func (s *service) ExportViewer(ctx context.Context, q *freshet.ExportViewerRequest) (*freshet.ExportViewerResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.ExportViewerRequest) (*freshet.ExportViewerResponse, error) {
		viewer, err := viewerOf(q.Viewer)
		if err != nil {
			return nil, err
		}
		limit, err := limitOf(q.Limit, maxLines, maxLines)
		if err != nil {
			return nil, err
		}
		part, err := newPart(viewer, q.Cursor, limit)
		if err != nil {
			return nil, err
		}
		if err := s.Viewers.Export(ctx, viewer, part.take); err != nil {
			return nil, err
		}
		lines, cursor, err := part.finish()
		return &freshet.ExportViewerResponse{Lines: lines, Cursor: cursor}, err
	})
}
