// Command bench measures in one run what the service costs beside what the machine can do at all, and prints one table.
//
//	go run ./test/services -- go run ./test/bench             # some ten minutes
//	go run ./test/services -- go run ./test/bench --quick     # some two
//	go run ./test/services -- go run ./test/bench --whole     # with five million items
//	go run ./test/services -- go run ./test/bench --scale     # how costs grow, into a table and docs/growth.svg
//
// Nothing is asserted: what counts are ratios within one run, and CPU times. What cannot be measured here says why.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

type options struct {
	quick, whole, scale bool
	json, svg           string
	binary              string
	only                string
	load                time.Duration // how long each load is measured
	rounds              int           // how often loads that are compared are taken in turns
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == floorWord {
		exit(beTheFloor(os.Args[2]))
	}
	var o options
	flag.BoolVar(&o.quick, "quick", false, "less of everything: some two minutes, for a look")
	flag.BoolVar(&o.whole, "whole", false, "everything, five million items too")
	flag.BoolVar(&o.scale, "scale", false, "measure how costs grow instead")
	flag.StringVar(&o.json, "json", "", "write the rows as JSON to `FILE` too")
	flag.StringVar(&o.svg, "svg", "docs/growth.svg", "with --scale: plot into `FILE`; empty: nowhere")
	flag.StringVar(&o.binary, "binary", "", "measure this `FILE` instead of what is built from the tree")
	flag.StringVar(&o.only, "only", "", "only the sections, or the curves, with these `NAMES`, by commas")
	flag.DurationVar(&o.load, "load", 0, "how long each load is measured (default 6s, 3s with --quick)")
	flag.Parse()
	if flag.NArg() > 0 || o.quick && o.whole {
		flag.Usage()
		os.Exit(2)
	}
	o.rounds = 3
	if o.quick {
		o.rounds = 1
	}
	if o.load <= 0 {
		o.load = 6 * time.Second
		if o.quick {
			o.load = 3 * time.Second
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	exit(run(ctx, o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, o options) error {
	b := &bench{options: o, world: world{time.Now()}}
	began, busy := time.Now(), loadNow()
	err := b.measure(ctx)
	b.row(Row{Of: "the run", What: "load average of the machine, before and after", Value: busy, Unit: "before", Note: figure(loadNow()) + " after"})
	b.row(Row{Of: "the run", What: "it took", Value: time.Since(began).Seconds(), Unit: "s"})
	if b.json != "" {
		text, jerr := json.MarshalIndent(b.rows, "", "  ")
		if jerr == nil {
			jerr = os.WriteFile(b.json, append(text, '\n'), 0o644)
		}
		err = errors.Join(err, jerr)
	}
	fmt.Println()
	return errors.Join(err, write(os.Stdout, b.rows))
}

// bench is one run.
type bench struct {
	options
	world world
	stage *stage
	rows  []Row
	drawn []Curve
}

// section is a part of the table that can fail by itself.
type section struct {
	name    string
	measure func(*bench, context.Context) error
}

func (b *bench) measure(ctx context.Context) (err error) {
	parts, flags := sections, []string(nil)
	if b.scale {
		parts, flags = curves, []string{"--skip-log-bin"}
	}
	parts = slices.DeleteFunc(slices.Clone(parts), func(s section) bool {
		return b.only != "" && !slices.Contains(strings.Split(b.only, ","), s.name)
	})
	if len(parts) == 0 {
		return fmt.Errorf("there is nothing of the name %q", b.only)
	}
	b.say("build and start servers")
	if b.stage, err = raise(ctx, b.binary, flags...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stage.close()) }()
	for _, s := range parts {
		b.say("%s", s.name)
		if err := s.measure(b, ctx); err != nil {
			b.row(missing(s.name, err))
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// row adds a figure to the table and tells it at once.
func (b *bench) row(r Row) {
	r.Note = strings.Join(strings.Fields(r.Note), " ")
	b.rows = append(b.rows, r)
	b.say("%s: %s: %s %s %s", r.Of, r.What, figure(r.Value), r.Unit, r.Note)
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}
