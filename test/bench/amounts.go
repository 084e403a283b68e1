package main

import (
	"context"
	"fmt"
)

// amounts measures what is stored and sent for each page and event: what the capacity page of docs/operations.md multiplies.
func (b *bench) amounts(ctx context.Context) error {
	const of = "stored and sent"
	const items, events = 10_000, 50_000
	h, in, err := b.furnish(ctx, "amounts", items, events)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	if _, err := b.resting(ctx, in); err != nil {
		return err
	}
	before, err := infoOf(b.stage.redis.Addr())
	if err != nil {
		return err
	}
	counted, err := in.metrics(ctx)
	if err != nil {
		return err
	}
	if _, err := ask(ctx, b.asking(in)); err != nil {
		return err
	}
	after, err := infoOf(b.stage.redis.Addr())
	if err != nil {
		return err
	}
	now, err := in.metrics(ctx)
	if err != nil {
		return err
	}
	pages := now.since(counted).sum("freshet_http_pages_total")
	for _, way := range []struct{ what, name string }{{"from Redis", "total_net_output_bytes"}, {"to Redis", "total_net_input_bytes"}} {
		b.row(Row{Of: of, What: "a page: " + way.what, Value: perPage(after[way.name]-before[way.name], pages) / 1024, Unit: "KiB", Note: "the archive's reading is in it; 20 acts and four pages a viewer"})
	}
	body, err := fetch(ctx, in.pageURL("load-1"))
	if err != nil {
		return err
	}
	b.row(Row{Of: of, What: "a page: to the client", Value: float64(len(body)) / 1024, Unit: "KiB", Note: "without payloads"})
	if _, err := b.resting(ctx, in); err != nil {
		return err
	}
	for _, table := range []struct{ name, of string }{{"pages", "a page"}, {"sessions", "a session"}, {"events", "an event"}, {"reactions", "a reaction that stands"}, {"items", "an item"}} {
		bytes, rows, err := b.stage.weigh(ctx, h.name, table.name)
		if err != nil {
			return err
		}
		b.row(Row{Of: of, What: table.of + " in SQL, indexes too", Value: bytes / max(rows, 1), Unit: "bytes", Note: fmt.Sprintf("%.0f rows", rows)})
	}
	return nil
}

// weigh is what a table takes on disk, and how many rows it has.
func (s *stage) weigh(ctx context.Context, database, table string) (bytes, rows float64, err error) {
	name := database + "." + table // both ours
	if err := s.admin.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+name).Scan(&rows); err != nil {
		return 0, 0, err
	}
	if _, err := s.admin.ExecContext(ctx, "ANALYZE TABLE "+name); err != nil {
		return 0, 0, err
	}
	err = s.admin.QueryRowContext(ctx, "SELECT data_length + index_length FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", database, table).Scan(&bytes)
	return bytes, rows, err
}
