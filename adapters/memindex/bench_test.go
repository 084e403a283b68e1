package memindex_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// snapshot is the n-th item of a plausible catalogue: four tags of 2,000, one author of a tenth.
func snapshot(n, of int, published time.Time) catalog.Snapshot {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	tags := make([]string, 4)
	for i := range tags {
		tags[i] = fmt.Sprintf("tag-%d", int(2000*r.Float64()*r.Float64()))
	}
	return catalog.Snapshot{ID: catalog.ItemID(fmt.Sprintf("item-%09d", n)), Number: catalog.Number(n + 1), State: catalog.Published,
		Version: 1, ChangedAt: published, Details: catalog.Details{
			Author: catalog.AuthorID(fmt.Sprintf("author-%d", r.IntN(of/10+1))), Title: fmt.Sprintf("The title of the item number %d", n),
			Tags: tags, Lang: "en", Region: "DE", Duration: time.Minute, PublishedAt: published}}
}

func fill(tb testing.TB, n, batch int, shuffled bool) *memindex.Index {
	x := memindex.New()
	items := make([]catalog.Snapshot, 0, batch)
	for i := 0; i < n; i++ {
		at := i
		if shuffled {
			at = int(uint64(i) * 2654435761 % uint64(n))
		}
		items = append(items, snapshot(i, n, noon.Add(time.Duration(at)*time.Second)))
		if len(items) == batch || i == n-1 {
			x.Apply(items)
			items = items[:0]
		}
	}
	return x
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkApply tells what it takes to index a catalogue in batches of 1,000, one op an item.
func BenchmarkApply(b *testing.B) {
	for _, shuffled := range []bool{false, true} {
		b.Run(map[bool]string{false: "in order", true: "in any order"}[shuffled], func(b *testing.B) {
			const n = 200_000
			items := make([]catalog.Snapshot, n)
			for i := range items {
				at := i
				if shuffled {
					at = int(uint64(i) * 2654435761 % n)
				}
				items[i] = snapshot(i, n, noon.Add(time.Duration(at)*time.Second))
			}
			b.ReportAllocs()
			for b.Loop() {
				x := memindex.New()
				for i := 0; i < n; i += 1000 {
					x.Apply(items[i : i+1000])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
		})
	}
}

// BenchmarkLoad tells what it takes to read a whole catalogue, beside BenchmarkApply, and the bytes an item takes.
func BenchmarkLoad(b *testing.B) {
	const n = 200_000
	items := make([]catalog.Snapshot, n)
	for i := range items {
		items[i] = snapshot(i, n, noon.Add(time.Duration(int(uint64(i)*2654435761%n))*time.Second))
	}
	var x *memindex.Index
	before := heap()
	for b.Loop() {
		x = memindex.New()
		at := 0
		if _, err := x.Load(func() ([]catalog.Snapshot, error) {
			at += 1000
			return items[min(n, at-1000):min(n, at)], nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
	b.ReportMetric(float64(heap()-before)/n, "B/item")
	runtime.KeepAlive(x)
}

// BenchmarkMemory tells the bytes an item takes.
func BenchmarkMemory(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		before := heap()
		x := fill(b, n, 1000, true)
		after := heap()
		b.ReportMetric(float64(after-before)/n, "B/item")
		b.ReportMetric(float64(x.Stats().Bytes)/n, "estimated-B/item")
		runtime.KeepAlive(x)
	}
}

// BenchmarkRevise tells what one changed item costs in an index of 200,000.
func BenchmarkRevise(b *testing.B) {
	const n = 200_000
	x := fill(b, n, 1000, true)
	s := snapshot(n/2, n, noon)
	b.ReportAllocs()
	for b.Loop() {
		s.Version++
		s.Details.PublishedAt = s.Details.PublishedAt.Add(time.Hour)
		x.Apply([]catalog.Snapshot{s})
	}
}

// BenchmarkRead tells what a page asks of a view.
func BenchmarkRead(b *testing.B) {
	const n = 200_000
	v := fill(b, n, 1000, true).View()
	ords := make([]recommend.Ordinal, 1000)
	for i := range ords {
		ords[i] = recommend.Ordinal(i * 199)
	}
	traits := make([]*recommend.Traits, len(ords))
	b.Run("describe 1000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Describe(ords, traits)
		}
	})
	b.Run("newest 100 of all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Newest(recommend.Everything, 500, ords[:100])
		}
	})
	items := make([]*catalog.Snapshot, 20)
	b.Run("items 20", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Items(ords[:20], items)
		}
	})
	ids := make([]catalog.ItemID, 200)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprintf("item-%09d", i*999))
	}
	b.Run("locate 200", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Locate(ids, ords[:200])
		}
	})
}

