package telemetry

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// cell fills a cache line of its own, and the one that is fetched with it.
type cell struct {
	n atomic.Int64
	_ [120]byte
}

// BenchmarkIncrement compares what one number that all cores increment costs: docs/adr/0029-counts-follow-from-the-log.md.
func BenchmarkIncrement(b *testing.B) {
	b.Run("atomic", func(b *testing.B) {
		var n atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n.Add(1)
			}
		})
	})
	b.Run("mutex", func(b *testing.B) {
		var mu sync.Mutex
		n := 0
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				mu.Lock()
				n++
				mu.Unlock()
			}
		})
	})
	b.Run("random padded cell", func(b *testing.B) {
		var cells [16]cell
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				cells[rand.Uint32()%16].n.Add(1)
			}
		})
	})
	b.Run("own padded cell", func(b *testing.B) { // which Go offers no way to find but to carry it along
		var cells [16]cell
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			own := &cells[next.Add(1)%16]
			for pb.Next() {
				own.n.Add(1)
			}
		})
	})
}
