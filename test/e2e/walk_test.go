package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// fleet is two instances on one Redis and one MySQL-protocol server of their own.
func fleet(t *testing.T, extra ...string) (a, b *instance, redis *servers.Redis) {
	redis = servers.StartRedis(t)
	env := append([]string{
		"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir(),
	}, extra...)
	return start(t, env), start(t, env), redis
}

// TestTenPointWalk follows one viewer through everything steering promises (P3, P4, P9).
func TestTenPointWalk(t *testing.T) {
	a, b, redis := fleet(t)
	a.publish(600, 40, 12)
	eventually(t, 5*time.Second, "the other instance serves the same catalogue", func() bool {
		return len(b.page("latest", "viewer", "probe", "limit", "100").Items) == 100
	})
	const viewer = "walker"
	tuning := func(kind, id string) string { return "/v1/viewers/" + viewer + "/tuning/" + kind + "/" + id }
	less, more := map[string]string{"direction": "less"}, map[string]string{"direction": "more"}

	first := a.page("for-you", "viewer", viewer)
	require.Equal(t, "full", first.Rung)
	require.Len(t, first.Items, 20)
	disliked := first.Items[0]

	t.Log("1: less of an item is acknowledged, kept, and the next page demotes its author and tags")
	a.must(http.MethodPut, tuning("item", disliked.ID), less)
	require.Contains(t, a.must(http.MethodGet, tuning("item", disliked.ID), nil), `"less"`)
	next := a.page("for-you", "viewer", viewer, "cursor", first.Cursor)
	require.Zero(t, next.countAuthor(disliked.Author), "author")
	require.Zero(t, next.countTag(disliked.Tags[0]), "tag")

	t.Log("2: more promotes")
	usual := a.page("for-you", "viewer", "somebody-else")
	a.must(http.MethodPut, tuning("author", "a7"), more)
	a.must(http.MethodPut, tuning("tag", "t9"), more)
	steered := a.page("for-you", "viewer", viewer)
	require.Greater(t, steered.countAuthor("a7"), usual.countAuthor("a7"), "author")
	require.Greater(t, steered.countTag("t9"), usual.countTag("t9"), "tag")
	require.Len(t, steered.Items, 20, "steering does not empty the feed")

	t.Log("3: the steered-away item never returns")
	for cursor, pages := "", 0; pages < 30; pages++ {
		p := b.page("for-you", "viewer", viewer, "cursor", cursor)
		require.NotContains(t, p.ids(), disliked.ID, "page %d", p.Page)
		if cursor = p.Cursor; cursor == "" {
			break
		}
	}

	t.Log("4: a like changes the next page")
	const liker = "liker"
	before := a.page("for-you", "viewer", liker)
	var liked struct{ id, author, tag string }
	for i := 0; i < 600 && liked.id == ""; i++ { // something the page shows nothing of
		author, tag := fmt.Sprintf("a%d", i%40), fmt.Sprintf("t%d", i%12)
		if before.countAuthor(author) == 0 {
			liked.id, liked.author, liked.tag = fmt.Sprintf("i%d", i), author, tag
		}
	}
	a.record(event("like", liker, liked.id))
	after := b.page("for-you", "viewer", liker)
	require.Greater(t, after.countAuthor(liked.author)+after.countTag(liked.tag), before.countTag(liked.tag), "on the other instance, too")

	t.Log("5: undo reverses the effect")
	a.must(http.MethodPut, tuning("tag", "t3"), less)
	require.Zero(t, a.page("for-you", "viewer", viewer).countTag("t3"))
	a.must(http.MethodDelete, tuning("tag", "t3"), nil)
	a.must(http.MethodPut, tuning("tag", "t3"), more)
	require.Positive(t, a.page("for-you", "viewer", viewer).countTag("t3"))
	a.must(http.MethodDelete, tuning("tag", "t3"), nil)
	status, text, err := a.call(http.MethodDelete, tuning("tag", "t3"), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, status, text)

	t.Log("6: another viewer sees nothing of it")
	require.NotContains(t, a.must(http.MethodGet, "/v1/viewers/somebody-else/tuning", nil), disliked.ID)
	all := []string{}
	for p := a.page("latest", "viewer", "somebody-new", "limit", "100"); ; p = a.page("latest", "viewer", "somebody-new", "limit", "100", "cursor", p.Cursor) {
		all = append(all, p.ids()...)
		if p.Cursor == "" {
			break
		}
	}
	require.Contains(t, all, disliked.ID)

	t.Log("7: it survives kill -9 and restart, and shows on the other instance")
	a.Restart()
	for _, in := range []*instance{a, b} {
		require.Contains(t, in.must(http.MethodGet, tuning("item", disliked.ID), nil), `"less"`)
		p := in.page("for-you", "viewer", viewer, "limit", "100")
		require.NotContains(t, p.ids(), disliked.ID)
		require.Zero(t, in.page("for-you", "viewer", viewer).countAuthor(disliked.Author))
	}

	t.Log("9: with Redis stopped, decisions are accepted and not lost, and pages still come")
	redis.Stop()
	down := a.page("for-you", "viewer", viewer)
	require.NotEqual(t, "full", down.Rung)
	require.Len(t, down.Items, 20)
	a.must(http.MethodPut, tuning("author", "a11"), less)
	a.record(event("not_interested", viewer, "i25"))
	p := a.page("for-you", "viewer", viewer, "limit", "100")
	require.Zero(t, a.page("for-you", "viewer", viewer).countAuthor("a11"))
	require.NotContains(t, p.ids(), "i25")
	redis.Restart()
	eventually(t, 15*time.Second, "both are back on the full rung", func() bool {
		return a.page("for-you", "viewer", viewer).Rung == "full" && b.page("for-you", "viewer", viewer).Rung == "full"
	})
	for _, in := range []*instance{a, b} {
		require.Contains(t, in.must(http.MethodGet, tuning("author", "a11"), nil), `"less"`)
		eventually(t, 5*time.Second, "what was decided meanwhile holds", func() bool {
			p := in.page("for-you", "viewer", viewer)
			return p.countAuthor("a11") == 0 && p.countTag("t1") == 0 // i25 has tag t1
		})
	}

	t.Log("10: no tuning data in any item")
	item := a.must(http.MethodGet, "/v1/items/"+disliked.ID, nil)
	for _, word := range []string{viewer, "tuning", "less", "direction"} {
		require.NotContains(t, item, word)
	}
}

