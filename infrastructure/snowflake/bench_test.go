package snowflake_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

// BenchmarkNext issues ids of the wide layout, whose limit is 4,096,000 a second, as fast as they come; the same without a
// limit; and, to compare, a counter behind a lock and a reading of the clock alone.
func BenchmarkNext(b *testing.B) {
	unlimited := snowflake.Wide
	unlimited.WorkerBits, unlimited.SequenceBits = 2, 20
	for _, c := range []struct {
		name string
		next func() uint64
	}{
		{"wide", issue(snowflake.Wide)},
		{"unlimited", issue(unlimited)},
		{"lock", locked()},
		{"clock", func() uint64 { return uint64(time.Now().UnixMilli()) }},
	} {
		b.Run(c.name+"/one", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.next()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
		})
		b.Run(c.name+"/all", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c.next()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
		})
	}
}

func issue(l snowflake.Layout) func() uint64 {
	g := snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: 20 * time.Millisecond, Patience: time.Second}, time.Now)
	g.Grant(snowflake.Term{Reach: time.Now().Add(time.Hour), End: time.Now().Add(time.Hour)})
	return func() uint64 {
		id, err := g.Next(context.Background())
		if err != nil {
			panic(err)
		}
		return id
	}
}

func locked() func() uint64 {
	var mu sync.Mutex
	var last uint64
	return func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		last = max(last+1, uint64(time.Now().UnixMilli())<<22)
		return last
	}
}
