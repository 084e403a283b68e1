package rpc_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

var (
	long = strings.Repeat("x", 129)
	many = int32(101)
)

// Every field of every request, and what is said of one that is wrong. What a batch says of its
// entries is tested with the batches.
var refusals = []struct {
	name  string
	call  func(w *world, ctx context.Context) error
	code  int32
	key   string
	field string
}{
	{"GetFeed without a request", getFeed(nil), 400, "missing", "feed"},
	{"GetFeed without a feed", getFeed(func(q *thrift.GetFeedRequest) { q.Feed = "" }), 400, "missing", "feed"},
	{"GetFeed of what no feed is called", getFeed(func(q *thrift.GetFeedRequest) { q.Feed = "a/b" }), 400, "bad_id", "feed"},
	{"GetFeed of no feed", getFeed(func(q *thrift.GetFeedRequest) { q.Feed = "none" }), 404, "feed_not_found", "feed"},
	{"GetFeed without a viewer", getFeed(func(q *thrift.GetFeedRequest) { q.Viewer = "" }), 400, "missing", "viewer"},
	{"GetFeed for a viewer who is no text", getFeed(func(q *thrift.GetFeedRequest) { q.Viewer = "\xff" }), 400, "bad_id", "viewer"},
	{"GetFeed with a limit of none", getFeed(func(q *thrift.GetFeedRequest) { q.Limit = ptr[int32](0) }), 400, "bad_limit", "limit"},
	{"GetFeed with a limit below none", getFeed(func(q *thrift.GetFeedRequest) { q.Limit = ptr[int32](-1) }), 400, "bad_limit", "limit"},
	{"GetFeed with a limit past the most", getFeed(func(q *thrift.GetFeedRequest) { q.Limit = &many }), 400, "bad_limit", "limit"},
	{"GetFeed with no cursor of ours", getFeed(func(q *thrift.GetFeedRequest) { q.Cursor = "AAAA" }), 400, "bad_cursor", "cursor"},
	{"GetFeed without no item", getFeed(func(q *thrift.GetFeedRequest) { q.Exclude = []string{"v", ""} }), 400, "bad_id", "exclude"},
	{"GetFeed without too many", getFeed(func(q *thrift.GetFeedRequest) { q.Exclude = strings.Split(strings.Repeat("v,", 1000)+"v", ",") }), 400, "too_many", "exclude"},
	{"GetFeed explained too much", getFeed(func(q *thrift.GetFeedRequest) { q.Explain = 3 }), 400, "bad_explain", "explain"},
	{"GetFeed explained too little", getFeed(func(q *thrift.GetFeedRequest) { q.Explain = -1 }), 400, "bad_explain", "explain"},
	{"GetFeed of no tag", getFeed(func(q *thrift.GetFeedRequest) { q.Tag = long }), 400, "bad_tag", "tag"},
	{"GetFeed of no language", getFeed(func(q *thrift.GetFeedRequest) { q.Lang = long }), 400, "too_long", "lang"},
	{"GetFeed of no region", getFeed(func(q *thrift.GetFeedRequest) { q.Region = "\n" }), 400, "bad_text", "region"},

	{"GetRelated of nothing", related("", "u"), 400, "missing", "item"},
	{"GetRelated of no item", related("none", "u"), 404, "item_not_found", "item"},
	{"GetRelated without a viewer", related("v", ""), 400, "missing", "viewer"},

	{"GetSession of none", func(w *world, ctx context.Context) error {
		_, err := w.GetSession(ctx, &thrift.GetSessionRequest{Session: "none"})
		return err
	}, 404, "session_not_found", ""},
	{"GetSession without an id", func(w *world, ctx context.Context) error {
		_, err := w.GetSession(ctx, nil)
		return err
	}, 400, "missing", "session"},
	{"ListSessions without a viewer", sessions("", 1), 400, "missing", "viewer"},
	{"ListSessions with a limit of none", sessions("u", 0), 400, "bad_limit", "limit"},
	{"ListSessions with a limit past the most", sessions("u", many), 400, "bad_limit", "limit"},
	{"ReplayPage without a session", replay("", 1), 400, "missing", "session"},
	{"ReplayPage without a page", replay("s", 0), 400, "bad_page", "page"},
	{"ReplayPage of no session", replay("s", 1), 404, "session_not_found", ""},

	{"RecordEvents of too many", func(w *world, ctx context.Context) error {
		_, err := w.RecordEvents(ctx, &thrift.RecordEventsRequest{Events: repeat(&thrift.Event{}, 10_001)})
		return err
	}, 413, "batch_too_large", ""},
	{"PutItems of too many", func(w *world, ctx context.Context) error {
		_, err := w.PutItems(ctx, &thrift.PutItemsRequest{Items: repeat(&thrift.Item{}, 10_001)})
		return err
	}, 413, "batch_too_large", ""},
	{"PutItem without an item", put(nil), 400, "missing", "item"},
	{"PutItem without an id", put(&thrift.Item{}), 400, "missing", "id"},
	{"PutItem with no payload", put(&thrift.Item{Id: "x", Payload: []byte("{")}), 400, "bad_json", "payload"},
	{"PutItem that ends before it begins", put(&thrift.Item{Id: "x", PublishedAt: 2, ExpiresAt: 2}), 400, "bad_expiry", "expires_at"},
	{"GetItem without an id", item(""), 400, "missing", "id"},
	{"GetItem of none", item("none"), 404, "item_not_found", ""},
	{"PatchItem without a request", patch("v", nil), 400, "missing", "id"},
	{"PatchItem with nothing", patch("v", &thrift.ItemPatch{}), 400, "empty_patch", ""},
	{"PatchItem without an id", patch("", &thrift.ItemPatch{Title: ptr("x")}), 400, "missing", "id"},
	{"PatchItem of none", patch("none", &thrift.ItemPatch{Title: ptr("x")}), 404, "item_not_found", ""},
	{"PatchItem with no author", patch("v", &thrift.ItemPatch{Author: ptr("a/b")}), 400, "bad_id", "author"},
	{"PatchItem with no payload", patch("v", &thrift.ItemPatch{Payload: []byte("x")}), 400, "bad_json", "payload"},
	{"HideItem of none", func(w *world, ctx context.Context) error {
		_, err := w.HideItem(ctx, &thrift.HideItemRequest{Id: "none"})
		return err
	}, 404, "item_not_found", ""},
	{"RestoreItem of none", func(w *world, ctx context.Context) error {
		_, err := w.RestoreItem(ctx, &thrift.RestoreItemRequest{Id: "none"})
		return err
	}, 404, "item_not_found", ""},
	{"RemoveItem without an id", func(w *world, ctx context.Context) error {
		_, err := w.RemoveItem(ctx, &thrift.RemoveItemRequest{Id: long})
		return err
	}, 400, "bad_id", "id"},

	{"SetTuning without a viewer", tune("", thrift.TuningKind_TAG, "t", thrift.TuningDirection_LESS), 400, "missing", "viewer"},
	{"SetTuning on nothing", tune("u", 0, "t", thrift.TuningDirection_LESS), 400, "bad_target", "kind"},
	{"SetTuning on something else", tune("u", 4, "t", thrift.TuningDirection_LESS), 400, "bad_target", "kind"},
	{"SetTuning on no item", tune("u", thrift.TuningKind_ITEM, "", thrift.TuningDirection_LESS), 400, "missing", "id"},
	{"SetTuning on no tag", tune("u", thrift.TuningKind_TAG, long, thrift.TuningDirection_LESS), 400, "bad_tag", "id"},
	{"SetTuning nowhere", tune("u", thrift.TuningKind_TAG, "t", 0), 400, "bad_direction", "direction"},
	{"ClearTuning of nothing decided", func(w *world, ctx context.Context) error {
		_, err := w.ClearTuning(ctx, &thrift.ClearTuningRequest{Viewer: "u", Kind: thrift.TuningKind_TAG, Id: "t"})
		return err
	}, 404, "tuning_not_found", ""},
	{"ClearTuning on nothing", func(w *world, ctx context.Context) error {
		_, err := w.ClearTuning(ctx, &thrift.ClearTuningRequest{Viewer: "u", Id: "t"})
		return err
	}, 400, "bad_target", "kind"},
	{"GetTuning without a viewer", tuning(&thrift.GetTuningRequest{}), 400, "missing", "viewer"},
	{"GetTuning on something else", tuning(&thrift.GetTuningRequest{Viewer: "u", Kind: ptr(thrift.TuningKind(9))}), 400, "bad_target", "kind"},
	{"GetTuning on an id alone", tuning(&thrift.GetTuningRequest{Viewer: "u", Id: "t"}), 400, "bad_target", "kind"},
	{"GetTuning on nothing decided", tuning(&thrift.GetTuningRequest{Viewer: "u", Kind: ptr(thrift.TuningKind_TAG), Id: "t"}), 404, "tuning_not_found", ""},

	{"SetRelation without a viewer", relate("", thrift.RelationKind_MUTE, "a"), 400, "missing", "viewer"},
	{"SetRelation of no kind", relate("u", 0, "a"), 400, "bad_relation", "kind"},
	{"SetRelation to nobody", relate("u", thrift.RelationKind_MUTE, ""), 400, "missing", "author"},
	{"ClearRelation of none", func(w *world, ctx context.Context) error {
		_, err := w.ClearRelation(ctx, &thrift.ClearRelationRequest{Viewer: "u", Kind: thrift.RelationKind_BLOCK, Author: "a"})
		return err
	}, 404, "relation_not_found", ""},
	{"ListRelations without a viewer", ties("", thrift.RelationKind_MUTE, ""), 400, "missing", "viewer"},
	{"ListRelations of no kind", ties("u", 4, ""), 400, "bad_relation", "kind"},
	{"ListRelations to nobody", ties("u", thrift.RelationKind_MUTE, "a/b"), 400, "bad_id", "author"},

	{"EraseViewer of nobody", func(w *world, ctx context.Context) error {
		_, err := w.EraseViewer(ctx, &thrift.EraseViewerRequest{})
		return err
	}, 400, "missing", "viewer"},
	{"ExportViewer of nobody", exportOf(&thrift.ExportViewerRequest{}), 400, "missing", "viewer"},
	{"ExportViewer with a limit of none", exportOf(&thrift.ExportViewerRequest{Viewer: "u", Limit: ptr[int32](0)}), 400, "bad_limit", "limit"},
	{"ExportViewer with a limit past the most", exportOf(&thrift.ExportViewerRequest{Viewer: "u", Limit: ptr[int32](1001)}), 400, "bad_limit", "limit"},
	{"ExportViewer with no cursor", exportOf(&thrift.ExportViewerRequest{Viewer: "u", Cursor: "!"}), 400, "bad_cursor", "cursor"},
}

