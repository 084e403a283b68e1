package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// TestErasedMeansErasedEmbedded is P11 on one process with nothing installed.
func TestErasedMeansErasedEmbedded(t *testing.T) {
	dir := t.TempDir()
	in := start(t, []string{"FRESHET_DATA_DIR=" + dir, "FRESHET_REDIS_PASSWORD=known-to-the-test"})
	erasedMeansErased(t, []*instance{in}, stores{
		"sql":     sqliteOf(t, dir+"/freshet.db"),
		inProcess: redisOf(t, in.embeddedRedis(), "known-to-the-test"),
	})
	noFileHolds(t, dir, leaver)
}

// noFileHolds looks into the bytes of every file below the folder, of which there is one that an instance left when it stopped.
func noFileHolds(t *testing.T, dir, text string) {
	t.Helper()
	require.FileExists(t, filepath.Join(dir, "learned.snapshot"))
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		bytes, err := os.ReadFile(path)
		require.NotContains(t, string(bytes), text, "the bytes of %s", path)
		return err
	}))
}

// TestErasedMeansErasedOnServers is P11 on two instances: one is used, the other erases.
func TestErasedMeansErasedOnServers(t *testing.T) {
	redis, dsn := servers.StartRedis(t), servers.MySQLDatabase(t)
	env, dirs := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn}, []string{t.TempDir(), t.TempDir()}
	var fleet []*instance
	for _, dir := range dirs {
		fleet = append(fleet, start(t, append(slices.Clone(env), "FRESHET_DATA_DIR="+dir)))
	}
	erasedMeansErased(t, fleet, stores{
		"sql":   mysqlOf(t, dsn),
		"redis": redisOf(t, redis.Addr(), ""),
	})
	for _, dir := range dirs {
		noFileHolds(t, dir, leaver)
	}
}

