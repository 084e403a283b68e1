package readcache_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/readcache"
	"github.com/freshet/freshet/domain/catalog"
)

const (
	benched = 20_000  // items
	weight  = 1 << 10 // of each one's payload
	readers = 8
)

func benchID(n int) catalog.ItemID { return catalog.ItemID(fmt.Sprintf("item-%06d", n)) }

// loads are which items are asked for.
var loads = []struct {
	name  string
	reads int
	next  func(r *rand.Rand) catalog.ItemID
}{
	{"hot", 20_000, func(r *rand.Rand) catalog.ItemID { return benchID(r.IntN(4)) }},
	{"skewed", 20_000, func(r *rand.Rand) catalog.ItemID { u := r.Float64(); return benchID(int(benched * u * u * u * u)) }},
	{"cold", 5_000, func(r *rand.Rand) catalog.ItemID { return benchID(r.IntN(benched)) }},
	{"missing", 20_000, func(r *rand.Rand) catalog.ItemID { return catalog.ItemID(fmt.Sprint("nobody-", r.IntN(1<<40))) }},
	{"missing again", 20_000, func(r *rand.Rand) catalog.ItemID { return catalog.ItemID(fmt.Sprint("nobody-", r.IntN(1000))) }},
}

// tried are the tiers that are there.
var tried = []struct {
	name string
	open func(s *stores, tb testing.TB) catalog.ItemRepository
}{
	{"sql", func(s *stores, tb testing.TB) catalog.ItemRepository { return s.instance(tb).source }},
	{"redis", func(s *stores, tb testing.TB) catalog.ItemRepository {
		s.bounds.LocalBytes = 1
		return s.believing(tb).items
	}},
	{"redis and local", func(s *stores, tb testing.TB) catalog.ItemRepository { return s.believing(tb).items }},
	{"all", func(s *stores, tb testing.TB) catalog.ItemRepository { return s.ready(tb).items }},
}

// believing is an instance without a filter.
func (s *stores) believing(tb testing.TB) *instance {
	in := s.instance(tb)
	in.eventually("copies are believed", func() bool { _, _ = in.guard.Renew(ctx); return in.guard.State().Trusted })
	return in
}

// BenchmarkReads compares reads with and without tiers, in one run: statements for 1,000 reads, and the time of a read as it is to that
// without any tier.
func BenchmarkReads(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *stores{"servers": real, "embedded": embedded} {
		b.Run(name, func(b *testing.B) {
			all := open(b)
			all.opts.Lease = time.Second
			stock(b, all.instance(b))
			for _, load := range loads {
				plain := 0.0
				for i, tiers := range tried {
					b.Run(load.name+"/"+tiers.name, func(b *testing.B) {
						s := *all
						s.redis.Prefix = fmt.Sprintf("%s%s:%d:%d:", all.redis.Prefix, load.name, i, b.N)
						items := tiers.open(&s, b)
						b.ResetTimer()
						asked, took := 0.0, time.Duration(0)
						for n := range b.N {
							finds, lasted := read(b, items, uint64(n), load.reads, load.next)
							asked, took = asked+finds, took+lasted
						}
						n := float64(b.N * load.reads)
						each := float64(took.Microseconds()) / n
						if i == 0 {
							plain = each
						}
						b.ReportMetric(1000*asked/n, "statements/1000")
						b.ReportMetric(each, "µs/read")
						b.ReportMetric(each/plain, "of-sql")
						b.ReportMetric(0, "ns/op")
					})
				}
			}
		})
	}
}

func stock(b *testing.B, in *instance) {
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < benched; from += 500 {
		ids := make([]catalog.ItemID, 500)
		for i := range ids {
			ids[i] = benchID(from + i)
		}
		_, err := in.source.Update(ctx, ids, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
			n, err := number()
			if err != nil {
				return err
			}
			text := make([]byte, weight/2)
			for i := range text {
				text[i] = byte(r.IntN(256))
			}
			return f.Publish(n, catalog.Details{Title: string(f.ID()), Tags: []string{"a", "b"}, Payload: fmt.Appendf(nil, `"%x"`, text)}, time.Now())
		})
		require.NoError(b, err)
	}
}

// read has the readers ask, and returns how often the source was asked and how long it took.
func read(b *testing.B, items catalog.ItemRepository, round uint64, reads int, next func(*rand.Rand) catalog.ItemID) (float64, time.Duration) {
	var left, wrong atomic.Int64
	left.Store(int64(reads))
	asked := asks(items)
	began := time.Now()
	var all sync.WaitGroup
	for seed := range uint64(readers) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, round))
			for left.Add(-1) >= 0 {
				id := next(r)
				item, err := items.Find(ctx, id)
				if known := strings.HasPrefix(string(id), "item"); known != (err == nil) || known && item.ID() != id {
					wrong.Add(1)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	require.Zero(b, wrong.Load())
	return float64(asks(items) - asked), took
}

// asks is how often the source was asked.
func asks(items catalog.ItemRepository) int64 {
	if cached, ok := items.(*readcache.Items); ok {
		items = cached.ItemRepository
	}
	return items.(*source).finds.Load()
}