func TestWhatIsRefused(t *testing.T) {
	w := newWorld(t)
	_, err := w.PutItem(t.Context(), &thrift.PutItemRequest{Item: &thrift.Item{Id: "v"}})
	require.NoError(t, err)
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			got := reads(t, c.call(w, t.Context()))
			require.NotEmpty(t, got.request)
			require.Equal(t, refused{c.code, c.key, c.field, got.request, false}, got)
		})
	}
}

type call = func(w *world, ctx context.Context) error

func getFeed(change func(*thrift.GetFeedRequest)) call {
	return func(w *world, ctx context.Context) error {
		var q *thrift.GetFeedRequest
		if change != nil {
			q = &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u"}
			change(q)
		}
		_, err := w.GetFeed(ctx, q)
		return err
	}
}

func related(id, viewer string) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.GetRelated(ctx, &thrift.GetRelatedRequest{Item: id, Viewer: viewer})
		return err
	}
}

func sessions(viewer string, limit int32) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.ListSessions(ctx, &thrift.ListSessionsRequest{Viewer: viewer, Limit: &limit})
		return err
	}
}

func replay(session string, page int32) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.ReplayPage(ctx, &thrift.ReplayPageRequest{Session: session, Page: page})
		return err
	}
}

func put(it *thrift.Item) call {
	return func(w *world, ctx context.Context) error {
		q := &thrift.PutItemRequest{Item: it}
		if it == nil {
			q = nil // a client cannot leave the item out of a request
		}
		_, err := w.PutItem(ctx, q)
		return err
	}
}

