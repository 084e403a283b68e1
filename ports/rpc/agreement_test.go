package rpc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	freshethttp "github.com/freshet/freshet/ports/http"
)

// byHTTP opens the other door to the same service and gives a way to ask it.
func (w *world) byHTTP() func(path string) (int, []byte) {
	s := freshethttp.New(freshethttp.Options{Addr: "127.0.0.1:0"}, freshethttp.Deps{
		Pages: w.deps.Pages, Events: w.deps.Events, Items: w.deps.Items, Counts: w.index,
		Decisions: w.deps.Decisions, Sessions: w.deps.Sessions, Viewers: w.deps.Viewers, Clock: time.Now,
	})
	require.NoError(w.t, s.Start())
	transport := &http.Transport{}
	w.t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(w.t, s.Shutdown(context.Background()))
	})
	return func(path string) (int, []byte) {
		r, err := (&http.Client{Transport: transport}).Get("http://" + s.Addr() + path)
		require.NoError(w.t, err)
		defer func() { _ = r.Body.Close() }()
		body, err := io.ReadAll(r.Body)
		require.NoError(w.t, err)
		return r.StatusCode, body
	}
}

func TestBothDoorsAgree(t *testing.T) {
	w := newWorld(t)
	w.publish(40)
	ask := w.byHTTP()
	ctx := t.Context()
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u 1", Limit: ptr[int32](7)}
	p, err := w.GetFeed(ctx, q)
	require.NoError(t, err)
	for p.Cursor != "" { // each page is computed through one door and asked for again through the other
		q.Cursor = p.Cursor
		var page struct {
			Cursor, Session string
			Page            int32
			Items           []struct{ ID, Context, Author string }
		}
		code, body := ask("/v1/feeds/for-you?viewer=u%201&limit=7&cursor=" + url.QueryEscape(q.Cursor))
		require.Equal(t, 200, code, "%s", body)
		require.NoError(t, json.Unmarshal(body, &page))
		p, err = w.GetFeed(ctx, q)
		require.NoError(t, err)
		require.Equal(t, []any{page.Cursor, page.Session, page.Page, len(page.Items)}, []any{p.Cursor, p.Session, p.Page, len(p.Items)})
		for i, it := range page.Items {
			require.Equal(t, []any{it.ID, it.Context, it.Author}, []any{p.Items[i].Id, p.Items[i].Context, p.Items[i].Author})
		}
	}

	for path, err := range map[string]error{
		"/v1/feeds/none?viewer=u":             second(w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "none", Viewer: "u"})),
		"/v1/feeds/for-you":                   second(w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you"})),
		"/v1/feeds/for-you?viewer=u&cursor=x": second(w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Cursor: "x"})),
		"/v1/feeds/for-you?viewer=u&limit=0":  second(w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u", Limit: ptr[int32](0)})),
		"/v1/items/none":                      second(w.GetItem(ctx, &thrift.GetItemRequest{Id: "none"})),
		"/v1/sessions/none":                   second(w.GetSession(ctx, &thrift.GetSessionRequest{Session: "none"})),
		"/v1/viewers/u/tuning/tag/t": second(w.GetTuning(ctx, &thrift.GetTuningRequest{
			Viewer: "u", Kind: ptr(thrift.TuningKind_TAG), Id: "t"})),
		"/v1/viewers/u/mutes/a": second(w.ListRelations(ctx, &thrift.ListRelationsRequest{
			Viewer: "u", Kind: thrift.RelationKind_MUTE, Author: "a"})),
	} {
		code, body := ask(path)
		var e struct {
			Error, Field string
			Retryable    bool
		}
		require.NoError(t, json.Unmarshal(body, &e))
		got := reads(t, err)
		require.Equal(t, refused{int32(code), e.Error, e.Field, got.request, e.Retryable}, got, path)
	}
}

func second[T any](_ T, err error) error { return err }

func TestBothDoorsExportTheSame(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	ctx := t.Context()
	_, err := w.RecordEvents(ctx, &thrift.RecordEventsRequest{Events: []*thrift.Event{
		{EventId: "e<1>", Type: "play_progress", Viewer: "u1", Item: "v01", At: 1_700_000_000_001, WatchMs: 5, DurationMs: 7, AutoPresented: true, Session: "s", Context: `"&`},
		{EventId: "e2", Type: "follow_author", Viewer: "u1", Author: "é", At: 1_700_000_000_000},
	}})
	require.NoError(t, err)
	_, err = w.SetTuning(ctx, &thrift.SetTuningRequest{Viewer: "u1", Kind: thrift.TuningKind_TAG, Id: "t1", Direction: thrift.TuningDirection_LESS})
	require.NoError(t, err)
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](3), Tag: "t"}
	p, err := w.GetFeed(ctx, q)
	require.NoError(t, err)
	q.Cursor = p.Cursor
	_, err = w.GetFeed(ctx, q)
	require.NoError(t, err)
	_, err = w.GetRelated(ctx, &thrift.GetRelatedRequest{Item: "v01", Viewer: "u1"})
	require.NoError(t, err)

	code, body := w.byHTTP()("/v1/viewers/u1/export")
	require.Equal(t, 200, code)
	var theirs, ours []any
	for lines := bufio.NewScanner(strings.NewReader(string(body))); lines.Scan(); {
		theirs = append(theirs, value(t, lines.Text()))
	}
	for line := range export(t, w, 4, nil) {
		ours = append(ours, value(t, line))
	}
	require.Len(t, ours, 1+1+2+2+3)
	require.ElementsMatch(t, theirs, ours)
}

func value(t *testing.T, line string) (v any) {
	require.NoError(t, json.Unmarshal([]byte(line), &v), fmt.Sprint(line))
	return v
}
