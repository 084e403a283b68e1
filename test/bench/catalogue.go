package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

// catalogues measures what an index takes by the size of the catalogue, and a page over it.
func (b *bench) catalogues(ctx context.Context) error {
	const of = "index and start"
	in, err := serve(ctx, b.stage.binary, []string{"FRESHET_DATA_DIR=" + filepath.Join(b.stage.dir, "embedded"), "FRESHET_LOG_LEVEL=warn"})
	if err != nil {
		return err
	}
	in.stop()
	b.row(Row{Of: of, What: "start to ready, empty, embedded", Value: in.ready.Seconds(), Unit: "s", Target: "≤ 0.5 s"})
	sizes := []int{100_000}
	if !b.quick {
		sizes = append(sizes, 1_000_000)
	}
	if b.whole {
		sizes = append(sizes, 5_000_000)
	}
	h, err := b.stage.settle(ctx, "catalogues")
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	events, err := b.world.events(b.stage.dir, manyEvents, sizes[0])
	if err != nil {
		return err
	}
	var first float64
	for i, n := range sizes {
		from := 0
		if i > 0 {
			from, events = sizes[i-1], ""
		}
		g, err := b.grow(ctx, h, from, n, events)
		if err != nil {
			return fmt.Errorf("%d items: %w", n, err)
		}
		if i == 0 {
			first = g.page.CPU
		}
		name := figure(float64(n)) + " items"
		b.row(Row{Of: of, What: name + ": import", Value: g.imported, Unit: "items/s"})
		b.row(Row{Of: of, What: name + ": start to ready", Value: g.cold.Seconds(), Unit: "s", Note: fmt.Sprintf("with %d events to learn", manyEvents)})
		b.row(Row{Of: of, What: name + ": start to ready from a snapshot", Value: g.warm.Seconds(), Unit: "s", Target: map[int]string{1_000_000: "≤ 3 s"}[n]})
		b.row(Row{Of: of, What: name + ": memory when ready (RSS)", Value: float64(g.resident) / (1 << 20), Unit: "MiB", Target: map[int]string{1_000_000: "≤ 0.6 GB", 5_000_000: "≤ 3 GB"}[n],
			Note: figure(g.index/float64(n)) + " bytes an item in the index, as it says"})
		b.row(Row{Of: of, What: name + ": page over HTTP: CPU", Value: g.page.CPU, Unit: "µs/page", Ratio: g.page.CPU / first, To: "100,000 items", Target: map[int]string{1_000_000: "≤ 1.25 ×"}[n]})
	}
	return nil
}

// grown is what an installation takes that has so many items.
type grown struct {
	imported   float64 // items a second
	cold, warm time.Duration
	resident   int64
	index      float64 // bytes
	page       Point
}

// forgotten is after which time an instance has looked at the table without the changes before: clocks are two minutes apart at most,
// and it looks every half.
const forgotten = 160 * time.Second

var errDisk = errors.New("not enough disk")

// grow adds the items from up to to, and the events where they are named, starts an instance twice and asks it for pages.
func (b *bench) grow(ctx context.Context, h *house, from, to int, events string) (g grown, err error) {
	const each = 3000 // bytes of disk for an item: file, table, outbox, logs
	if free := freeDisk(b.stage.dir); free < int64(to-from)*each {
		return g, fmt.Errorf("%w: %d MiB are free, %d are wanted", errDisk, free>>20, int64(to-from)*each>>20)
	}
	file, err := b.world.items(b.stage.dir, from, to)
	if err != nil {
		return g, err
	}
	args := []string{"import", "--batch", "5000", "--items", file}
	began := time.Now()
	if err := h.run(ctx, args...); err != nil {
		return g, err
	}
	imported := time.Now()
	g.imported = float64(to-from) / imported.Sub(began).Seconds()
	if events != "" {
		if err := h.run(ctx, "import", "--batch", "5000", "--events", events); err != nil {
			return g, err
		}
	}
	if err := h.forget(ctx); err != nil {
		return g, err
	}
	data := fmt.Sprintf("FRESHET_DATA_DIR=%s-%d", filepath.Join(h.dir, h.name), to)
	cold, err := serve(ctx, h.binary, append(append([]string{}, h.env...), data))
	if err != nil {
		return g, err
	}
	cold.relayed(ctx)
	if to > manyItems { // or the next start reads them from the table again
		time.Sleep(time.Until(imported.Add(forgotten)))
	}
	cold.written(ctx) // the index
	cold.stop()       // which writes what was learned, and where the stream stands
	warm, err := serve(ctx, h.binary, append(append([]string{}, h.env...), data))
	if err != nil {
		return g, err
	}
	defer warm.stop()
	g.cold, g.warm = cold.ready, warm.ready
	if g.resident, err = residentOf(warm.pid()); err != nil {
		return g, err
	}
	told, err := warm.metrics(ctx)
	if err != nil {
		return g, err
	}
	g.index = told.sum("freshet_index_bytes")
	if err := warm.greet(ctx); err != nil {
		return g, err
	}
	g.page, err = b.point(ctx, float64(to), warm, b.asking(warm))
	return g, err
}

// freeDisk is what may still be written below a folder, in bytes.
func freeDisk(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
