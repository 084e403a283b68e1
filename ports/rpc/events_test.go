package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

func TestEventsAreAcceptedOnce(t *testing.T) {
	w := newWorld(t)
	w.publish(10)
	p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](3)})
	require.NoError(t, err)
	it, at := p.Items[0], time.Now().UnixMilli()
	batch := &thrift.RecordEventsRequest{Events: []*thrift.Event{
		{EventId: "e1", Type: "like", Viewer: "u1", Item: it.Id, At: at, Session: p.Session, Context: it.Context},
		{EventId: "e2", Type: "play_progress", Viewer: "u1", Item: it.Id, At: at, WatchMs: 1500, DurationMs: 9000, AutoPresented: true},
		{EventId: "e3", Type: "follow_author", Viewer: "u1", Author: "a2", At: at},
	}}
	r, err := w.RecordEvents(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, []*thrift.EventOutcome{
		{EventId: "e1", Status: "accepted"}, {EventId: "e2", Status: "accepted"}, {EventId: "e3", Status: "accepted"},
	}, r.Results)
	require.EqualValues(t, 3, r.Accepted)
	require.NotEmpty(t, r.RequestId)

	r, err = w.RecordEvents(t.Context(), batch)
	require.NoError(t, err)
	require.EqualValues(t, []int32{0, 3, 0}, []int32{r.Accepted, r.Duplicate, r.Rejected})

	ties, err := w.ListRelations(t.Context(), &thrift.ListRelationsRequest{Viewer: "u1", Kind: thrift.RelationKind_FOLLOW})
	require.NoError(t, err)
	require.Equal(t, "a2", ties.Relations[0].Author)
}

func TestRejectedEventsDoNotKeepTheOthersOut(t *testing.T) {
	w := newWorld(t)
	at := time.Now().UnixMilli()
	event := func(id string, change func(*thrift.Event)) *thrift.Event {
		e := &thrift.Event{EventId: id, Type: "open", Viewer: "u1", Item: "v1", At: at}
		change(e)
		return e
	}
	r, err := w.RecordEvents(t.Context(), &thrift.RecordEventsRequest{Events: []*thrift.Event{
		event("ok", func(*thrift.Event) {}),
		event("ok", func(*thrift.Event) {}),
		event("", func(*thrift.Event) {}),
		event("a/b", func(*thrift.Event) {}),
		event("type", func(e *thrift.Event) { e.Type = "opened" }),
		event("no type", func(e *thrift.Event) { e.Type = "" }),
		event("viewer", func(e *thrift.Event) { e.Viewer = "" }),
		event("item", func(e *thrift.Event) { e.Item = "" }),
		event("author", func(e *thrift.Event) { e.Author = "\xff" }),
		event("at", func(e *thrift.Event) { e.At = 0 }),
		event("future", func(e *thrift.Event) { e.At += 6 * 60_000 }),
		event("far", func(e *thrift.Event) { e.At = 1<<63 - 1 }),
		event("ancient", func(e *thrift.Event) { e.At = -1 << 63 }),
		event("year 1", func(e *thrift.Event) { e.At = time.Time{}.UnixMilli() }),
		event("session", func(e *thrift.Event) { e.Session = "a\nb" }),
		event("context", func(e *thrift.Event) { e.Context = "é" }),
		event("watch", func(e *thrift.Event) { e.WatchMs = 1<<63 - 1 }),
		event("unwatch", func(e *thrift.Event) { e.WatchMs = -1 << 63 }),
		event("duration", func(e *thrift.Event) { e.DurationMs = 48*3_600_000 + 1 }),
		event("longest", func(e *thrift.Event) { e.DurationMs = 48 * 3_600_000 }),
	}})
	require.NoError(t, err)
	got := map[string]string{}
	for _, o := range r.Results {
		if o.Status == "rejected" {
			got[o.EventId] = o.Error + " " + o.Field
		}
	}
	require.Equal(t, map[string]string{
		"": "missing event_id", "a/b": "bad_id event_id", "type": "unknown_type type", "no type": "missing type", "viewer": "missing viewer", "item": "missing item",
		"author": "bad_id author", "at": "missing at", "future": "in_the_future at", "far": "in_the_future at", "ancient": "too_old at", "year 1": "too_old at",
		"session": "bad_id session", "context": "bad_context context", "watch": "bad_watch watch_ms", "unwatch": "bad_watch watch_ms",
		"duration": "bad_watch duration_ms",
	}, got)
	require.EqualValues(t, []int32{2, 1, 17}, []int32{r.Accepted, r.Duplicate, r.Rejected})
}
