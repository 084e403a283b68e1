package rpc_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

func ptr[T any](v T) *T { return &v }

func TestAFeedIsWalkedToItsEnd(t *testing.T) {
	w := newWorld(t)
	w.publish(25)
	var got []string
	var first *thrift.Page
	cursor := ""
	for n := 1; ; n++ {
		p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](10), Cursor: cursor})
		require.NoError(t, err)
		if first == nil {
			first = p
		}
		require.Equal(t, first.Session, p.Session)
		require.EqualValues(t, n, p.Page)
		require.Equal(t, "full", p.Rung)
		require.NotEmpty(t, p.RequestId)
		require.Nil(t, p.Debug)
		for i, it := range p.Items {
			require.EqualValues(t, len(got)+i+1, it.Position)
		}
		got = append(got, ids(p)...)
		if cursor = p.Cursor; cursor == "" {
			break
		}
	}
	require.Len(t, got, 25)
	require.Len(t, unique(got), 25)

	it := first.Items[0]
	require.Equal(t, "fresh", it.Reason.Source)
	require.Empty(t, it.Reason.Because)
	require.NotEmpty(t, it.Context)
	require.NotEmpty(t, it.Author)
	require.Len(t, it.Tags, 2)
	require.Regexp(t, `^\{"n":\d+\}$`, string(it.Payload))
	require.WithinDuration(t, time.Now(), time.UnixMilli(it.PublishedAt), time.Hour)
	require.Zero(t, it.Counts.Likes)
}

func unique(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func TestTheSameCursorAnswersTheSamePage(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](5)}
	first, err := w.GetFeed(t.Context(), q)
	require.NoError(t, err)
	q.Cursor = first.Cursor
	second, err := w.GetFeed(t.Context(), q)
	require.NoError(t, err)
	again, err := w.GetFeed(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, ids(second), ids(again))
	require.Equal(t, second.Cursor, again.Cursor)
	require.Empty(t, again.Withdrawn)

	gone := second.Items[2].Id
	_, err = w.RemoveItem(t.Context(), &thrift.RemoveItemRequest{Id: gone})
	require.NoError(t, err)
	again, err = w.GetFeed(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []string{gone}, again.Withdrawn)
	require.Equal(t, append(ids(second)[:2], ids(second)[3:]...), ids(again))
}

func TestAPageObeysWhatItIsNarrowedTo(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Tag: "t1", Exclude: []string{"v01", "v03"}})
	require.NoError(t, err)
	require.Len(t, p.Items, 13)
	for _, it := range p.Items {
		require.Contains(t, it.Tags, "t1")
		require.NotContains(t, []string{"v01", "v03"}, it.Id)
	}
}

func TestAPageExplainsItselfAsMuchAsAsked(t *testing.T) {
	w := newWorld(t)
	w.publish(5)
	ask := func(e thrift.Explain) *thrift.Page {
		p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Explain: e})
		require.NoError(t, err)
		require.NotEmpty(t, p.Items)
		return p
	}
	require.Nil(t, ask(thrift.Explain_USER).Items[0].Debug)
	p := ask(thrift.Explain_DEBUG)
	var page struct {
		Definition, Seed, Config string
	}
	require.NoError(t, json.Unmarshal(p.Debug, &page))
	require.Equal(t, "for-you", page.Definition)
	require.Equal(t, "v1", page.Config)
	require.NotEmpty(t, page.Seed)
	var item struct {
		Sources []string
		Terms   []struct{ Feature string }
		Actions []struct {
			Action    string
			P, Weight float32
		}
		Rank int `json:"rank_before"`
	}
	require.NoError(t, json.Unmarshal(p.Items[0].Debug, &item))
	require.Equal(t, "fresh", item.Sources[0])
	require.NotEmpty(t, item.Terms)
	require.Equal(t, "open", item.Actions[0].Action)
	require.Positive(t, item.Actions[0].P)
	require.Equal(t, float32(1), item.Actions[0].Weight)
	require.NotZero(t, item.Rank)
}

func TestRelatedItemsAreAFeedOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	q := &thrift.GetRelatedRequest{Item: "v02", Viewer: "u1", Limit: ptr[int32](5), Explain: thrift.Explain_USER}
	p, err := w.GetRelated(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, p.Items, 5)
	require.NotContains(t, ids(p), "v02")
	require.Equal(t, "related", p.Items[0].Reason.Source)
	require.NotEmpty(t, p.Items[0].Reason.Because)
	q.Cursor = p.Cursor
	next, err := w.GetRelated(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, unique(append(ids(p), ids(next)...)), 10)

	q.Item = "v03"
	_, err = w.GetRelated(t.Context(), q)
	require.Equal(t, "cursor_of_other_feed", reads(t, err).key)
}

func TestACursorEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	q := &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1"}
	p, err := w.GetFeed(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, p.Items, 20, "the default")
	q.Cursor = p.Cursor
	q.Viewer = "u2"
	_, err = w.GetFeed(t.Context(), q)
	got := reads(t, err)
	require.Equal(t, refused{400, "cursor_not_yours", "cursor", got.request, false}, got)
	q.Viewer = "u1"
	w.late.Store(int64(feed.DefaultLife))
	_, err = w.GetFeed(t.Context(), q)
	got = reads(t, err)
	require.Equal(t, refused{410, "cursor_expired", "cursor", got.request, false}, got)
}

func TestSessionsAreLookedBackOn(t *testing.T) {
	w := newWorld(t)
	w.publish(30)
	ctx := t.Context()
	p1, err := w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](5)})
	require.NoError(t, err)
	p2, err := w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](5), Cursor: p1.Cursor})
	require.NoError(t, err)

	r, err := w.GetSession(ctx, &thrift.GetSessionRequest{Session: p1.Session})
	require.NoError(t, err)
	s := r.Session
	require.NotEmpty(t, r.RequestId)
	require.Equal(t, []any{"u1", "for-you", p1.Session, int32(2), p2.Cursor}, []any{s.Viewer, s.Feed, s.Session, s.PageCount, s.Cursor})
	require.EqualValues(t, feed.DefaultLife.Milliseconds(), s.ExpiresAt-s.StartedAt)
	require.Len(t, s.Pages, 2)
	require.Equal(t, p2.Items[0].Id, s.Pages[1].Items[0].Id)
	require.EqualValues(t, 6, s.Pages[1].Items[0].Position)
	require.Equal(t, "fresh", s.Pages[1].Items[0].Reason.Source)
	require.Equal(t, "full", s.Pages[0].Rung)

	same, err := w.ReplayPage(ctx, &thrift.ReplayPageRequest{Session: p1.Session, Page: 1})
	require.NoError(t, err)
	require.Equal(t, ids(p1), same.Served)
	require.True(t, same.Identical, "%v", same)
	require.Equal(t, same.Served, same.Replayed)
	require.EqualValues(t, 1, same.Page)

	time.Sleep(2 * time.Millisecond)
	_, err = w.HideItem(ctx, &thrift.HideItemRequest{Id: p1.Items[0].Id})
	require.NoError(t, err)
	other, err := w.ReplayPage(ctx, &thrift.ReplayPageRequest{Session: p1.Session, Page: 1})
	require.NoError(t, err)
	require.False(t, other.Identical)
	require.Equal(t, []string{"catalogue"}, other.Changed)
}

func TestAViewersSessionsAreListedPageByPage(t *testing.T) {
	w := newWorld(t)
	w.publish(3)
	ctx := t.Context()
	var began []string
	for range 3 {
		p, err := w.GetFeed(ctx, &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Limit: ptr[int32](2)})
		require.NoError(t, err)
		began = append([]string{p.Session}, began...)
		time.Sleep(2 * time.Millisecond)
	}
	list, err := w.ListSessions(ctx, &thrift.ListSessionsRequest{Viewer: "u1", Limit: ptr[int32](2)})
	require.NoError(t, err)
	rest, err := w.ListSessions(ctx, &thrift.ListSessionsRequest{Viewer: "u1", Before: list.Sessions[1].StartedAt})
	require.NoError(t, err)
	var got []string
	for _, s := range append(list.Sessions, rest.Sessions...) {
		require.EqualValues(t, 1, s.PageCount)
		require.Nil(t, s.Pages)
		got = append(got, s.Session)
	}
	require.Equal(t, began, got)
	none, err := w.ListSessions(ctx, &thrift.ListSessionsRequest{Viewer: "u9"})
	require.NoError(t, err)
	require.Empty(t, none.Sessions)
}

func TestConcurrentPrefetchesOfACursorAgree(t *testing.T) {
	w := newWorld(t)
	w.publish(60)
	p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1"})
	require.NoError(t, err)
	got := make(chan string, 8)
	for range cap(got) {
		go func() {
			next, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1", Cursor: p.Cursor})
			got <- fmt.Sprint(ids(next), err)
		}()
	}
	first := <-got
	for range cap(got) - 1 {
		require.Equal(t, first, <-got)
	}
}