func item(id string) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.GetItem(ctx, &thrift.GetItemRequest{Id: id})
		return err
	}
}

func patch(id string, p *thrift.ItemPatch) call {
	return func(w *world, ctx context.Context) error {
		q := &thrift.PatchItemRequest{Id: id, Patch: p}
		if p == nil {
			q = nil
		}
		_, err := w.PatchItem(ctx, q)
		return err
	}
}

func tune(viewer string, kind thrift.TuningKind, id string, d thrift.TuningDirection) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.SetTuning(ctx, &thrift.SetTuningRequest{Viewer: viewer, Kind: kind, Id: id, Direction: d})
		return err
	}
}

func tuning(q *thrift.GetTuningRequest) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.GetTuning(ctx, q)
		return err
	}
}

func relate(viewer string, kind thrift.RelationKind, author string) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: viewer, Kind: kind, Author: author})
		return err
	}
}

func ties(viewer string, kind thrift.RelationKind, author string) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.ListRelations(ctx, &thrift.ListRelationsRequest{Viewer: viewer, Kind: kind, Author: author})
		return err
	}
}

func exportOf(q *thrift.ExportViewerRequest) call {
	return func(w *world, ctx context.Context) error {
		_, err := w.ExportViewer(ctx, q)
		return err
	}
}

func repeat[T any](v T, n int) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}
