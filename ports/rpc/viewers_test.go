package rpc_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

func TestAViewerSteersAndUndoes(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	set := func(kind thrift.TuningKind, id string, d thrift.TuningDirection) {
		done, err := w.SetTuning(ctx, &thrift.SetTuningRequest{Viewer: "u1", Kind: kind, Id: id, Direction: d})
		require.NoError(t, err)
		require.NotEmpty(t, done.RequestId)
		time.Sleep(2 * time.Millisecond)
	}
	set(thrift.TuningKind_ITEM, "v1", thrift.TuningDirection_LESS)
	set(thrift.TuningKind_AUTHOR, "a1", thrift.TuningDirection_MORE)
	set(thrift.TuningKind_TAG, "t1", thrift.TuningDirection_MORE)
	set(thrift.TuningKind_TAG, "t1", thrift.TuningDirection_LESS)

	list := func(q *thrift.GetTuningRequest) (got []string) {
		q.Viewer = "u1"
		r, err := w.GetTuning(ctx, q)
		require.NoError(t, err)
		require.NotEmpty(t, r.RequestId)
		for _, d := range r.Tuning {
			require.WithinDuration(t, time.Now(), time.UnixMilli(d.At), time.Minute)
			got = append(got, fmt.Sprint(d.Kind, " ", d.Id, " ", d.Direction))
		}
		return got
	}
	require.Equal(t, []string{"TAG t1 LESS", "AUTHOR a1 MORE", "ITEM v1 LESS"}, list(&thrift.GetTuningRequest{}))
	require.Equal(t, []string{"AUTHOR a1 MORE"}, list(&thrift.GetTuningRequest{Kind: ptr(thrift.TuningKind_AUTHOR)}))
	require.Equal(t, []string{"ITEM v1 LESS"}, list(&thrift.GetTuningRequest{Kind: ptr(thrift.TuningKind_ITEM), Id: "v1"}))

	_, err := w.ClearTuning(ctx, &thrift.ClearTuningRequest{Viewer: "u1", Kind: thrift.TuningKind_TAG, Id: "t1"})
	require.NoError(t, err)
	require.Equal(t, []string{"AUTHOR a1 MORE", "ITEM v1 LESS"}, list(&thrift.GetTuningRequest{}))
	other, err := w.GetTuning(ctx, &thrift.GetTuningRequest{Viewer: "u2"})
	require.NoError(t, err)
	require.Empty(t, other.Tuning)
}

func TestTuningThatIsSwitchedOffSaysSo(t *testing.T) {
	w := newWorldWith(t, false)
	_, err := w.SetTuning(t.Context(), &thrift.SetTuningRequest{Viewer: "u1", Kind: thrift.TuningKind_TAG, Id: "t", Direction: thrift.TuningDirection_LESS})
	got := reads(t, err)
	require.Equal(t, refused{403, "tuning_disabled", "", got.request, false}, got)
	_, err = w.ClearTuning(t.Context(), &thrift.ClearTuningRequest{Viewer: "u1", Kind: thrift.TuningKind_TAG, Id: "t"})
	require.Equal(t, "tuning_disabled", reads(t, err).key)
	_, err = w.GetTuning(t.Context(), &thrift.GetTuningRequest{Viewer: "u1"})
	require.Equal(t, "tuning_disabled", reads(t, err).key)
}

func TestAMutedAuthorIsInNoPage(t *testing.T) {
	w := newWorld(t)
	w.publish(9)
	_, err := w.SetRelation(t.Context(), &thrift.SetRelationRequest{Viewer: "u1", Kind: thrift.RelationKind_MUTE, Author: "a1"})
	require.NoError(t, err)
	p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1"})
	require.NoError(t, err)
	require.Len(t, p.Items, 6)
	for _, it := range p.Items {
		require.NotEqual(t, "a1", it.Author)
	}
}

func TestRelationsAreMadeListedAndEnded(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for _, kind := range []thrift.RelationKind{thrift.RelationKind_FOLLOW, thrift.RelationKind_MUTE, thrift.RelationKind_BLOCK} {
		for i, author := range []string{"x", "y"} {
			done, err := w.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: "u1", Kind: kind, Author: fmt.Sprint(kind, author)})
			require.NoError(t, err)
			require.NotEmpty(t, done.RequestId)
			time.Sleep(time.Duration(2-i) * time.Millisecond)
		}
		list, err := w.ListRelations(ctx, &thrift.ListRelationsRequest{Viewer: "u1", Kind: kind})
		require.NoError(t, err)
		require.NotEmpty(t, list.RequestId)
		require.Len(t, list.Relations, 2)
		require.Equal(t, fmt.Sprint(kind, "y"), list.Relations[0].Author)
		require.Equal(t, kind, list.Relations[0].Kind)
		require.WithinDuration(t, time.Now(), time.UnixMilli(list.Relations[0].Since), time.Minute)

		q := &thrift.ListRelationsRequest{Viewer: "u1", Kind: kind, Author: fmt.Sprint(kind, "x")}
		one, err := w.ListRelations(ctx, q)
		require.NoError(t, err)
		require.Len(t, one.Relations, 1)
		end := &thrift.ClearRelationRequest{Viewer: "u1", Kind: kind, Author: q.Author}
		_, err = w.ClearRelation(ctx, end)
		require.NoError(t, err)
		_, err = w.ListRelations(ctx, q)
		got := reads(t, err)
		require.Equal(t, refused{404, "relation_not_found", "", got.request, false}, got)
		_, err = w.ClearRelation(ctx, end)
		require.Equal(t, "relation_not_found", reads(t, err).key)
	}
}

