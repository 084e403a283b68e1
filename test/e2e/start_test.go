package e2e

import (
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// digest is what the instance says of its index.
func (in *instance) digest() string {
	in.t.Helper()
	res, err := http.Get("http://" + in.Admin + "/index/digest")
	require.NoError(in.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(in.t, err)
	require.Equal(in.t, http.StatusOK, res.StatusCode)
	return string(text)
}

// taken is how many items it took from its snapshot when it started.
func (in *instance) taken() int { return int(in.metric("freshet_catalogue_snapshot_taken_items")) }

// One stops and the other goes on: what is changed meanwhile by a command, and in SQL where that is followed, is what
// the first one shows when it starts from its snapshot.
func TestAnInstanceThatWasAwayStartsFromItsSnapshot(t *testing.T) {
	for _, source := range []string{"outbox", "binlog"} {
		t.Run(source, func(t *testing.T) {
			dsn := servers.MySQLDatabase(t)
			env := []string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_RELAY_SOURCE=" + source}
			stays := start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...))
			away := start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...))
			stays.publish(60, 5, 5)
			eventually(t, 15*time.Second, "both show them", func() bool { return away.digest() == stays.digest() && away.shows("i9") })
			require.Zero(t, away.taken())
			require.NoError(t, away.Stop())

			stays.must(http.MethodDelete, "/v1/items/i1", nil)
			stays.must(http.MethodPut, "/v1/items/i2", map[string]any{"author": "a1", "title": "another title", "published_at": time.Now().UTC().Format(time.RFC3339Nano)})
			stays.must(http.MethodPut, "/v1/items/new", map[string]any{"author": "somebody"})
			if source == "binlog" {
				db, err := sql.Open("mysql", dsn)
				require.NoError(t, err)
				defer func() { require.NoError(t, db.Close()) }()
				_, err = db.Exec("UPDATE items SET state = 2 WHERE id = 'i3'")
				require.NoError(t, err)
				_, err = db.Exec("DELETE FROM items WHERE id = 'i4'")
				require.NoError(t, err)
				eventually(t, 15*time.Second, "who stayed hides them", func() bool { return !stays.shows("i3") && !stays.shows("i4") })
			}
			away.Launch()
			require.True(t, away.AwaitReady())
			require.Equal(t, 60, away.taken())
			require.False(t, away.shows("i1"), "what was removed is never shown, not even at first")
			require.True(t, away.shows("new"))
			require.Equal(t, []string{"new", "i2"}, away.page("latest", "viewer", "v", "limit", "2").ids())
			eventually(t, 15*time.Second, "the indexes are the same", func() bool { return away.digest() == stays.digest() })
			require.Zero(t, away.metric("freshet_catalogue_snapshot_mended_items"))
		})
	}
}

// It is killed again and again while it writes its snapshot, until one was left half written.
func TestAnInstanceThatIsKilledWhileItWritesItsSnapshotLosesNothing(t *testing.T) {
	dir, dsn := t.TempDir(), servers.MySQLDatabase(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + dsn}
	stays := start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_INDEX_SNAPSHOT_EVERY=0s"}, env...))
	dies := start(t, append([]string{"FRESHET_DATA_DIR=" + dir, "FRESHET_INDEX_SNAPSHOT_EVERY=1ms"}, env...))
	stays.publish(3000, 50, 50)
	half := func() int {
		left, err := filepath.Glob(filepath.Join(dir, "catalogue.snapshot.*.new"))
		require.NoError(t, err)
		return len(left)
	}
	began, seen, took := time.Now(), 0, 0
	for round := 0; round < 5 || seen == 0 && time.Since(began) < time.Minute; round++ {
		for n := range 1 + rand.IntN(20) {
			dies.must(http.MethodPut, fmt.Sprintf("/v1/items/i%d", n), map[string]any{"author": "a1", "title": fmt.Sprint("round ", round)})
		}
		gone := fmt.Sprintf("i%d", 100+round)
		stays.must(http.MethodDelete, "/v1/items/"+gone, nil)
		for range rand.IntN(200) { // until it writes, perhaps
			if time.Sleep(time.Millisecond); half() > 0 {
				break
			}
		}
		dies.Kill()
		seen += half()
		dies.Launch()
		require.True(t, dies.AwaitReady())
		took += dies.taken()
		require.Equal(t, 404, status(t, dies, "/v1/items/"+gone))
		eventually(t, 15*time.Second, "the indexes are the same", func() bool { return dies.digest() == stays.digest() })
	}
	require.NotZero(t, seen, "it never was killed at the right moment")
	require.NotZero(t, took, "it never went on from a snapshot")
	require.False(t, strings.Contains(dies.Output.Tail(1<<20), "its snapshot cannot be used"), "a whole snapshot was there each time")
	require.NoError(t, dies.Stop())
	require.Zero(t, half(), "what was left half written is gone")
}

func status(t *testing.T, in *instance, path string) int {
	t.Helper()
	code, _, err := in.call(http.MethodGet, path, nil)
	require.NoError(t, err)
	return code
}

func TestAStartWhoseSnapshotIsDamagedReadsTheDatabase(t *testing.T) {
	dir := t.TempDir()
	in := start(t, []string{"FRESHET_DATA_DIR=" + dir})
	in.publish(30, 5, 3)
	before := in.digest()
	require.NoError(t, in.Stop())
	in.Launch()
	require.True(t, in.AwaitReady())
	require.Equal(t, 30, in.taken(), "embedded, too")
	require.Equal(t, before, in.digest())
	require.NoError(t, in.Stop())
	file := filepath.Join(dir, "catalogue.snapshot")
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	b[len(b)/2] ^= 1
	require.NoError(t, os.WriteFile(file, b, 0o600))
	in.Launch()
	require.True(t, in.AwaitReady())
	require.Zero(t, in.taken())
	require.Contains(t, in.Output.Tail(1<<20), "its snapshot cannot be used")
	require.Equal(t, before, in.digest())
	require.NoError(t, in.Stop())
}
