package capture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/job"
)

func TestCommandsAndSQLAtOnceEndWithEqualIndexes(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	relay := job.NewGroup(nil)
	relay.Start(job.Loop{Name: "relay", Every: 20 * time.Millisecond, Run: a.relay.Drain})
	defer func() { require.NoError(t, relay.Stop(ctx)) }()
	const items = 30
	id := func() catalog.ItemID { return catalog.ItemID(fmt.Sprint("i", rand.IntN(items))) }
	for i := range items {
		put(t, a, catalog.ItemID(fmt.Sprint("i", i)), "first")
	}
	var writing sync.WaitGroup
	for w, in := range []*instance{a, b} {
		writing.Go(func() {
			for n := range 150 {
				switch rand.IntN(6) {
				case 0:
					_ = in.items.Hide(ctx, id())
				case 1:
					_ = in.items.Remove(ctx, id())
				default:
					_, err := in.items.Put(ctx, id(), catalog.Details{Title: fmt.Sprint("command ", w, n)})
					if !fault.Is(err, fault.Unavailable) && err != nil {
						t.Error(err)
					}
				}
			}
		})
		writing.Go(func() {
			for n := range 150 {
				statement, args := "UPDATE items SET details = ? WHERE id = ?", []any{details(fmt.Sprint("sql ", w, n)), string(id())}
				switch rand.IntN(8) {
				case 0:
					statement, args = "UPDATE items SET state = 1 + state % 2 WHERE id = ?", args[1:]
				case 1:
					statement, args = "DELETE FROM items WHERE id = ?", args[1:]
				case 2:
					statement, args = "UPDATE items SET version = 1 WHERE id = ?", args[1:]
				}
				if _, err := f.raw.Exec(statement, args...); err != nil && !strings.Contains(err.Error(), "try restarting") {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	put(t, a, "last", "last")
	f.sql("UPDATE items SET details = ? WHERE id = 'last'", details("really"))
	eventually(t, "last", "really", a, b)
	f.agree(a, b, f.instance())
	require.Eventually(t, func() bool { return f.number("SELECT COUNT(*) FROM outbox") == 0 }, patience, 10*time.Millisecond)
	at := a.capture.Stats().Adopted + b.capture.Stats().Adopted
	time.Sleep(200 * time.Millisecond)
	require.Equal(t, at, a.capture.Stats().Adopted+b.capture.Stats().Adopted, "it does not go on for ever")
}

// The database is killed again and again while items are written by commands and in SQL.
func TestNothingIsLostWhenTheDatabaseIsKilled(t *testing.T) {
	f, server := onOwnServer(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	var stop atomic.Bool
	var mu sync.Mutex
	want := map[catalog.ItemID]string{} // what was acknowledged last
	var writing sync.WaitGroup
	writer := func(id catalog.ItemID, write func(title string) error) {
		for n := 0; !stop.Load(); n++ {
			title := fmt.Sprint(id, " ", n)
			if write(title) == nil {
				mu.Lock()
				want[id] = title
				mu.Unlock()
			} else {
				mu.Lock()
				delete(want, id) // it may or may not have happened
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		}
		for write(string(id)+" end") != nil {
			time.Sleep(5 * time.Millisecond)
		}
		mu.Lock()
		want[id] = string(id) + " end"
		mu.Unlock()
	}
	for i := range 4 {
		byCommand, bySQL := catalog.ItemID(fmt.Sprint("command", i)), catalog.ItemID(fmt.Sprint("sql", i))
		put(t, a, bySQL, "first")
		writing.Go(func() {
			writer(byCommand, func(title string) error {
				_, err := b.items.Put(ctx, byCommand, catalog.Details{Title: title})
				return err
			})
		})
		writing.Go(func() {
			writer(bySQL, func(title string) error {
				_, err := f.raw.Exec("UPDATE items SET details = ? WHERE id = ?", details(title), string(bySQL))
				return err
			})
		})
	}
	for range 3 {
		time.Sleep(500 * time.Millisecond)
		server.Kill()
		server.Restart()
	}
	time.Sleep(300 * time.Millisecond)
	stop.Store(true)
	writing.Wait()
	for id, title := range want {
		eventually(t, id, title, a, b)
	}
	f.agree(a, b)
	require.Len(t, slices.Concat(a.gapsTold(), b.gapsTold()), 1, "only the beginning")
}

// Not a limit, for machines are busy: it says how long a change takes from its commit to an instance's index.
func TestHowLongAChangeTakes(t *testing.T) {
	f := lent(t)
	reader := f.instance().run(true)
	follower := f.instance().run(false)
	reader.awaitReading()
	put(t, reader, "x", "first")
	eventually(t, "x", "first", follower)
	measure := func(name string, changes int, write func(n int, title string)) {
		took := make([]time.Duration, changes)
		for n := range took {
			want := fmt.Sprint(name, n)
			write(n, want)
			committed := time.Now()
			for title(follower, "x") != want {
				require.Less(t, time.Since(committed), patience)
				time.Sleep(100 * time.Microsecond)
			}
			took[n] = time.Since(committed)
		}
		slices.Sort(took)
		t.Logf("%s: p50 %v, p99 %v, most %v", name, took[changes/2], took[changes*99/100], took[changes-1])
	}
	command := func(_ int, title string) { put(t, reader, "x", title) }
	measure("command by binlog", 500, command)
	measure("SQL by binlog", 500, func(_ int, title string) { f.sql("UPDATE items SET details = ? WHERE id = 'x'", details(title)) })
	require.NoError(t, reader.jobs.Stop(ctx))
	require.NoError(t, reader.capture.Close(ctx))
	reader.jobs = job.NewGroup(nil)
	reader.jobs.Start(job.Loop{Name: "relay", Every: 50 * time.Millisecond, Run: reader.relay.Drain})
	measure("command by outbox", 100, command)
}
