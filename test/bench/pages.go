package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/freshet/freshet/ports/cli/load"
)

// sizes of the installation on which pages are measured.
const (
	manyItems  = 100_000
	manyEvents = 60_000
)

// way is one of the loads that are taken in turns.
type way struct {
	name    string
	options load.Options
	reports []*load.Report
}

func (w *way) median(of func(*load.Report) float64) float64 {
	figures := make([]float64, len(w.reports))
	for i, r := range w.reports {
		figures[i] = of(r)
	}
	return median(figures)
}

// pages measures a page of 20 beside the floor, in turns.
func (b *bench) pages(ctx context.Context) error {
	const of = "page of 20 over 100,000 items"
	h, in, err := b.furnish(ctx, "pages", manyItems, manyEvents)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	body, err := fetch(ctx, in.pageURL("load-1"))
	if err != nil {
		return err
	}
	ground, err := startFloor(ctx, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer ground.stop()

	floor := &way{name: fmt.Sprintf("floor: %d bytes by Hertz, static", len(body)), options: b.asking()}
	floor.options.To, floor.options.Pages = []string{"http://" + ground.addr}, 1
	floor.options.Processes = []load.Process{{Name: "service", PID: ground.cmd.Process.Pid}}
	http := &way{name: "page over HTTP", options: b.asking(in)}
	rpc := &way{name: "page over Kitex", options: b.asking(in)}
	rpc.options.To, rpc.options.RPC = nil, []string{in.rpc}
	hot := &way{name: "half of all sessions one viewer's", options: b.asking(in)}
	hot.options.Hot = 0.5
	told := &way{name: "page over HTTP, with events", options: b.asking(in)}
	told.options.Reporting = 1

	if err := b.tellIdle(ctx, of, in); err != nil {
		return err
	}
	var counted, idle counts
	for range b.rounds {
		for _, w := range []*way{floor, http, rpc, hot, told} {
			if idle, err = b.resting(ctx, in); err != nil {
				return err
			}
			before, err := b.count(ctx, in)
			if err != nil {
				return err
			}
			r, err := ask(ctx, w.options)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			w.reports = append(w.reports, r)
			if w != http {
				continue
			}
			if _, err := b.resting(ctx, in); err != nil { // what the archive does afterwards is theirs, too
				return err
			}
			after, err := b.count(ctx, in)
			if err != nil {
				return err
			}
			counted = after.since(before).without(idle) // of the last round
		}
	}
	b.tellPages(of, floor, http, rpc, told, hot)
	b.tellCounts(of, counted)
	return nil
}

func (b *bench) tellPages(of string, floor, http, rpc, told, hot *way) {
	service := func(r *load.Report) float64 { return cpu(r, "service") }
	rate := func(r *load.Report) float64 { return r.PerSecond }
	p99 := func(r *load.Report) float64 { return r.Latency.P99 }
	p50 := func(r *load.Report) float64 { return r.Latency.P50 }
	for _, w := range []*way{floor, http, rpc, told, hot} {
		last := w.reports[len(w.reports)-1]
		own, n := w.median(service), Row{Of: of, What: w.name + ": CPU", Value: w.median(service), Unit: "µs/page", Note: rungs(last)}
		if w == floor {
			n.Note = ""
		} else {
			n.To, n.Ratio = "floor", own/floor.median(service)
		}
		switch w {
		case http:
			n.Target = "≤ 120 µs, ≤ 12 × floor"
		case rpc:
			n.Target, n.To, n.Ratio = "≤ 0.8 × HTTP", "HTTP", own/http.median(service)
		case hot:
			n.Target, n.To, n.Ratio = "≤ 1 × HTTP", "HTTP", own/http.median(service)
		}
		b.row(n)
		if w == hot {
			continue
		}
		if w != floor {
			for _, store := range []string{"redis", "sql"} {
				b.row(Row{Of: of, What: w.name + ": CPU of " + store, Unit: "µs/page", Value: w.median(func(r *load.Report) float64 { return cpu(r, store) })})
			}
		}
		n = Row{Of: of, What: w.name + ": rate", Value: w.median(rate), Unit: "requests/s", Note: "64 connections, and the generator on the same cores"}
		m := Row{Of: of, What: w.name + ": p99", Value: w.median(p99), Unit: "ms", Note: "p50 " + figure(w.median(p50)) + " ms"}
		if w == http || w == rpc {
			n.To, n.Ratio, n.Target = "floor", n.Value/floor.median(rate), "≥ 0.25 × floor"
			m.To, m.Ratio, m.Target = "floor", m.Value/floor.median(p99), "≤ 4 × floor"
		}
		b.row(n)
		b.row(m)
	}
}

func (b *bench) tellCounts(of string, c counts) {
	pages := c.pages()
	for _, r := range []Row{
		{What: "allocations", Value: perPage(c.objects, pages), Unit: "a page", Target: "≤ 40", Note: "of the whole process, without what it allocates while nobody asks"},
		{What: "allocated", Value: perPage(c.bytes, pages) / 1024, Unit: "KiB a page", Target: "≤ 16 KiB", Note: "likewise"},
		{What: "round trips to Redis", Value: perPage(c.reads, pages), Unit: "a page", Target: "≤ 2", Note: "as often as Redis read something, the archive's share too"},
		{What: "commands to Redis", Value: perPage(c.commands, pages), Unit: "a page", Note: "those that scripts call too"},
		{What: "statements that read SQL", Value: perPage(max(c.selects, 0), pages), Unit: "a page", Target: "0", Note: "what loops ask is in it"},
		{What: "statements of SQL, the archive's too", Value: perPage(max(c.asked, 0), pages), Unit: "a page", Note: "pages are archived after they were answered, many at a time"},
		{What: "garbage collection: pauses, p99", Value: 1000 * c.service.quantile("go_sched_pauses_total_gc_seconds", 0.99), Unit: "ms", Target: "≤ 0.5 ms",
			Note: "the end of the bucket; " + figure(c.service.sum("go_sched_pauses_total_gc_seconds_count")) + " pauses"},
	} {
		r.Of = of
		b.row(r)
	}
}
