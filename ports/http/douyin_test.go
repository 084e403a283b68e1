package http

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
)

// watch asks the short-video feed and returns next_time and the ids.
func (w *world) watch(query string) (int64, []int64) {
	w.t.Helper()
	r := w.ask("GET", "/douyin/feed/"+query, "")
	require.Equal(w.t, 200, r.status)
	m := r.json(w.t)
	require.EqualValues(w.t, 0, m["status_code"], r.text)
	require.Equal(w.t, "success", m["status_msg"])
	var ids []int64
	for _, v := range m["video_list"].([]any) {
		ids = append(ids, int64(v.(map[string]any)["id"].(float64)))
	}
	return int64(m["next_time"].(float64)), ids
}

func TestShortVideoSessionGoesOnByTime(t *testing.T) {
	for _, who := range []string{"", "&token=ann"} {
		for unit, start := range map[string]int64{"ms": time.Now().UnixMilli(), "s": time.Now().Unix()} {
			t.Run(unit+who, func(t *testing.T) {
				w := newWorld(t)
				w.stock(70)
				seen := map[int64]bool{}
				latest := start
				var sizes []int
				for range 3 {
					query := fmt.Sprintf("?latest_time=%d%s", latest, who)
					next, ids := w.watch(query)
					require.Less(t, next, latest)
					require.Equal(t, latest < fromMillis, next < fromMillis)
					for _, id := range ids {
						require.False(t, seen[id], "a session repeats nothing")
						seen[id] = true
					}
					if latest != start {
						again, same := w.watch(query)
						require.Equal(t, next, again, "asked again the answer is the same")
						require.Equal(t, ids, same)
					}
					sizes, latest = append(sizes, len(ids)), next
				}
				require.Equal(t, []int{30, 30, 10}, sizes)
				_, ids := w.watch(fmt.Sprintf("?latest_time=%d%s", latest, who))
				require.Len(t, ids, 30, "past the end begins a new session")
			})
		}
	}
}

func TestShortVideoNow(t *testing.T) {
	w := newWorld(t)
	w.stock(40)
	for _, query := range []string{"", "?latest_time=", "?latest_time=0", "?token=", "?latest_time=0&token=ann&app=x", "?token=a%2Fb"} {
		next, ids := w.watch(query)
		require.GreaterOrEqual(t, next, int64(fromMillis), query)
		require.Len(t, ids, 30, query)
	}
	for _, query := range []string{"?latest_time=1", "?latest_time=100000000000", "?latest_time=99999999999", "?latest_time=9223372036854775807"} {
		next, ids := w.watch(query)
		require.Positive(t, next)
		require.Len(t, ids, 30, query)
	}
}

func TestShortVideoStrangersDoNotMeet(t *testing.T) {
	w := newWorld(t)
	w.stock(70)
	at := time.Now().Unix()
	next := map[int64]bool{}
	for range 20 {
		n, ids := w.watch(fmt.Sprintf("?latest_time=%d", at))
		require.Len(t, ids, 30)
		require.False(t, next[n], "each session has a moment of its own")
		next[n] = true
	}
	for n := range next {
		_, ids := w.watch(fmt.Sprintf("?latest_time=%d", n))
		require.Len(t, ids, 30)
	}
	_, ids := w.watch(fmt.Sprintf("?latest_time=%d&token=ann", at-1))
	require.Len(t, ids, 30, "a stranger's moment is nothing to a viewer")
}

func TestShortVideoRefusalsKeep200(t *testing.T) {
	w := newWorld(t, func(o *Options, _ *Deps) { o.DouyinFeed = "none" })
	for _, query := range []string{"?latest_time=soon", "?latest_time=-1", "?latest_time=1.5", "?latest_time=99999999999999999999", ""} {
		r := w.ask("GET", "/douyin/feed/"+query, "")
		require.Equal(t, 200, r.status)
		require.NotEqualValues(t, 0, r.json(t)["status_code"], query)
		require.NotEmpty(t, r.json(t)["status_msg"])
		require.Empty(t, r.json(t)["video_list"])
	}
}

func TestShortVideoShowsHowManyFollowTheAuthor(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	w.deps.Counts.(*memindex.Index).SetFollowers(map[catalog.AuthorID]int64{"a2": 41})
	for _, v := range w.ask("GET", "/douyin/feed/", "").json(t)["video_list"].([]any) {
		author := v.(map[string]any)["author"].(map[string]any)
		want := 0
		if author["name"] == "a2" {
			want = 41
		}
		require.EqualValues(t, want, author["follower_count"])
	}
}

func TestShortVideoShowsReactionsAndFollows(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	now := time.Now().UTC().Format(time.RFC3339)
	r := w.ask("POST", "/v1/events", fmt.Sprintf(`[{"event_id":"1","type":"like","viewer":"ann","item":"v001","at":%q},{"event_id":"2","type":"follow_author","viewer":"ann","author":"a2","at":%q}]`, now, now))
	require.EqualValues(t, 2, r.json(t)["accepted"], r.text)
	for _, v := range w.ask("GET", "/douyin/feed/?token=ann", "").json(t)["video_list"].([]any) {
		video := v.(map[string]any)
		author := video["author"].(map[string]any)
		require.Equal(t, video["title"] == "Video 1", video["is_favorite"])
		require.Equal(t, author["name"] == "a2", author["is_follow"])
		require.Less(t, author["id"].(float64), float64(1<<53))
		require.Contains(t, video["play_url"], "https://cdn.example/")
	}
}