func TestAnExportComesInPartsThatMissAndRepeatNothing(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	ctx := t.Context()
	var events []*thrift.Event
	for i := range 25 {
		events = append(events, &thrift.Event{EventId: fmt.Sprintf("e%02d", i), Type: "open", Viewer: "u1", Item: "v01", At: time.Now().UnixMilli()})
	}
	events = append(events, &thrift.Event{EventId: "other", Type: "open", Viewer: "u2", Item: "v01", At: time.Now().UnixMilli()})
	_, err := w.RecordEvents(ctx, &thrift.RecordEventsRequest{Events: events})
	require.NoError(t, err)
	for i := range 7 {
		_, err = w.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: "u1", Kind: thrift.RelationKind_FOLLOW, Author: fmt.Sprintf("a%d", i)})
		require.NoError(t, err)
		_, err = w.SetTuning(ctx, &thrift.SetTuningRequest{Viewer: "u1", Kind: thrift.TuningKind_TAG, Id: fmt.Sprintf("t%d", i), Direction: thrift.TuningDirection_MORE})
		require.NoError(t, err)
	}
	p, err := w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](3)})
	require.NoError(t, err)
	_, err = w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](3), Cursor: p.Cursor})
	require.NoError(t, err)

	whole := export(t, w, 1000, nil)
	require.Len(t, whole, 25+7+7+3)
	kinds := map[string]int{}
	for line := range whole {
		var r struct{ Kind, Viewer string }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		require.NotEqual(t, "u2", r.Viewer)
		kinds[r.Kind]++
	}
	require.Equal(t, map[string]int{"event": 25, "relation": 7, "tuning": 7, "session": 1, "page": 2}, kinds)

	for _, limit := range []int32{1, 7, 41, 42} {
		require.Equal(t, whole, export(t, w, limit, nil))
	}
	inParts := export(t, w, 10, func(part int) { // what stands before and after what was handed out comes and goes
		_, err := w.SetRelation(ctx, &thrift.SetRelationRequest{Viewer: "u1", Kind: thrift.RelationKind_FOLLOW, Author: fmt.Sprintf("0-%d", part)})
		require.NoError(t, err)
		_, err = w.ClearRelation(ctx, &thrift.ClearRelationRequest{Viewer: "u1", Kind: thrift.RelationKind_FOLLOW, Author: fmt.Sprintf("a%d", part)})
		require.NoError(t, err)
	})
	require.Equal(t, whole, inParts)

	r, err := w.EraseViewer(ctx, &thrift.EraseViewerRequest{Viewer: "u1"})
	require.NoError(t, err)
	require.Equal(t, "u1", r.Viewer)
	require.NotEmpty(t, r.RequestId)
	require.WithinDuration(t, time.Now(), time.UnixMilli(r.ErasedAt), time.Minute)
	removed := map[string]int64{}
	for _, e := range r.Removed {
		removed[e.Store+" "+e.What] += e.Count
	}
	require.EqualValues(t, 25, removed["sql events"], "%v", removed)
	require.Empty(t, export(t, w, 1000, nil))
}

// export gives all lines of u1's export, each once.
func export(t *testing.T, w *world, limit int32, between func(part int)) map[string]bool {
	t.Helper()
	lines, cursor := map[string]bool{}, ""
	for n := 0; ; n++ {
		r, err := w.ExportViewer(t.Context(), &thrift.ExportViewerRequest{Viewer: "u1", Limit: &limit, Cursor: cursor})
		require.NoError(t, err)
		require.LessOrEqual(t, len(r.Lines), int(limit))
		for _, l := range r.Lines {
			require.False(t, lines[string(l)], "again: %s", l)
			lines[string(l)] = true
		}
		if cursor = r.Cursor; cursor == "" {
			return lines
		}
		require.Len(t, r.Lines, int(limit))
		if between != nil {
			between(n)
		}
	}
}