// TestTuningCanBeSwitchedOff is the walk's eighth point.
func TestTuningCanBeSwitchedOff(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_TUNING_ENABLED=false"})
	status, text, err := in.call(http.MethodPut, "/v1/viewers/v/tuning/tag/x", map[string]string{"direction": "less"})
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, text, "tuning_disabled")
}

// TestHiddenHereGoneThere is the relay: what one instance hides leaves the other's pages within a second.
func TestHiddenHereGoneThere(t *testing.T) {
	a, b, _ := fleet(t)
	a.publish(50, 10, 5)
	shows := func(in *instance, id string) bool {
		for _, got := range in.page("latest", "viewer", "w", "limit", "100").ids() {
			if got == id {
				return true
			}
		}
		return false
	}
	eventually(t, time.Second, "published here, shown there", func() bool { return shows(b, "i0") })
	a.must(http.MethodPost, "/v1/items/i0:hide", nil)
	require.False(t, shows(a, "i0"))
	eventually(t, time.Second, "hidden here, gone there", func() bool { return !shows(b, "i0") })
	b.must(http.MethodPost, "/v1/items/i0:restore", nil)
	eventually(t, time.Second, "restored there, back here", func() bool { return shows(a, "i0") })

	env := a.Env[len(a.Env)-3:]
	late := start(t, env)
	require.ElementsMatch(t, a.page("latest", "viewer", "x", "limit", "100").ids(), late.page("latest", "viewer", "x", "limit", "100").ids(),
		"an instance started later serves the same catalogue")
}
