package rpc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

func TestAnItemLivesItsLife(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	it := &thrift.Item{
		Id: "v1", Author: "a1", Title: "One\ttwo", Tags: []string{"x", "y"}, Lang: "en", Region: "FR", Labels: []string{"adult"},
		DurationMs: 90_500, PublishedAt: 1_700_000_000_123, ExpiresAt: 4_000_000_000_000, Payload: []byte(`{"a":[1,2]}`),
	}
	put, err := w.PutItem(ctx, &thrift.PutItemRequest{Item: it})
	require.NoError(t, err)
	require.Equal(t, &thrift.ItemOutcome{Id: "v1", Status: "created"}, put.Result_)
	put, err = w.PutItem(ctx, &thrift.PutItemRequest{Item: it})
	require.NoError(t, err)
	require.Equal(t, "updated", put.Result_.Status)

	got, err := w.GetItem(ctx, &thrift.GetItemRequest{Id: "v1"})
	require.NoError(t, err)
	require.Equal(t, it, got.Item)
	require.Equal(t, "published", got.State)
	require.EqualValues(t, 1, got.Version, "saying the same again changes nothing")

	patched, err := w.PatchItem(ctx, &thrift.PatchItemRequest{Id: "v1", Patch: &thrift.ItemPatch{
		Title: ptr("Two"), Tags: []string{}, Labels: []string{}, Payload: []byte{}, Lang: ptr(""), Author: ptr(""), DurationMs: ptr[int64](0),
		ExpiresAt: ptr[int64](0), PublishedAt: ptr[int64](0),
	}})
	require.NoError(t, err)
	require.Equal(t, &thrift.Item{Id: "v1", Title: "Two", Region: "FR", PublishedAt: it.PublishedAt}, patched.Item)
	require.EqualValues(t, 2, patched.Version)
	patched, err = w.PatchItem(ctx, &thrift.PatchItemRequest{Id: "v1", Patch: &thrift.ItemPatch{Payload: []byte(" [ 1 ] "), Tags: []string{"z"}}})
	require.NoError(t, err)
	require.Equal(t, "[1]", string(patched.Item.Payload))
	require.Equal(t, "Two", patched.Item.Title)

	for _, step := range []struct {
		do   func() (*thrift.Done, error)
		then string
	}{
		{func() (*thrift.Done, error) { return w.HideItem(ctx, &thrift.HideItemRequest{Id: "v1"}) }, "hidden"},
		{func() (*thrift.Done, error) { return w.RestoreItem(ctx, &thrift.RestoreItemRequest{Id: "v1"}) }, "published"},
		{func() (*thrift.Done, error) { return w.RemoveItem(ctx, &thrift.RemoveItemRequest{Id: "v1"}) }, ""},
	} {
		done, err := step.do()
		require.NoError(t, err)
		require.NotEmpty(t, done.RequestId)
		got, err := w.GetItem(ctx, &thrift.GetItemRequest{Id: "v1"})
		if step.then == "" {
			require.EqualValues(t, 404, reads(t, err).code)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, step.then, got.State)
	}
}

func TestAHiddenItemIsInNoPage(t *testing.T) {
	w := newWorld(t)
	w.publish(3)
	_, err := w.HideItem(t.Context(), &thrift.HideItemRequest{Id: "v01"})
	require.NoError(t, err)
	p, err := w.GetFeed(t.Context(), &thrift.GetFeedRequest{Feed: "for-you", Viewer: "u1"})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"v00", "v02"}, ids(p))
}

func TestRejectedItemsDoNotKeepTheOthersOut(t *testing.T) {
	w := newWorld(t)
	r, err := w.PutItems(t.Context(), &thrift.PutItemsRequest{Items: []*thrift.Item{
		{Id: "ok"},
		{Id: ""},
		{Id: "a/b"},
		{Id: "ok", Title: "again"},
		{Id: "title", Title: "\x00"},
		{Id: "tags", Tags: []string{"a", ""}},
		{Id: "long", DurationMs: 1 << 62},
		{Id: "wrapped", DurationMs: 1<<58 + 1}, // 2^58 ms are a multiple of 2^64 ns
		{Id: "negative", DurationMs: -1},
		{Id: "early", PublishedAt: -1 << 62},
		{Id: "late", ExpiresAt: 1 << 62},
		{Id: "lang", Lang: strings.Repeat("x", 36)},
		{Id: "json", Payload: []byte(`{"a"`)},
		{Id: "two", Payload: []byte(`1 2`)},
		{Id: "big", Payload: []byte(`"` + strings.Repeat("x", 16<<10) + `"`)},
		{Id: "utf8", Payload: []byte("\"\xff\"")},
		{Id: "deep", Payload: []byte(strings.Repeat("[", 64) + strings.Repeat("]", 64))},
		{Id: "year 1", PublishedAt: time.Time{}.UnixMilli()},
		{Id: "also", Payload: []byte("null")},
	}})
	require.NoError(t, err)
	got := map[string]string{}
	for i, o := range r.Results {
		if o.Status == "rejected" {
			got[o.Id] += o.Error + " " + o.Field
		} else {
			require.Contains(t, []int{0, 18}, i)
			require.Equal(t, "created", o.Status)
		}
	}
	require.Equal(t, map[string]string{
		"": "missing id", "a/b": "bad_id id", "ok": "repeated_id id", "title": "bad_text title", "tags": "bad_tag tags",
		"long": "bad_duration duration_ms", "wrapped": "bad_duration duration_ms", "negative": "bad_duration duration_ms",
		"early": "bad_time published_at", "late": "bad_time expires_at", "lang": "too_long lang",
		"json": "bad_json payload", "two": "bad_json payload", "big": "too_long payload", "utf8": "bad_utf8 payload",
		"deep": "too_deep payload", "year 1": "bad_time published_at",
	}, got)
	require.EqualValues(t, []int32{2, 0, 17}, []int32{r.Created, r.Updated, r.Rejected})
	it, err := w.GetItem(t.Context(), &thrift.GetItemRequest{Id: "ok"})
	require.NoError(t, err)
	require.Empty(t, it.Item.Title, "the first of the two was put")
	require.WithinDuration(t, time.Now(), time.UnixMilli(it.Item.PublishedAt), time.Minute)

	empty, err := w.PutItems(t.Context(), &thrift.PutItemsRequest{})
	require.NoError(t, err)
	require.Empty(t, empty.Results)
}
