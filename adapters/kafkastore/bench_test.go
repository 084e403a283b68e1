package kafkastore_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/databases"
)

// BenchmarkAppend is 16 callers with 100 events each, on the in-process broker, which keeps everything in memory: it says what
// our side costs, and nothing of what brokers do.
func BenchmarkAppend(b *testing.B) {
	l := open(b, broker(b))
	const size = 100
	var batches atomic.Int64
	b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n, events := batches.Add(1), make([]engagement.Event, size)
			for i := range events {
				events[i] = did(fmt.Sprint("v", i), fmt.Sprint("1790000000-", n, "-", i))
			}
			if _, err := l.Append(b.Context(), events, noon); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCopy copies into a database what was taken in before.
func BenchmarkCopy(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchCopy(b, mysqlstore.Options{Path: databases.SQLite(b, "copies.db")}) })
	b.Run("MySQL", func(b *testing.B) { benchCopy(b, mysqlstore.Options{DSN: databases.MySQL(b)}) })
}

func benchCopy(b *testing.B, opts mysqlstore.Options) {
	db, err := mysqlstore.Open(b.Context(), opts)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	l := open(b, broker(b), basedOn(db))
	const size = 100
	for n := range b.N {
		events := make([]engagement.Event, size)
		for i := range events {
			events[i] = did(fmt.Sprint("v", i), fmt.Sprint(b.N, "-1790000000-", n, "-", i))
		}
		_, err := l.Append(b.Context(), events, noon)
		require.NoError(b, err)
	}
	b.ResetTimer()
	copied, err := copier(l, db, fmt.Sprint(b.N)).Copy(b.Context())
	require.NoError(b, err)
	require.Equal(b, b.N*size, copied)
	b.ReportMetric(float64(copied)/b.Elapsed().Seconds(), "events/s")
}
