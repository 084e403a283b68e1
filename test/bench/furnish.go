package main

import (
	"context"
	"fmt"
	"time"
)

// tellIdle says what an instance does while nobody asks.
func (b *bench) tellIdle(ctx context.Context, of string, in *instance) error {
	if _, err := b.resting(ctx, in); err != nil {
		return err
	}
	used, began := b.using(in), time.Now()
	idle, err := b.resting(ctx, in)
	if err != nil {
		return err
	}
	spent, percent := used(), time.Since(began).Seconds()*1e4
	b.row(Row{Of: of, What: "while nobody asks: statements of SQL", Value: idle.asked / idle.seconds, Unit: "a second", Note: "of one instance"})
	b.row(Row{Of: of, What: "while nobody asks: commands to Redis", Value: idle.commands / idle.seconds, Unit: "a second"})
	b.row(Row{Of: of, What: "while nobody asks: CPU of the service", Value: spent[0] / percent, Unit: "% of a core", Note: fmt.Sprintf("Redis %s %%, SQL %s %%", figure(spent[1]/percent), figure(spent[2]/percent))})
	return nil
}

// furnish makes an installation with so many items and events, and starts an instance that knows its viewers.
func (b *bench) furnish(ctx context.Context, name string, items, events int, settings ...string) (*house, *instance, error) {
	h, err := b.stage.settle(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	in, err := func() (*instance, error) {
		args := []string{"import", "--batch", "5000"}
		file, err := b.world.items(b.stage.dir, 0, items)
		if err != nil {
			return nil, err
		}
		args = append(args, "--items", file)
		if events > 0 {
			if file, err = b.world.events(b.stage.dir, events, items); err != nil {
				return nil, err
			}
			args = append(args, "--events", file)
		}
		began := time.Now()
		if err := h.run(ctx, args...); err != nil {
			return nil, err
		}
		b.say("imported %d items and %d events in %.1f s", items, events, time.Since(began).Seconds())
		if err := h.forget(ctx); err != nil {
			return nil, err
		}
		in, err := h.start(ctx, 0, settings...)
		if err != nil {
			return nil, err
		}
		b.say("ready after %.1f s", in.ready.Seconds())
		in.relayed(ctx)
		if err := in.greet(ctx); err != nil {
			in.stop()
			return nil, err
		}
		return in, nil
	}()
	if err != nil {
		_ = h.empty(context.WithoutCancel(ctx))
	}
	return h, in, err
}

// resting waits until what was begun has come to its end, the archive above all: until Redis and the database have no less to do in a
// second than in the one before. It does not wait for ever. It returns what is done in a second while nobody asks.
func (b *bench) resting(ctx context.Context, in *instance) (last counts, err error) {
	before, err := b.count(ctx, in)
	for end := time.Now().Add(15 * time.Second); err == nil; {
		time.Sleep(time.Second)
		var now counts
		if now, err = b.count(ctx, in); err != nil {
			break
		}
		earlier := last
		last = now.since(before)
		if earlier.seconds > 0 && last.noLess(earlier) || now.at.After(end) {
			break
		}
		before = now
	}
	return last, err
}
