package http

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
)

func TestASessionIsReadToItsEndWithoutRepeats(t *testing.T) {
	w := newWorld(t)
	w.stock(50)
	seen := map[string]bool{}
	path := "/v1/feeds/latest?viewer=ann&limit=20"
	pages := 0
	for cursor := ""; ; pages++ {
		at := path
		if cursor != "" {
			at += "&cursor=" + url.QueryEscape(cursor)
		}
		page, ids := w.page(at)
		again, same := w.page(at)
		if cursor != "" {
			require.Equal(t, page["items"], again["items"])
			require.Equal(t, ids, same)
		}
		require.Equal(t, "full", page["rung"])
		for _, id := range ids {
			require.False(t, seen[id], id)
			seen[id] = true
		}
		if page["cursor"] == nil {
			break
		}
		cursor = page["cursor"].(string)
	}
	require.Equal(t, 2, pages)
	require.Len(t, seen, 50)
}

func TestCursorsAreRefusedClearly(t *testing.T) {
	w := newWorld(t)
	w.stock(50)
	page, _ := w.page("/v1/feeds/latest?viewer=ann")
	cursor := page["cursor"].(string)
	for name, c := range map[string]struct {
		path   string
		status int
		code   string
		field  string
	}{
		"another viewer's":   {"/v1/feeds/latest?viewer=bob&cursor=" + cursor, 400, "cursor_not_yours", "cursor"},
		"another feed's":     {"/v1/feeds/for-you?viewer=ann&cursor=" + cursor, 400, "cursor_of_other_feed", "cursor"},
		"tampered":           {"/v1/feeds/latest?viewer=ann&cursor=" + cursor[:40] + "A" + cursor[41:] + "x", 400, "bad_cursor", "cursor"},
		"not one":            {"/v1/feeds/latest?viewer=ann&cursor=%00", 400, "bad_cursor", "cursor"},
		"of another tag":     {"/v1/feeds/latest?viewer=ann&tag=t1&cursor=" + cursor, 400, "cursor_narrowing", "tag"},
		"long":               {"/v1/feeds/latest?viewer=ann&cursor=" + strings.Repeat("A", 20000), 400, "bad_cursor", "cursor"},
		"a stranger's":       {"/v1/items/v001/related?cursor=" + cursor, 400, "bad_cursor", "cursor"},
		"a stranger's wrong": {"/v1/items/v001/related?cursor=anonymous-X." + cursor, 400, "cursor_not_yours", "cursor"},
	} {
		r := w.ask("GET", c.path, "")
		require.Equal(t, c.status, r.status, "%s: %s", name, r.text)
		require.Equal(t, c.code, r.json(t)["error"], name)
		require.Equal(t, c.field, r.json(t)["field"], name)
	}
	w.ahead.Store(int64(feed.DefaultLife))
	r := w.ask("GET", "/v1/feeds/latest?viewer=ann&cursor="+cursor, "")
	require.Equal(t, 410, r.status, r.text)
	require.Equal(t, "cursor_expired", r.json(t)["error"])
	require.Equal(t, false, r.json(t)["retryable"])
}

func TestExcludeIsRepeatedOrJoined(t *testing.T) {
	w := newWorld(t)
	w.stock(8)
	require.Equal(t, 201, w.ask("PUT", "/v1/items/a,b", `{"published_at":"2026-01-01T00:00:00Z"}`).status)
	_, ids := w.page("/v1/feeds/latest?viewer=x&exclude=v001,v002&exclude=v003&exclude=&exclude=a%2Cb")
	require.Equal(t, []string{"v004", "v005", "v006", "v007", "v008"}, ids)
	r := w.ask("GET", "/v1/feeds/latest?viewer=x&exclude=ok&exclude=a%2Fb", "")
	require.Equal(t, 400, r.status)
	require.Equal(t, "exclude", r.json(t)["field"])
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf("i%d", i)
	}
	r = w.ask("GET", "/v1/feeds/latest?viewer=x&exclude="+strings.Join(many, ","), "")
	require.Equal(t, 400, r.status, r.text)
	require.Equal(t, "exclude", r.json(t)["field"])
	require.Equal(t, 200, w.ask("GET", "/v1/feeds/latest?viewer=x&exclude="+strings.Join(many[:1000], ","), "").status)
	pairs := ""
	for i := 0; i < 1000; i += 2 {
		pairs += "&exclude=" + many[i] + "," + many[i+1]
	}
	require.Equal(t, 200, w.ask("GET", "/v1/feeds/latest?viewer=x"+pairs, "").status, "a thousand are a thousand, however they are joined")
	require.Equal(t, 400, w.ask("GET", "/v1/feeds/latest?viewer=x"+pairs+"&exclude=another", "").status)
}

