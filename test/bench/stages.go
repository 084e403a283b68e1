package main

import (
	"context"

	"github.com/freshet/freshet/test/servers"
)

// numbers measures the generator of ids and the counter by the benchmarks beside them.
func (b *bench) numbers(ctx context.Context) error {
	const of = "ids and counters"
	long := "1s"
	if b.quick {
		long = "300ms"
	}
	lines, err := goBench(ctx, nil, "./infrastructure/snowflake", "Next", long)
	if err != nil {
		return err
	}
	for _, which := range []struct{ name, what, target string }{
		{"Next/wide/one", "ids of one worker, one core asking", "the layout's limit: ≥ 4 M/s"}, {"Next/wide/all", "ids of one worker, all cores asking", "likewise"}, {"Next/unlimited/one", "without the layout's limit", ""},
	} {
		b.row(Row{Of: of, What: which.what, Value: valueOf(lines, which.name, "M/s"), Unit: "M/s", Target: which.target,
			Ratio: valueOf(lines, which.name, "ns/op") / valueOf(lines, "Next/clock/one", "ns/op"), To: "reading the clock", Note: figure(valueOf(lines, which.name, "allocs/op")) + " allocations"})
	}
	if lines, err = goBench(ctx, nil, "./infrastructure/telemetry", "Increment", long); err != nil {
		return err
	}
	for _, which := range []struct{ name, what, target string }{
		{"Increment/atomic", "counter of the process, all cores at once", "≤ 20 ns"}, {"Increment/mutex", "the same behind a lock", ""},
	} {
		b.row(Row{Of: of, What: which.what, Value: valueOf(lines, which.name, "ns/op"), Unit: "ns", Target: which.target})
	}
	env := []string{servers.EnvMySQL + "=" + b.stage.sql.DSN("")}
	if lines, err = goBench(ctx, env, "./adapters/mysqlstore", "HotItem/MySQL/like/(1|2000)$", "1x"); err != nil {
		return err
	}
	alone, together := valueOf(lines, "HotItem/MySQL/like/1", "row-writes/event"), valueOf(lines, "HotItem/MySQL/like/2000", "row-writes/event")
	b.row(Row{Of: of, What: "likes of one hot item, counted 2,000 at a time: rows written", Value: together, Unit: "an event", Ratio: together / alone, To: "one at a time", Target: "≥ 99 % fewer writes of the count"})
	b.row(Row{Of: of, What: "likes of one hot item: writes of its count", Value: valueOf(lines, "HotItem/MySQL/like/2000", "count-writes/event"), Unit: "an event",
		Note: figure(valueOf(lines, "HotItem/MySQL/like/2000", "events/s")) + " events/s counted"})
	return nil
}
