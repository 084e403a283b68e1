package rebuild

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

// BenchmarkRebuild restores viewers of 30 events, three pages of twenty and two ties each, on real servers: of so many, and of
// twice as many, so that what it takes is seen to be in proportion: by the pages that the database looks at for each viewer, too,
// which do not depend on what else the machine does. FRESHET_BENCH_VIEWERS names other numbers: 20000,100000.
func BenchmarkRebuild(b *testing.B) {
	counts := []int{1000, 2000}
	if text := os.Getenv("FRESHET_BENCH_VIEWERS"); text != "" {
		counts = nil
		for _, one := range strings.Split(text, ",") {
			n, err := strconv.Atoi(one)
			require.NoError(b, err)
			counts = append(counts, n)
		}
	}
	dsn := databases.MySQL(b)
	db, err := mysqlstore.Open(b.Context(), mysqlstore.Options{DSN: dsn})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	settle(b, dsn)
	settled := 0
	for _, n := range counts {
		populate(b, dsn, settled, n)
		settled = n
		b.Run(fmt.Sprintf("viewers=%d", n), func(b *testing.B) {
			for round := range b.N {
				opts := redisstore.Options{Addrs: servers.RedisAddrs(b), Prefix: fmt.Sprintf("bench:%d:%d:%d:", os.Getpid(), n, round), ReadTimeout: 10 * time.Second}
				redis, err := redisstore.Open(opts)
				require.NoError(b, err)
				rebuild := rebuilding.NewRebuild(mysqlstore.NewViewerRecords(db), redisstore.NewCopies(redis), time.Now)
				began, before := time.Now(), pagesRead(b, dsn)
				p, err := rebuild.Run(b.Context(), rebuilding.Options{Since: time.Now().Add(-720 * time.Hour), Sessions: feed.DefaultLife, Parallel: 4}, func(rebuilding.Progress) {})
				require.NoError(b, err)
				require.Equal(b, n, p.Looked)
				require.Equal(b, n, p.Restored+p.Held, "a batch that was done twice finds some of it held")
				b.ReportMetric(float64(n)/time.Since(began).Seconds(), "viewers/s")
				b.ReportMetric(float64(pagesRead(b, dsn)-before)/float64(n), "pages/viewer")
				var memory runtime.MemStats
				runtime.ReadMemStats(&memory)
				b.ReportMetric(float64(memory.Sys)/(1<<20), "MB")
				clean(b, redis, n)
			}
		})
	}
}

// pagesRead is how many pages the database's engine has looked at so far, in memory or not.
func pagesRead(b *testing.B, dsn string) (n int64) {
	pool, err := sql.Open("mysql", dsn)
	require.NoError(b, err)
	defer pool.Close()
	var name string
	require.NoError(b, pool.QueryRow("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_read_requests'").Scan(&name, &n))
	return n
}

// clean removes what the servers that others use, too, would keep.
func clean(b *testing.B, redis *redisstore.Client, n int) {
	b.StopTimer()
	defer b.StartTimer()
	r := redisstore.NewRemembrance(redis)
	for i := range n {
		require.NoError(b, r.Forget(context.Background(), viewerNo(i)))
	}
	require.NoError(b, redis.Close())
}

func viewerNo(i int) audience.ViewerID {
	return audience.ViewerID(fmt.Sprintf("viewer-%09d", i*7919%1_000_003))
}

// settle gives the server the memory that one with so many rows has.
func settle(b *testing.B, dsn string) {
	pool, err := sql.Open("mysql", dsn)
	require.NoError(b, err)
	defer pool.Close()
	if os.Getenv("FRESHET_BENCH_VIEWERS") != "" {
		_, err = pool.Exec("SET GLOBAL innodb_buffer_pool_size = 6 << 30")
		require.NoError(b, err)
	}
	rows := writer{b, pool, "INSERT INTO items (number, id, state, version, changed_at, details) VALUES ", nil, nil}
	for i := range 5000 {
		rows.add(100_000_000_000+i, itemNo(i), 1, 1, 1, "{}")
	}
	rows.flush()
}

func itemNo(i int) string { return fmt.Sprintf("item-%04d-of-the-catalogue", i) }

const eventsEach = 30

// populate adds the viewers from the one number up to the other. Events come in turn, as they would, so that those of one viewer
// lie far apart.
func populate(b *testing.B, dsn string, from, to int) {
	b.Helper()
	pool, err := sql.Open("mysql", dsn)
	require.NoError(b, err)
	defer pool.Close()
	now := time.Now().UnixMilli()
	events := writer{b, pool, "INSERT INTO events (pos, event_id, viewer, act, item, author, at, session, context, watched_ms, duration_ms, auto_presented, received_at) VALUES ", nil, nil}
	pos := from * eventsEach
	for e := range eventsEach {
		for v := from; v < to; v++ {
			pos++
			at := now - int64(eventsEach-e)*3_600_000
			act, session, watched := audience.Like, "", 0
			if e%2 == 0 {
				act, session, watched = audience.PlayProgress, fmt.Sprintf("session%09d%d", v, e/6), 30_000
			}
			events.add(pos, fmt.Sprintf("%08d-%08d", pos, v), string(viewerNo(v)), int(act), itemNo((v*31+e*e*17)%5000), "author", at, session, "", watched, 60_000, 0, at)
		}
	}
	events.flush()
	pages := writer{b, pool, "INSERT INTO pages (session, page, viewer, served_at, items, numbers, body) VALUES ", nil, nil}
	ties := writer{b, pool, "INSERT INTO ties (viewer, relation, author, at) VALUES ", nil, nil}
	body := strings.Repeat("x", 2000)
	for v := from; v < to; v++ {
		for p := range 3 {
			var numbers []byte
			for i := range 20 {
				numbers = binary.BigEndian.AppendUint64(numbers, uint64(100_000_000_000+(v*13+p*20+i)%5000))
			}
			pages.add(fmt.Sprintf("session%09d", v), p+1, string(viewerNo(v)), now-int64(p)*1000-8*3_600_000, 20, numbers, body)
		}
		for r := range 2 {
			ties.add(string(viewerNo(v)), 1, fmt.Sprint("author", r+v%100), now)
		}
	}
	pages.flush()
	ties.flush()
}

// writer writes rows by few statements.
type writer struct {
	b      *testing.B
	pool   *sql.DB
	insert string
	rows   []string
	args   []any
}

func (w *writer) add(values ...any) {
	w.rows = append(w.rows, "("+strings.Repeat("?,", len(values)-1)+"?)")
	w.args = append(w.args, values...)
	if len(w.args) > 20_000 || len(w.rows) >= 1000 && strings.Contains(w.insert, "pages") {
		w.flush()
	}
}

func (w *writer) flush() {
	if len(w.rows) == 0 {
		return
	}
	_, err := w.pool.Exec(w.insert+strings.Join(w.rows, ","), w.args...)
	require.NoError(w.b, err)
	w.rows, w.args = w.rows[:0], w.args[:0]
}