func TestPagesAreNarrowed(t *testing.T) {
	w := newWorld(t)
	w.stock(6)
	page, ids := w.page("/v1/feeds/latest?viewer=x&tag=t1&limit=2")
	require.Equal(t, []string{"v001", "v003"}, ids)
	_, ids = w.page("/v1/feeds/latest?viewer=x&cursor=" + page["cursor"].(string))
	require.Equal(t, []string{"v005"}, ids)
}

func TestExplainSaysMore(t *testing.T) {
	w := newWorld(t)
	w.stock(3)
	page, _ := w.page("/v1/feeds/latest?viewer=x&explain=user")
	first := page["items"].([]any)[0].(map[string]any)
	require.Equal(t, "just published", first["reason"].(map[string]any)["text"])
	require.NotContains(t, first, "score")
	page, _ = w.page("/v1/feeds/latest?viewer=x&explain=debug")
	first = page["items"].([]any)[0].(map[string]any)
	for _, name := range []string{"score", "sources", "rank_before", "terms", "actions"} {
		require.Contains(t, first, name)
	}
	require.Contains(t, page, "dropped")
	require.Contains(t, page, "inputs")
}

func TestRelatedItemsOfAStrangerGoOn(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	page, first := w.page("/v1/items/v001/related?limit=5")
	require.Len(t, first, 5)
	require.NotContains(t, first, "v001")
	_, second := w.page("/v1/items/v001/related?limit=5&cursor=" + page["cursor"].(string))
	require.Len(t, second, 5)
	for _, id := range second {
		require.NotContains(t, first, id)
	}
	r := w.ask("GET", "/v1/items/none/related", "")
	require.Equal(t, 404, r.status)
	require.Equal(t, "item_not_found", r.json(t)["error"])
	page, _ = w.page("/v1/items/v001/related?viewer=ann&limit=5")
	_, ids := w.page("/v1/items/v001/related?viewer=ann&limit=5&cursor=" + page["cursor"].(string))
	require.Len(t, ids, 5)
	require.Equal(t, 400, w.ask("GET", "/v1/items/v002/related?viewer=ann&cursor="+page["cursor"].(string), "").status)
}

func TestAWithdrawnItemIsNamed(t *testing.T) {
	w := newWorld(t)
	w.stock(10)
	page, _ := w.page("/v1/feeds/latest?viewer=x&limit=2")
	at := "/v1/feeds/latest?viewer=x&limit=2&cursor=" + page["cursor"].(string)
	_, ids := w.page(at)
	require.Equal(t, 200, w.ask("POST", "/v1/items/"+ids[0]+":hide", "").status)
	page, left := w.page(at)
	require.Equal(t, ids[1:], left)
	require.Equal(t, []any{ids[0]}, page["withdrawn"])
}

func TestWithoutRedisPagesStillCome(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	page, first := w.page("/v1/feeds/latest?viewer=x&limit=5")
	w.redis.Close()
	next, ids := w.page("/v1/feeds/latest?viewer=x&limit=5&cursor=" + page["cursor"].(string))
	require.NotEqual(t, "full", next["rung"])
	for _, id := range ids {
		require.NotContains(t, first, id)
	}
	r := w.ask("GET", "/douyin/feed/", "")
	require.EqualValues(t, 0, r.json(t)["status_code"], r.text)
	require.Len(t, r.json(t)["video_list"], 30)
}

func TestSessionsAreLookedBackOnAndReplayed(t *testing.T) {
	w := newWorld(t)
	w.stock(30)
	page, ids := w.page("/v1/feeds/for-you?viewer=ann&limit=5")
	session := page["session"].(string)
	past := w.ask("GET", "/v1/sessions/"+session, "").json(t)
	require.Equal(t, page["cursor"], past["cursor"])
	require.EqualValues(t, 1, past["page_count"])
	require.Equal(t, ids, idsIn(past["pages"].([]any)[0].(map[string]any)))
	again := w.ask("POST", "/v1/sessions/"+session+"/pages/1/replay", "").json(t)
	require.Equal(t, true, again["identical"], again)
	list := w.ask("GET", "/v1/viewers/ann/sessions", "").json(t)["sessions"].([]any)
	require.Len(t, list, 1)
	started := list[0].(map[string]any)["started_at"].(string)
	require.Empty(t, w.ask("GET", "/v1/viewers/ann/sessions?before="+url.QueryEscape(started), "").json(t)["sessions"])
	require.Len(t, w.ask("GET", "/v1/viewers/ann/sessions?limit=1&before="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "").json(t)["sessions"], 1)
}
