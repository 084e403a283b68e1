package rpc_test

import (
	"maps"
	"testing"
	"time"

	fast "github.com/cloudwego/gopkg/protocol/thrift"
	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

// accepted is a request that is accepted as it is, and what each field of it refuses. Of a list of entries the
// last is spoiled, and the others must go through.
type accepted struct {
	request fast.FastCodec
	refuses map[string][]wrong
}

func acceptedBy(t *testing.T, w *world) []accepted {
	t.Helper()
	ctx, five := t.Context(), ptr[int32](5)
	w.publish(30)
	page, err := w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Limit: five})
	require.NoError(t, err)
	related, err := w.GetRelated(ctx, &thrift.GetRelatedRequest{Item: "v00", Viewer: "u", Limit: five})
	require.NoError(t, err)
	tag, less, mute := thrift.TuningKind_TAG, thrift.TuningDirection_LESS, thrift.RelationKind_MUTE
	for _, viewer := range []string{"u", "u2"} {
		_, err = w.SetTuning(ctx, &thrift.SetTuningRequest{Viewer: viewer, Kind: tag, Id: "t1", Direction: less})
		require.NoError(t, err)
		_, err = w.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: viewer, Kind: mute, Author: "a1"})
		require.NoError(t, err)
	}
	mine, theirs := firstPart(t, w, "u"), firstPart(t, w, "u2")
	event := func(id string) *thrift.Event {
		return &thrift.Event{EventId: id, Type: "open", Viewer: "u", Item: "v00", At: time.Now().UnixMilli()}
	}
	tuned, tied := oneOf(3, "bad_target"), oneOf(3, "bad_relation")

	return []accepted{
		{&thrift.GetFeedRequest{Feed: "for-you", Viewer: "u"}, map[string][]wrong{
			"feed": neededID(), "viewer": neededID(), "limit": limit(100), "cursor": bookmark(page.Cursor), "exclude": each("bad_id", 1000),
			"explain": oneOf(2, "bad_explain"), "tag": spelled("bad_tag"), "lang": place(), "region": place(),
		}},
		{&thrift.GetRelatedRequest{Item: "v00", Viewer: "u"}, map[string][]wrong{
			"item": neededID(), "viewer": neededID(), "limit": limit(100), "cursor": bookmark(related.Cursor), "exclude": each("bad_id", 1000),
			"explain": oneOf(2, "bad_explain"), "tag": spelled("bad_tag"), "lang": place(), "region": place(),
		}},
		{&thrift.GetSessionRequest{Session: page.Session}, map[string][]wrong{"session": neededID()}},
		{&thrift.ListSessionsRequest{Viewer: "u"}, map[string][]wrong{"viewer": neededID(), "limit": limit(100)}},
		{&thrift.ReplayPageRequest{Session: page.Session, Page: 1}, map[string][]wrong{
			"session": neededID(), "page": needed(0, "bad_page", pageNumber()),
		}},
		{&thrift.RecordEventsRequest{Events: []*thrift.Event{event("e1"), event("e2")}}, map[string][]wrong{
			"events":          tooMany(event("e")),
			"events.event_id": entryID(), "events.type": act(), "events.viewer": entryID(), "events.item": entryID(), "events.author": anID,
			"events.at": past(), "events.session": anID, "events.context": asServed(),
			"events.watch_ms": span("bad_watch"), "events.duration_ms": span("bad_watch"),
		}},
		{&thrift.PutItemRequest{Item: &thrift.Item{Id: "p"}}, with(item("item.", entryID()), "item", []wrong{
			{that: "that is not sent", value: unsent{}, key: "missing"}, {that: "of another type", value: another{}, key: "missing"},
		})},
		{&thrift.PutItemsRequest{Items: []*thrift.Item{{Id: "p1"}, {Id: "p2"}}}, with(
			item("items.", entryID(wrong{that: "of an earlier one", value: "p1", key: "repeated_id"})), "items", tooMany(&thrift.Item{Id: "p"}))},
		{&thrift.GetItemRequest{Id: "v00"}, map[string][]wrong{"id": neededID()}},
		{&thrift.PatchItemRequest{Id: "v00", Patch: &thrift.ItemPatch{Title: ptr("x")}}, with(with(details("patch."), "id", neededID()), "patch", []wrong{
			{that: "of nothing", value: &thrift.ItemPatch{}, key: "empty_patch"},
			{that: "that is not sent", value: unsent{}, key: "missing"}, {that: "of another type", value: another{}, key: "missing"},
		})},
		{&thrift.HideItemRequest{Id: "v01"}, map[string][]wrong{"id": neededID()}},
		{&thrift.RestoreItemRequest{Id: "v01"}, map[string][]wrong{"id": neededID()}},
		{&thrift.RemoveItemRequest{Id: "v02"}, map[string][]wrong{"id": neededID()}},
		{&thrift.SetTuningRequest{Viewer: "u", Kind: tag, Id: "t1", Direction: less}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_target", tuned), "id": needed("", "missing", spelled("bad_tag")),
			"direction": needed(0, "bad_direction", oneOf(2, "bad_direction")),
		}},
		{&thrift.GetTuningRequest{Viewer: "u", Kind: &tag, Id: "t1"}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_target", tuned), "id": spelled("bad_tag"),
		}},
		{&thrift.ClearTuningRequest{Viewer: "u", Kind: tag, Id: "t1"}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_target", tuned), "id": needed("", "missing", spelled("bad_tag")),
		}},
		{&thrift.SetRelationRequest{Viewer: "u", Kind: mute, Author: "a1"}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_relation", tied), "author": neededID(),
		}},
		{&thrift.ListRelationsRequest{Viewer: "u", Kind: mute, Author: "a1"}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_relation", tied), "author": anID,
		}},
		{&thrift.ClearRelationRequest{Viewer: "u", Kind: mute, Author: "a1"}, map[string][]wrong{
			"viewer": neededID(), "kind": needed(0, "bad_relation", tied), "author": neededID(),
		}},
		{&thrift.ExportViewerRequest{Viewer: "u"}, map[string][]wrong{
			"viewer": neededID(), "limit": limit(1000),
			"cursor": append(tampered(mine), []wrong{
				{that: "given to another viewer", value: theirs, key: "cursor_not_yours"},
				{that: "broken into two lines", value: mine[:8] + "\n" + mine[8:], key: "bad_cursor"},
			}...),
		}},
		{&thrift.EraseViewerRequest{Viewer: "u"}, map[string][]wrong{"viewer": neededID()}},
	}
}

// details are what an item and a patch have in common.
func details(under string) map[string][]wrong {
	return map[string][]wrong{
		under + "author": anID, under + "title": text(1024), under + "tags": each("bad_tag", 32), under + "labels": each("bad_tag", 32),
		under + "lang": place(), under + "region": place(), under + "duration_ms": span("bad_duration"),
		under + "published_at": moment(), under + "expires_at": moment(), under + "payload": payload(),
	}
}

func item(under string, id []wrong) map[string][]wrong { return with(details(under), under+"id", id) }

func with(refuses map[string][]wrong, field string, list []wrong) map[string][]wrong {
	refuses = maps.Clone(refuses)
	refuses[field] = list
	return refuses
}

// firstPart is the cursor after the first line of a viewer's export.
func firstPart(t *testing.T, w *world, viewer string) string {
	t.Helper()
	r, err := w.ExportViewer(t.Context(), &thrift.ExportViewerRequest{Viewer: viewer, Limit: ptr[int32](1)})
	require.NoError(t, err)
	require.NotEmpty(t, r.Cursor)
	return r.Cursor
}
