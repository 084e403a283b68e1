package e2e

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/libtnb/sqlite"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/wire"
	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// marking marks every request as shadow traffic.
type marking struct{ http.RoundTripper }

func (m marking) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(wire.ShadowHeader, "1")
	return m.RoundTripper.RoundTrip(r)
}

// rehearsing runs do with every request marked. Nothing of this package runs beside it.
func rehearsing(do func()) {
	real := client
	defer func() { client = real }()
	client = &http.Client{Timeout: real.Timeout, Transport: marking{http.DefaultTransport}}
	do()
}

// ground is what the service keeps, seen from behind its back.
type ground struct {
	db     *sql.DB
	tables string // a query for their names
	redis  []*redis.Client
	held   stores
}

// rowSums is a sum of all rows of each table that is shadow traffic's own, or of each of the others. Left out are what goes on by
// itself however little is asked: how long ids may be issued, and who reads the log of changes; and goose's own.
func (g ground) rowSums(t *testing.T, own bool) map[string]string {
	t.Helper()
	sums := make(map[string]string)
	for _, table := range column(t, g.db, g.tables) {
		if strings.HasPrefix(table, "shadow_") != own || slices.Contains([]string{"workers", "goose_db_version", "sqlite_sequence"}, table) {
			continue
		}
		var rows []string
		found, err := g.db.Query("SELECT * FROM " + table)
		require.NoError(t, err)
		columns, err := found.Columns()
		require.NoError(t, err)
		for found.Next() {
			cells, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			require.NoError(t, found.Scan(into...))
			rows = append(rows, fmt.Sprintf("%q", cells))
		}
		require.NoError(t, found.Err())
		require.NoError(t, found.Close())
		slices.Sort(rows)
		sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
		sums[table] = fmt.Sprint(len(rows), " ", hex.EncodeToString(sum[:8]))
	}
	return sums
}

// keys are those of shadow traffic with what they hold, or the others. Left out is the pulse, which is sealed every half second.
func (g ground) keys(t *testing.T, own bool) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, client := range g.redis {
		scan := client.Scan(t.Context(), 0, "*", 1000).Iterator()
		for scan.Next(t.Context()) {
			key := scan.Val()
			if strings.HasPrefix(key, "fr:shadow:") == own && !strings.HasSuffix(key, "pulse") {
				values := valuesOf(t, client, key)
				slices.Sort(values)
				all[key] = strings.Join(values, "\n")
			}
		}
		require.NoError(t, scan.Err())
	}
	return all
}

