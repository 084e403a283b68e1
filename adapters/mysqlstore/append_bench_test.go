package mysqlstore_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/servers"
)

// BenchmarkAppend appends batches of 100, and of 1,600 as a group commit of 16 clients makes them.
func BenchmarkAppend(b *testing.B) {
	for name, options := range map[string]func(b *testing.B) mysqlstore.Options{
		"SQLite": func(b *testing.B) mysqlstore.Options {
			return mysqlstore.Options{Path: filepath.Join(b.TempDir(), "f.db")}
		},
		"MySQL": func(b *testing.B) mysqlstore.Options { return mysqlstore.Options{DSN: servers.MySQLDatabase(b)} },
	} {
		for _, size := range []int{100, 1600} {
			b.Run(fmt.Sprint(name, "/", size), func(b *testing.B) {
				db, err := mysqlstore.Open(b.Context(), options(b))
				require.NoError(b, err)
				b.Cleanup(func() { require.NoError(b, db.Close()) })
				require.NoError(b, db.Migrate(b.Context()))
				log := mysqlstore.NewEventLog(db)
				var ids atomic.Int64
				b.ReportAllocs()
				for b.Loop() {
					events := make([]engagement.Event, size)
					for i := range events {
						id := ids.Add(1)
						events[i] = engagement.Event{
							ID: engagement.EventID(fmt.Sprintf("%016x", uint64(id)*0x9e3779b97f4a7c15)), Viewer: audience.ViewerID(fmt.Sprint("v", id%5000)),
							Act: audience.Like, Item: catalog.ItemID(fmt.Sprint("i", id%3000)), At: dawn, Session: "0123456789abcdefghijklmnop",
						}
					}
					_, err := log.Append(b.Context(), events, time.Now())
					require.NoError(b, err)
				}
				b.ReportMetric(float64(ids.Load())/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