// TestErasedMeansErasedInACluster is the same where a viewer's keys lie on one of three masters.
func TestErasedMeansErasedInACluster(t *testing.T) {
	addrs, dsn := servers.StartRedisCluster(t).Addrs(), servers.MySQLDatabase(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + strings.Join(addrs, ","), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_DATA_DIR=" + t.TempDir()}
	found := stores{"sql": mysqlOf(t, dsn)}
	for i, addr := range addrs {
		found[fmt.Sprint("redis master ", i)] = redisOf(t, addr, "")
	}
	erasedMeansErased(t, []*instance{start(t, env), start(t, env)}, found)
}

const (
	leaver = "viewer-who-leaves-7d1f"
	stayer = "viewer-who-stays-c02a"

	countedItem = "i0" // whose counts are looked at
)

func erasedMeansErased(t *testing.T, fleet []*instance, kept stores) {
	used, erases := fleet[0], fleet[len(fleet)-1]
	used.publish(120, 20, 6)
	eventually(t, 10*time.Second, "all serve the catalogue", func() bool { return len(erases.page("latest", "viewer", "probe").Items) == 20 })
	for _, viewer := range []string{leaver, stayer} {
		liveAs(t, used, viewer)
		// Neither of the searches below would mean anything if it did not find who is there.
		require.Contains(t, kept.holding(t, viewer), "sql")
		require.True(t, slices.ContainsFunc(kept.holding(t, viewer), isRedis))
	}
	counted := func(n int) func() bool {
		want := fmt.Sprintf(`"likes":%d,"favorites":0,"comments":%d,"shares":%d`, n, n, n)
		return func() bool {
			return strings.Contains(erases.must(http.MethodGet, "/v1/items/"+countedItem, nil), want)
		}
	}
	eventually(t, 10*time.Second, "what both did is counted", counted(2))
	remembered := func(n float64) func() bool {
		return func() bool {
			return !slices.ContainsFunc(fleet, func(in *instance) bool { return in.metric("freshet_study_viewers") != n })
		}
	}
	eventually(t, 10*time.Second, "every instance remembers both", remembered(2))

	kinds, types := exported(t, erases, leaver)
	for _, kind := range []string{"event", "tuning", "relation", "session", "page"} {
		require.Positive(t, kinds[kind], "%s in %v", kind, kinds)
	}
	require.ElementsMatch(t, append(eventTypes, authorEventTypes...), types, "an export holds events of every type")
	require.Equal(t, 3, kinds["tuning"]-decidedByEvent, "%v", kinds)
	stays, _ := exported(t, erases, stayer)

	used.page("for-you", "viewer", leaver) // one page more is on its way to the archive
	removed := erase(t, erases, leaver)
	for _, what := range []string{"sql events", "sql ties", "sql decisions", "sql pages", "sql sessions", "sql reactions", "redis decisions",
		"redis actions", "redis served", "redis seen", "redis consumed", "redis sessions", "redis bookmarks"} {
		require.Positive(t, removed[what], "%s in the receipt %v", what, removed)
	}
	require.Empty(t, kept.traces(t, leaver))
	eventually(t, 10*time.Second, "every instance forgets the one", remembered(1))
	kinds, _ = exported(t, erases, leaver)
	require.Empty(t, kinds, "there is nothing left to export")
	eventually(t, 10*time.Second, "the counts follow", counted(1))
	for what, n := range erase(t, erases, leaver) {
		require.Zero(t, n, "erased again, the receipt counts no %s", what)
	}
	still, _ := exported(t, erases, stayer)
	require.Equal(t, stays, still, "nobody else lost anything")

	erasedWhileUsed(t, fleet, kept)

	for _, in := range fleet {
		require.NotContains(t, in.Output.String(), leaver, "the log names no viewer")
		require.NoError(t, in.Stop())
	}
	delete(kept, inProcess)
	require.Empty(t, kept.traces(t, leaver), "nothing arrived late")
}

// erasedWhileUsed erases viewers in the moment after a page and an event: what is on its way may not arrive after.
func erasedWhileUsed(t *testing.T, fleet []*instance, kept stores) {
	const prefix = "hasty-51e9-"
	for i := range 40 {
		viewer := fmt.Sprint(prefix, i)
		in, other := fleet[i%len(fleet)], fleet[(i+1)%len(fleet)]
		p := in.page("for-you", "viewer", viewer)
		in.record(event("like", viewer, p.Items[0].ID))
		in.page("for-you", "viewer", viewer, "cursor", p.Cursor)
		erase(t, other, viewer)
	}
	time.Sleep(time.Second) // the loops come round several times
	require.Empty(t, kept.traces(t, prefix), "what was on its way arrived after the erasure")
}

// The types an event can have: on an item, and on an author alone. play_progress is reported twice.
var (
	eventTypes = []string{"seen", "open", "play_start", "play_progress", "play_complete", "skip", "like", "favorite", "comment", "share",
		"unfavorite", "more_like_this", "not_interested", "report", "unlike"}
	authorEventTypes = []string{"follow_author", "unfollow_author", "profile_click", "mute_author", "unmute_author", "block_author"}
)

// decidedByEvent is how many tuning decisions the events above make.
const decidedByEvent = 2

// liveAs does everything a viewer can do.
func liveAs(t *testing.T, in *instance, viewer string) {
	t.Helper()
	at := "/v1/viewers/" + viewer
	first := in.page("for-you", "viewer", viewer, "explain", "debug")
	second := in.page("for-you", "viewer", viewer, "cursor", first.Cursor)
	in.page("latest", "viewer", viewer, "tag", "t1")
	in.must(http.MethodGet, "/v1/items/i3/related?viewer="+viewer, nil)
	var douyin struct {
		Next int64 `json:"next_time"`
	}
	require.NoError(t, json.Unmarshal([]byte(in.must(http.MethodGet, "/douyin/feed/?token="+viewer, nil)), &douyin))
	in.must(http.MethodGet, fmt.Sprintf("/douyin/feed/?token=%s&latest_time=%d", viewer, douyin.Next), nil)

	var served [][2]string // item, context
	for _, it := range append(first.Items, second.Items...) {
		if it.ID != countedItem {
			served = append(served, [2]string{it.ID, it.Context})
		}
	}
	var events []map[string]any
	for i, kind := range eventTypes {
		item := served[i][0]
		e := event(kind, viewer, item)
		e["session"], e["context"] = first.Session, served[i][1]
		events = append(events, e)
		if kind == "play_progress" {
			e["watch_ms"], e["duration_ms"] = 4000, 9000
			more := event(kind, viewer, item)
			more["session"], more["watch_ms"], more["duration_ms"] = first.Session, 8000, 9000
			events = append(events, more)
		}
	}
	for i, kind := range authorEventTypes {
		e := event(kind, viewer, "")
		delete(e, "item")
		e["author"] = fmt.Sprint("a", 10+i/2)
		events = append(events, e)
	}
	in.record(events...)
	in.record(event("like", viewer, countedItem), event("comment", viewer, countedItem), event("share", viewer, countedItem))

	in.must(http.MethodPut, at+"/tuning/item/i5", map[string]string{"direction": "less"})
	in.must(http.MethodPut, at+"/tuning/author/a6", map[string]string{"direction": "more"})
	in.must(http.MethodPut, at+"/tuning/tag/t2", map[string]string{"direction": "more"})
	in.must(http.MethodPut, at+"/follows/a7", nil)
	in.must(http.MethodPut, at+"/mutes/a8", nil)
	in.must(http.MethodPut, at+"/blocks/a9", nil)
	in.must(http.MethodGet, at+"/sessions", nil)
	in.must(http.MethodGet, "/v1/sessions/"+first.Session, nil)
	in.must(http.MethodPost, "/v1/sessions/"+first.Session+"/pages/1/replay", nil)
	in.page("following", "viewer", viewer)
}

// exported counts an export's lines by kind, and names the types of its events, each once.
func exported(t *testing.T, in *instance, viewer string) (kinds map[string]int, types []string) {
	t.Helper()
	kinds = map[string]int{}
	for _, line := range strings.Split(in.must(http.MethodGet, "/v1/viewers/"+viewer+"/export", nil), "\n") {
		if line == "" {
			continue
		}
		var record struct{ Kind, Type string }
		require.NoError(t, json.Unmarshal([]byte(line), &record), line)
		kinds[record.Kind]++
		if record.Kind == "event" && !slices.Contains(types, record.Type) {
			types = append(types, record.Type)
		}
	}
	return kinds, types
}

// erase returns the receipt's counts by store and what was removed.
func erase(t *testing.T, in *instance, viewer string) map[string]int {
	t.Helper()
	var receipt struct {
		Viewer   string
		ErasedAt time.Time `json:"erased_at"`
		Removed  []struct {
			Store, What string
			Count       int
		}
	}
	text := in.must(http.MethodDelete, "/v1/viewers/"+viewer, nil)
	require.NoError(t, json.Unmarshal([]byte(text), &receipt), text)
	require.Equal(t, viewer, receipt.Viewer)
	require.WithinDuration(t, time.Now(), receipt.ErasedAt, time.Minute)
	removed := map[string]int{}
	for _, r := range receipt.Removed {
		removed[r.Store+" "+r.What] = r.Count
	}
	return removed
}