// BenchmarkLearn tells what an event costs, once tables are warm, and what it leaves behind.
func BenchmarkLearn(b *testing.B) {
	for _, items := range []int{3_000, 100_000} {
		b.Run(fmt.Sprintf("%d items", items), func(b *testing.B) {
			x := plain(items)
			log := crowd(1_000_000, 50_000, items)
			before := heap()
			l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
			l.Learn(log)
			after := heap()
			b.ReportAllocs()
			next := engagement.Offset(len(log))
			for at := 0; b.Loop(); at = (at + 100) % len(log) {
				for i := at; i < at+100; i++ {
					next++
					log[i].Offset, log[i].At = next, noon.Add(time.Duration(next)*time.Second)
				}
				l.Learn(log[at : at+100])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/event")
			s := l.Stats()
			b.ReportMetric(float64(after-before)/float64(s.Items), "B/item")
			b.ReportMetric(float64(s.Bytes)/float64(s.Items), "estimated-B/item")
		})
	}
}

// BenchmarkSignals tells what a page asks of what was learned.
func BenchmarkSignals(b *testing.B) {
	const items = 100_000
	x := plain(items)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	l.Learn(crowd(1_000_000, 50_000, items))
	now := noon.Add(time.Hour * 24 * 12)
	ords := make([]recommend.Ordinal, 1000)
	l.Trending(recommend.Everything, now, 0, ords)
	links := make([]recommend.Link, 0, 20*64)
	run := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
	run("after 20 up to 64 each", func() { links = l.After(ords[:20], 64, links[:0]) })
	popularity, trials := make([]float32, 1000), make([]recommend.Trial, 1000)
	run("popularity 1000", func() { l.Popularity(ords, now, popularity) })
	run("trials 1000", func() { l.Trials(ords, trials) })
	into := make([]recommend.Ordinal, 128)
	run("trending 128", func() { l.Trending(recommend.Everything, now, 0, into) })
	tag := recommend.Shelf{Field: recommend.TagField, Term: 7}
	run("trending 128 of a tag", func() { l.Trending(tag, now, 0, into) })
}

// BenchmarkSnapshot tells what writing and reading an index takes beside making it anew, and the bytes of an item.
func BenchmarkSnapshot(b *testing.B) {
	const n = 1_000_000
	before := heap()
	x := fill(b, n, 1000, true)
	made := heap() - before
	var file bytes.Buffer
	save := func() {
		file.Reset()
		if err := x.Save(&file, func([]catalog.Snapshot) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			save()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
		b.ReportMetric(float64(file.Len())/n, "file-B/item")
	})
	runtime.KeepAlive(x)
	x = nil
	before = heap()
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			x = memindex.New()
			if err := x.Restore(bytes.NewReader(file.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
		b.ReportMetric(float64(heap()-before)/n, "B/item")
		b.ReportMetric(float64(made)/n, "B/item-made-anew")
	})
	runtime.KeepAlive(x)
}

// BenchmarkHeldBack tells what an index from a snapshot takes when all but one item of each page were changed since,
// beside one that was made anew of the same items.
func BenchmarkHeldBack(b *testing.B) {
	const n = 200_000
	changed := make([]catalog.Snapshot, 0, n)
	for i := range n {
		s := snapshot(i, n, noon.Add(time.Duration(i)*time.Second))
		if s.Version = 2; i%512 == 0 {
			s.Version = 1
		}
		changed = append(changed, s)
	}
	var file bytes.Buffer
	if err := fill(b, n, 1000, false).Save(&file, func([]catalog.Snapshot) error { return nil }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		before := heap()
		x := memindex.New()
		if err := x.Restore(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
		read := heap()
		for i := 0; i < n; i += 1000 {
			x.Apply(changed[i : i+1000])
		}
		after := heap()
		y := memindex.New()
		for i := 0; i < n; i += 1000 {
			y.Apply(changed[i : i+1000])
		}
		anew := heap()
		runtime.KeepAlive(x)
		b.ReportMetric(float64(read-before)/n, "B/item-read")
		b.ReportMetric(float64(after-before)/n, "B/item-changed")
		b.ReportMetric(float64(anew-after)/n, "B/item-anew")
		runtime.KeepAlive(y)
	}
}
