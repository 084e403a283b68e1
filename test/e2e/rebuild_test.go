package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// TestRedisIsLostUnderLiveInstancesAndRebuilt kills Redis with all its data while two instances serve.
func TestRedisIsLostUnderLiveInstancesAndRebuilt(t *testing.T) {
	redis := servers.StartRedis(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir()}
	a, b := start(t, env), start(t, env)
	a.publish(120, 10, 5)
	eventually(t, 10*time.Second, "both serve the catalogue", func() bool { return len(b.page("latest", "viewer", "probe", "limit", "100").Items) == 100 })
	viewers := make([]string, 30)
	first, second := map[string]pageBody{}, map[string]pageBody{}
	for i := range viewers {
		v := fmt.Sprint("v", i)
		viewers[i] = v
		a.record(event("like", v, fmt.Sprint("i", i)))
		a.must(http.MethodPut, "/v1/viewers/"+v+"/tuning/author/a3", map[string]string{"direction": "less"})
		first[v] = a.page("for-you", "viewer", v, "limit", "5")
		second[v] = a.page("for-you", "viewer", v, "limit", "5", "cursor", first[v].Cursor)
	}
	archived := func(v string, pages int) func() bool {
		return func() bool {
			return strings.Count(a.must(http.MethodGet, "/v1/viewers/"+v+"/export", nil), `"kind":"page"`) == pages
		}
	}
	for _, v := range viewers {
		eventually(t, 10*time.Second, "the pages are archived", archived(v, 2))
	}

	// From now on somebody reads without a break, and no page fails.
	var reading sync.WaitGroup
	stop := make(chan struct{})
	reading.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, _, err := []*instance{a, b}[i%2].tryPage("for-you", "viewer", fmt.Sprint("reader", i%7), "limit", "5"); err != nil {
				t.Errorf("page %d: %s", i, err)
				return
			}
		}
	})
	redis.Kill()
	redis.Wipe()
	out, err := instances.Run(t, env, "rebuild")
	require.Error(t, err, "there is no Redis: %s", out)
	redis.Restart()
	out, err = instances.Run(t, env, "rebuild", "--dry-run")
	require.NoError(t, err, "%s", out)
	out, err = instances.Run(t, env, "rebuild", "--parallel", "2")
	require.NoError(t, err, "%s", out)
	t.Log(out)
	close(stop)
	reading.Wait()

	out, err = instances.Run(t, env, "rebuild")
	require.NoError(t, err, "%s", out)
	require.Contains(t, out, " 0 restored")
	eventually(t, 5*time.Second, "pages are whole again", func() bool {
		return a.page("latest", "viewer", "probe").Rung == "full" && b.page("latest", "viewer", "probe").Rung == "full"
	})
	for i, v := range viewers {
		in := []*instance{a, b}[i%2]
		again := in.page("for-you", "viewer", v, "limit", "5", "cursor", first[v].Cursor)
		require.Equal(t, second[v].ids(), again.ids(), "%s: a page asked for again is the same", v)
		third := in.page("for-you", "viewer", v, "limit", "5", "cursor", second[v].Cursor)
		require.Equal(t, "full", third.Rung)
		require.Zero(t, third.countAuthor("a3"), "decisions hold")
		for _, id := range third.ids() {
			require.NotContains(t, append(first[v].ids(), second[v].ids()...), id)
		}
	}

	// What goes from instance to instance through Redis goes on: followers of changes well before the next look at the table,
	// and the consumers that archive pages.
	a.must(http.MethodPut, "/v1/items/after-the-loss", map[string]any{"author": "a1", "title": "new", "published_at": time.Now().UTC().Format(time.RFC3339Nano)})
	eventually(t, 5*time.Second, "the other instance hears of a change", func() bool {
		status, _, err := b.call(http.MethodGet, "/v1/items/after-the-loss", nil)
		return err == nil && status == http.StatusOK && b.page("latest", "viewer", "prober", "limit", "1").ids()[0] == "after-the-loss"
	})
	for _, v := range viewers[:3] {
		eventually(t, 10*time.Second, "new pages are archived", archived(v, 3))
	}
}

// TestARebuildThatIsKilledGoesOnWhenItIsRunAgain ends it by kill -9 in the midst.
func TestARebuildThatIsKilledGoesOnWhenItIsRunAgain(t *testing.T) {
	redis := servers.StartRedis(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir()}
	in := start(t, env)
	in.publish(10, 2, 2)
	var events []map[string]any
	for i := range 400 {
		events = append(events, event("like", fmt.Sprintf("v%03d", i), "i1"))
	}
	in.record(events...)
	require.NoError(t, in.Stop())
	redis.Kill()
	redis.Wipe()
	redis.Restart()

	killed := exec.Command(instances.Binary(t), "rebuild", "--rate", "200", "--parallel", "2")
	killed.Env = append(os.Environ(), env...)
	require.NoError(t, killed.Start())
	time.Sleep(time.Second)
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())

	out, err := instances.Run(t, env, "rebuild", "--json")
	require.NoError(t, err, "%s", out)
	var told struct{ Viewers, Held, Restored int }
	require.NoError(t, json.Unmarshal([]byte(out), &told), "%s", out)
	require.Equal(t, 400, told.Viewers)
	require.Equal(t, 400, told.Held+told.Restored)
	require.Positive(t, told.Held, "it goes on")
	require.Positive(t, told.Restored, "it was not done")
	out, err = instances.Run(t, env, "rebuild")
	require.NoError(t, err)
	require.Contains(t, out, "400 were held")
}

// TestThereIsNothingToRebuildWhereRedisIsEmbedded tells so at once.
func TestThereIsNothingToRebuildWhereRedisIsEmbedded(t *testing.T) {
	out, err := instances.Run(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()}, "rebuild")
	require.ErrorContains(t, err, "exit status 2")
	require.Contains(t, out, "redis.addrs")
}
