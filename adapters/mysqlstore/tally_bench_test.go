package mysqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/databases"
)

const hotEvents = 100_000

// BenchmarkHotItem counts likes, or plays, of one item by as many viewers, in steps of so many events. One event a step is what
// counting each by itself would be; it is measured on fewer.
func BenchmarkHotItem(b *testing.B) {
	for _, act := range []audience.Act{audience.Like, audience.PlayStart} {
		for _, step := range []int{1, 100, 1000, 2000, 5000} {
			for _, database := range []string{"SQLite", "MySQL"} {
				b.Run(fmt.Sprintf("%s/%s/%d", database, act, step), func(b *testing.B) { hotItem(b, database, act, step) })
			}
		}
	}
}

func hotItem(b *testing.B, database string, act audience.Act, step int) {
	opts := mysqlstore.Options{}
	if database == "SQLite" {
		opts.Path = databases.SQLite(b, "f.db")
	} else {
		opts.DSN = databases.MySQL(b)
	}
	db, err := mysqlstore.Open(b.Context(), opts)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	n := min(hotEvents, step*1000)
	log := mysqlstore.NewEventLog(db)
	for some := range slices.Chunk(hot(act, n), 2000) {
		_, err := log.Append(b.Context(), some, dawn)
		require.NoError(b, err)
	}
	tally := mysqlstore.NewTally(db)
	before, started, steps := writes(b, opts), time.Now(), 0
	for total := 0; total < n; steps++ {
		_, applied, err := tally.Advance(b.Context(), step)
		require.NoError(b, err)
		require.Positive(b, applied)
		total += applied
	}
	b.ReportMetric(float64(n)/time.Since(started).Seconds(), "events/s")
	b.ReportMetric(float64(steps)/float64(n), "count-writes/event")
	if opts.DSN != "" {
		b.ReportMetric((writes(b, opts)-before)/float64(n), "row-writes/event")
	}
}

func hot(act audience.Act, n int) []engagement.Event {
	events := make([]engagement.Event, n)
	for i := range events {
		events[i] = engagement.Event{ID: engagement.EventID(fmt.Sprint(act, i)), Viewer: audience.ViewerID(fmt.Sprint("viewer-", i)), Act: act, Item: "hot", At: dawn, Session: "s"}
	}
	return events
}

// writes is how many rows the server has written.
func writes(b *testing.B, opts mysqlstore.Options) (sum float64) {
	if opts.DSN == "" {
		return 0
	}
	raw, err := sql.Open("mysql", opts.DSN)
	require.NoError(b, err)
	defer func() { _ = raw.Close() }()
	rows, err := raw.Query("SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_write', 'Handler_update', 'Handler_delete')")
	require.NoError(b, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var value float64
		require.NoError(b, rows.Scan(&name, &value))
		sum += value
	}
	require.NoError(b, rows.Err())
	return sum
}

// board tells when it shows how many likes.
type board struct {
	mu    sync.Mutex
	likes int64
	more  *sync.Cond
}

func (x *board) SetCounts(of map[catalog.ItemID]engagement.Counts) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.likes = max(x.likes, of["hot"].Likes)
	x.more.Broadcast()
}

func (x *board) await(n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for x.likes < n {
		x.more.Wait()
	}
}

// BenchmarkLikeToShown is how long after it was acknowledged a like is in the count that an instance shows: one at a time, and
// while some 5,000 events a second come beside it.
func BenchmarkLikeToShown(b *testing.B) {
	for _, database := range []string{"SQLite", "MySQL"} {
		for name, follow := range map[string]func(*learning.Counter) func(context.Context) (int, error){
			"follow": func(c *learning.Counter) func(context.Context) (int, error) { return c.Follow },
			"every 250 ms": func(c *learning.Counter) func(context.Context) (int, error) {
				return func(ctx context.Context) (int, error) {
					n, err := c.CatchUp(ctx)
					if n == 0 {
						time.Sleep(250 * time.Millisecond)
					}
					return n, err
				}
			},
		} {
			for _, beside := range []int{0, 5} {
				b.Run(fmt.Sprintf("%s/%s/%d batches beside", database, name, beside), func(b *testing.B) { likeToShown(b, database, follow, beside) })
			}
		}
	}
}

func likeToShown(b *testing.B, database string, follow func(*learning.Counter) func(context.Context) (int, error), beside int) {
	opts := mysqlstore.Options{Path: filepath.Join(b.TempDir(), "unused")}
	if database == "SQLite" {
		opts.Path = databases.SQLite(b, "f.db")
	} else {
		opts = mysqlstore.Options{DSN: databases.MySQL(b)}
	}
	db, err := mysqlstore.Open(b.Context(), opts)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	shown := &board{}
	shown.more = sync.NewCond(&shown.mu)
	run := follow(learning.NewCounter(mysqlstore.NewTally(db), shown))
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			_, _ = run(ctx)
		}
	})
	log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(db), mysqlstore.GroupOptions{})
	if beside > 0 {
		running.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				events := make([]engagement.Event, 100)
				for k := range events {
					events[k] = engagement.Event{ID: engagement.EventID(fmt.Sprint("b", i, "-", k)), Viewer: audience.ViewerID(fmt.Sprint("v", k)), Act: audience.Act(1 + (i+k)%12), Item: catalog.ItemID(fmt.Sprint("i", k%50)), At: dawn}
				}
				_, _ = log.Append(ctx, events, dawn)
				time.Sleep(time.Second / time.Duration(10*beside))
			}
		})
	}
	var took []time.Duration
	n := int64(0)
	for range 100 {
		n++
		e := engagement.Event{ID: engagement.EventID(fmt.Sprint("like", n)), Viewer: audience.ViewerID(fmt.Sprint("fan", n)), Act: audience.Like, Item: "hot", At: dawn}
		_, err := log.Append(b.Context(), []engagement.Event{e}, dawn)
		require.NoError(b, err)
		at := time.Now()
		shown.await(n)
		took = append(took, time.Since(at))
		time.Sleep(time.Duration(n*7%60) * time.Millisecond)
	}
	stop()
	running.Wait()
	log.Close()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
