package main

import (
	"context"
	"fmt"
	"syscall"
)

// idleWanted is how many connections are to be held beside the load.
const idleWanted = 30_000

// idling measures pages with idle connections held beside, and without.
func (b *bench) idling(ctx context.Context) error {
	const of = "connections"
	h, in, err := b.furnish(ctx, "idling", 10_000, 20_000)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	without, err := ask(ctx, b.asking(in))
	if err != nil {
		return err
	}
	o := b.asking(in)
	o.Idle = holdable()
	with, err := ask(ctx, o)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("%d opened, %d lost. %s", with.Idle.Opened, with.Idle.Lost, with.Idle.Why)
	if o.Idle < idleWanted {
		note = fmt.Sprintf("not 30,000: a process may open %d files here. ", mayOpen()) + note
	}
	b.row(Row{Of: of, What: "idle ones, each: memory of the service", Value: float64(with.Idle.Bytes) / 1024, Unit: "KiB", Target: "≤ 16 KB", Note: note})
	b.row(Row{Of: of, What: "page over HTTP beside them: CPU", Value: cpu(with, "service"), Unit: "µs/page", Ratio: cpu(with, "service") / cpu(without, "service"), To: "without", Note: rungs(with)})
	b.row(Row{Of: of, What: "beside them: p99", Value: with.Latency.P99, Unit: "ms", Ratio: with.Latency.P99 / without.Latency.P99, To: "without"})
	return nil
}

// holdable is how many connections can be held: as many as are wanted, or as files may be open, with some to spare for both sides.
func holdable() int { return min(idleWanted, max(mayOpen()-1500, 1)) }

// mayOpen is how many files this process may have open, after it has asked for as many as it may ask for.
func mayOpen() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0
	}
	return int(min(l.Max, 1<<20))
}