// learnedBy are the metrics that say what was learned, counted, archived and told.
func learnedBy(t *testing.T, in *instance) map[string]string {
	t.Helper()
	res, err := http.Get("http://" + in.Admin + "/metrics")
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	all := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, of := range []string{"freshet_model_", "freshet_blend_", "freshet_study_", "freshet_tally_", "freshet_index_items", "freshet_index_live_items",
			"freshet_event_log_group_events", "freshet_http_pages_total", "freshet_notify", "freshet_relay_attempts_total"} {
			if strings.HasPrefix(name, of) {
				all[name] = value
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestShadowTrafficLeavesNoTraceEmbedded(t *testing.T) {
	dir := t.TempDir()
	env := []string{"FRESHET_DATA_DIR=" + dir, "FRESHET_REDIS_PASSWORD=known-to-the-test", "FRESHET_SHADOW_ENABLED=true", "FRESHET_TRAINING_SCHEDULE=never"}
	in := start(t, env)
	db, err := sql.Open(sqlite.DriverName, "file:"+dir+"/freshet.db?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	addr := in.embeddedRedis()
	fast := redis.NewClient(&redis.Options{Addr: addr, Password: "known-to-the-test", Protocol: 2, MaxRetries: -1})
	t.Cleanup(func() { _ = fast.Close() })
	g := ground{db, "SELECT name FROM sqlite_master WHERE type = 'table'", []*redis.Client{fast}, stores{
		"sql": sqliteOf(t, dir+"/freshet.db"), inProcess: redisOf(t, addr, "known-to-the-test"),
	}}
	leavesNoTrace(t, in, g)

	out, err := instances.Run(t, env, "shadow", "clear")
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "its keys in the process that serves are left to it")
	empty(t, g)
}

func TestShadowTrafficLeavesNoTraceOnServers(t *testing.T) {
	addr, dsn := servers.StartRedis(t).Addr(), servers.MySQLDatabase(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + addr, "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_SHADOW_ENABLED=true"}
	in := start(t, env)
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	fast := redis.NewClient(&redis.Options{Addr: addr, Protocol: 2, MaxRetries: -1})
	t.Cleanup(func() { _ = fast.Close() })
	g := ground{db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()", []*redis.Client{fast}, stores{
		"sql": mysqlOf(t, dsn), "redis": redisOf(t, addr, ""),
	}}
	leavesNoTrace(t, in, g)

	stable(t, func() map[string]any { return map[string]any{"rows": g.rowSums(t, false)} })
	before := g.rowSums(t, false)
	require.NotEmpty(t, g.keys(t, true))
	out, err := instances.Run(t, env, "shadow", "clear")
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "keys are gone from Redis")
	empty(t, g)
	require.Empty(t, g.keys(t, true))
	require.Equal(t, before, g.rowSums(t, false))
	const viewer = "rehearsed-afterwards"
	rehearsing(func() {
		in.record(event("like", viewer, in.page("for-you", "viewer", viewer).Items[0].ID))
	})
	require.NotEmpty(t, g.held.traces(t, viewer), "and it goes on")

	require.NoError(t, in.Stop())
	in.Env = append(in.Env, "FRESHET_SHADOW_ENABLED=false")
	in.Restart()
	rehearsing(func() {
		status, text, err := in.call(http.MethodGet, "/v1/feeds/for-you?viewer="+viewer, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, status, text)
		require.Contains(t, text, "shadow_disabled")
	})
	require.Positive(t, erase(t, in, viewer)["shadow sql events"], "where it is off, what was kept is erased all the same")
	require.Empty(t, g.held.traces(t, viewer))
}

// empty checks that no table of shadow traffic holds anything but how far its log came.
func empty(t *testing.T, g ground) {
	t.Helper()
	for table, sum := range g.rowSums(t, true) {
		if table != "shadow_log_heads" {
			require.True(t, strings.HasPrefix(sum, "0 "), "%s: %s", table, sum)
		}
	}
}

// leavesNoTrace rehearses with a viewer who is real too, and with many who are not.
func leavesNoTrace(t *testing.T, in *instance, g ground) {
	in.publish(120, 20, 6)
	liveAs(t, in, leaver)
	liveAs(t, in, stayer)
	real := in.page("for-you", "viewer", stayer)
	kept := func() map[string]any {
		kinds, types := exported(t, in, leaver)
		slices.Sort(types)
		return map[string]any{
			"kinds": kinds, "types": types, "rows": g.rowSums(t, false), "keys": g.keys(t, false), "learned": learnedBy(t, in),
			"item": said(in, "/v1/items/"+countedItem), "follows": said(in, "/v1/viewers/"+stayer+"/follows"),
			"page again": saidTo(in, http.MethodPost, "/v1/sessions/"+real.Session+"/pages/1/replay"), // by what is learned and known now
		}
	}
	stable(t, kept)
	before := kept()

	rehearsing(func() {
		liveAs(t, in, leaver)
		for i := range 30 {
			viewer := fmt.Sprint("rehearsed-", i)
			first := in.page("for-you", "viewer", viewer)
			in.record(event("like", viewer, first.Items[0].ID), event("share", viewer, countedItem), event("play_complete", viewer, first.Items[1].ID))
			next := in.page("for-you", "viewer", viewer, "cursor", first.Cursor)
			require.Equal(t, "full", next.Rung)
			for _, id := range next.ids() {
				require.NotContains(t, first.ids(), id)
			}
			require.Contains(t, in.must(http.MethodGet, "/v1/sessions/"+first.Session, nil), next.Items[0].ID)
		}
		knows(t, in)
	})
	require.NotEmpty(t, g.held.traces(t, "rehearsed-7"))
	eventually(t, 10*time.Second, "what was rehearsed is archived", func() bool {
		return strings.HasPrefix(g.rowSums(t, true)["shadow_pages"], "6") // more than sixty
	})
	time.Sleep(time.Second) // every loop comes round several times
	after := kept()
	for what := range before {
		require.Equal(t, before[what], after[what], what)
	}
	for _, where := range g.held.traces(t, "rehearsed-") {
		require.Contains(t, where, "shadow", "what was rehearsed is kept apart")
	}

	crossed(t, in)
	removed := erase(t, in, leaver)
	for _, what := range []string{"sql events", "shadow sql events", "shadow sql ties", "shadow sql pages", "shadow redis actions", "shadow redis sessions"} {
		require.Positive(t, removed[what], "%s in the receipt %v", what, removed)
	}
	require.Empty(t, g.held.traces(t, leaver), "erasing a viewer erases what was rehearsed under its name")
	require.NotEmpty(t, g.held.traces(t, "rehearsed-7"))
}

// said is an answer but for the id of the request.
func said(in *instance, path string) string { return saidTo(in, http.MethodGet, path) }

func saidTo(in *instance, method, path string) string {
	in.t.Helper()
	text, _, _ := strings.Cut(in.must(method, path, nil), `"request_id"`)
	return text
}

// stable waits until nothing that happened before is on its way.
func stable(t *testing.T, kept func() map[string]any) {
	t.Helper()
	began := time.Now()
	last, since, what := kept(), time.Now(), ""
	for time.Since(since) < 2*time.Second {
		now := kept()
		for name := range now {
			if !reflect.DeepEqual(last[name], now[name]) {
				last, since, what = now, time.Now(), name
			}
		}
		require.Less(t, time.Since(began), time.Minute, "%s changes all the time: %v", what, now[what])
		time.Sleep(50 * time.Millisecond)
	}
}

// knows checks that the next page knows what shadow traffic did.
func knows(t *testing.T, in *instance) {
	t.Helper()
	const viewer = "rehearsed-knows"
	first := in.page("for-you", "viewer", viewer)
	muted := first.Items[0].Author
	in.must(http.MethodPut, "/v1/viewers/"+viewer+"/mutes/"+muted, nil)
	require.Zero(t, in.page("for-you", "viewer", viewer).countAuthor(muted))
}

// crossed checks that neither side takes the other's cursors, and what is refused.
func crossed(t *testing.T, in *instance) {
	t.Helper()
	real, marked := in.page("latest", "viewer", "crossing"), pageBody{}
	ask := func(cursor string) string {
		status, text, err := in.call(http.MethodGet, "/v1/feeds/latest?viewer=crossing&cursor="+cursor, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, status, text)
		return text
	}
	rehearsing(func() {
		require.Contains(t, ask(real.Cursor), "shadow_cursor")
		for _, refused := range [][2]string{{http.MethodDelete, "/v1/items/i1"}, {http.MethodDelete, "/v1/viewers/" + stayer}} {
			status, text, err := in.call(refused[0], refused[1], nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusForbidden, status, text)
		}
		marked = in.page("latest", "viewer", "crossing")
	})
	require.Contains(t, ask(marked.Cursor), "shadow_cursor")
}
