package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

// What is refused though each field by itself is as it should be; the fields are in fields_test.go.
func TestWhatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	first, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Limit: ptr[int32](5), Tag: "t"})
	require.NoError(t, err)
	related, err := w.GetRelated(t.Context(), &thrift.GetRelatedRequest{Item: "v00", Viewer: "u", Limit: ptr[int32](5)})
	require.NoError(t, err)
	session, onward := first.Session, first.Cursor
	_, err = w.PutItem(t.Context(), &thrift.PutItemRequest{Item: &thrift.Item{Id: "late", PublishedAt: 5, ExpiresAt: 10}})
	require.NoError(t, err)
	tag, block := thrift.TuningKind_TAG, thrift.RelationKind_BLOCK

	for _, c := range []struct {
		name    string
		request any
		code    int32
		key     string
		field   string
	}{
		{"a page without a request", (*thrift.GetFeedRequest)(nil), 400, "missing", "feed"},
		{"a page of no feed", &thrift.GetFeedRequest{Feed: "none", Viewer: "u"}, 404, "feed_not_found", "feed"},
		{"a page of another tag than the first", &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Cursor: onward, Tag: "t1"}, 400, "cursor_narrowing", "tag"},
		{"a page of a language the first was not", &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Cursor: onward, Lang: "en"}, 400, "cursor_narrowing", "lang"},
		{"a page of a region the first was not", &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Cursor: onward, Region: "FR"}, 400, "cursor_narrowing", "region"},
		{"what is related to nothing", (*thrift.GetRelatedRequest)(nil), 400, "missing", "item"},
		{"what is related to no item", &thrift.GetRelatedRequest{Item: "none", Viewer: "u"}, 404, "item_not_found", "item"},
		{"what is related to an expired item", &thrift.GetRelatedRequest{Item: "late", Viewer: "u"}, 404, "item_not_found", "item"},
		{"what is related to another item than at first", &thrift.GetRelatedRequest{Item: "v01", Viewer: "u", Cursor: related.Cursor}, 400, "cursor_of_other_feed", "cursor"},

		{"a session without a request", (*thrift.GetSessionRequest)(nil), 400, "missing", "session"},
		{"a session that there is not", &thrift.GetSessionRequest{Session: "none"}, 404, "session_not_found", ""},
		{"the sessions of nobody", (*thrift.ListSessionsRequest)(nil), 400, "missing", "viewer"},
		{"the replay of nothing", (*thrift.ReplayPageRequest)(nil), 400, "missing", "session"},
		{"the replay of no session", &thrift.ReplayPageRequest{Session: "none", Page: 1}, 404, "session_not_found", ""},
		{"the replay of a page not served", &thrift.ReplayPageRequest{Session: session, Page: 2}, 404, "page_not_found", "page"},

		{"no item at all", (*thrift.PutItemRequest)(nil), 400, "missing", "item"},
		{"an item that ends as it begins", &thrift.PutItemRequest{Item: &thrift.Item{Id: "x", PublishedAt: 2, ExpiresAt: 2}}, 400, "bad_expiry", "expires_at"},
		{"an item that ended before it is published now", &thrift.PutItemRequest{Item: &thrift.Item{Id: "x", ExpiresAt: time.Now().UnixMilli() - 1000}}, 400, "bad_expiry", "expires_at"},
		{"an item without an id", (*thrift.GetItemRequest)(nil), 400, "missing", "id"},
		{"an item that there is not", &thrift.GetItemRequest{Id: "none"}, 404, "item_not_found", ""},
		{"a patch without a request", (*thrift.PatchItemRequest)(nil), 400, "missing", "id"},
		{"a patch of no item", &thrift.PatchItemRequest{Id: "none", Patch: &thrift.ItemPatch{Title: ptr("x")}}, 404, "item_not_found", ""},
		{"a patch that ends an item before it begins", &thrift.PatchItemRequest{Id: "v00", Patch: &thrift.ItemPatch{ExpiresAt: ptr[int64](1)}}, 400, "bad_expiry", "expires_at"},
		{"a patch that begins an item after it ends", &thrift.PatchItemRequest{Id: "late", Patch: &thrift.ItemPatch{PublishedAt: ptr[int64](10)}}, 400, "bad_expiry", "expires_at"},
		{"the hiding of nothing", (*thrift.HideItemRequest)(nil), 400, "missing", "id"},
		{"the hiding of no item", &thrift.HideItemRequest{Id: "none"}, 404, "item_not_found", ""},
		{"the restoring of nothing", (*thrift.RestoreItemRequest)(nil), 400, "missing", "id"},
		{"the restoring of no item", &thrift.RestoreItemRequest{Id: "none"}, 404, "item_not_found", ""},
		{"the removal of nothing", (*thrift.RemoveItemRequest)(nil), 400, "missing", "id"},
		{"the removal of no item", &thrift.RemoveItemRequest{Id: "none"}, 404, "item_not_found", ""},

		{"a decision of nobody", (*thrift.SetTuningRequest)(nil), 400, "missing", "viewer"},
		{"an undoing by nobody", (*thrift.ClearTuningRequest)(nil), 400, "missing", "viewer"},
		{"the undoing of nothing decided", &thrift.ClearTuningRequest{Viewer: "u", Kind: tag, Id: "t"}, 404, "tuning_not_found", ""},
		{"the decisions of nobody", (*thrift.GetTuningRequest)(nil), 400, "missing", "viewer"},
		{"the decisions on an id alone", &thrift.GetTuningRequest{Viewer: "u", Id: "t"}, 400, "bad_target", "kind"},
		{"the decision on nothing decided", &thrift.GetTuningRequest{Viewer: "u", Kind: &tag, Id: "t"}, 404, "tuning_not_found", ""},

		{"a relation of nobody", (*thrift.SetRelationRequest)(nil), 400, "missing", "viewer"},
		{"the end of nobody's relation", (*thrift.ClearRelationRequest)(nil), 400, "missing", "viewer"},
		{"the end of no relation", &thrift.ClearRelationRequest{Viewer: "u", Kind: block, Author: "a"}, 404, "relation_not_found", ""},
		{"the relations of nobody", (*thrift.ListRelationsRequest)(nil), 400, "missing", "viewer"},
		{"a relation that there is not", &thrift.ListRelationsRequest{Viewer: "u", Kind: block, Author: "a"}, 404, "relation_not_found", ""},

		{"the erasure of nobody", (*thrift.EraseViewerRequest)(nil), 400, "missing", "viewer"},
		{"the export of nobody", (*thrift.ExportViewerRequest)(nil), 400, "missing", "viewer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.ask(c.request)
			got := reads(t, err)
			require.NotEmpty(t, got.request)
			require.Equal(t, refused{c.code, c.key, c.field, got.request, false}, got)
		})
	}
}

// Why any time is taken as a bound: there are sessions before it or there are none.
func TestSessionsAreListedBeforeAnyTime(t *testing.T) {
	w := newWorld(t)
	w.publish(3)
	_, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u"})
	require.NoError(t, err)
	for before, want := range map[int64]int{least: 0, yearOne: 0, -1: 0, 1: 0, 0: 1, in2200: 1, most: 1} {
		list, err := w.ListSessions(t.Context(), &thrift.ListSessionsRequest{Viewer: "u", Before: before})
		require.NoError(t, err)
		require.Len(t, list.Sessions, want, "before %d", before)
	}
}

func repeat[T any](v T, n int) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}
