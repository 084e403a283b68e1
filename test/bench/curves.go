package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// byCatalogue grows the catalogue.
func (b *bench) byCatalogue(ctx context.Context) error {
	c := Curve{Name: "items in the catalogue"}
	defer func() { b.draw(c) }()
	h, err := b.stage.settle(ctx, "growing")
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	sizes := []int{10_000, 100_000, 1_000_000}
	if b.quick {
		sizes = sizes[:2]
	}
	if b.whole {
		sizes = append(sizes, 5_000_000)
	}
	events, err := b.world.events(b.stage.dir, manyEvents, sizes[0])
	if err != nil {
		return err
	}
	before := 0
	for _, n := range sizes {
		g, err := b.grow(ctx, h, before, n, events)
		if err != nil {
			return fmt.Errorf("%d items: %w", n, err)
		}
		p := g.page
		p.X, p.Label = float64(n), figure(float64(n))
		p.Note += fmt.Sprintf(" ready after %s s, %s MiB resident", figure(g.cold.Seconds()), figure(float64(g.resident)/(1<<20)))
		c.Points = append(c.Points, p)
		before, events = n, ""
	}
	return nil
}

// alone is an installation and the one viewer who is asked for in it.
func (b *bench) alone(ctx context.Context, name string, each []int, add func(in *instance, from, to int) error) (c Curve, err error) {
	h, in, err := b.furnish(ctx, name, manyItems, manyEvents)
	if err != nil {
		return c, err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	if err := post(ctx, "DELETE", "http://"+in.http+"/v1/viewers/load-1", ""); err != nil {
		return c, err
	}
	had := 0
	for _, n := range each {
		if err := add(in, had, n); err != nil {
			return c, err
		}
		had = n
		o := b.asking(in)
		o.Viewers = 1
		p, err := b.point(ctx, float64(n), in, o)
		if err != nil {
			return c, err
		}
		if len(c.Points) > 0 && p.X < c.Points[len(c.Points)-1].X {
			p.Label += " again"
		}
		c.Points = append(c.Points, p)
	}
	return c, nil
}

// byFollows has one viewer follow ever more authors.
func (b *bench) byFollows(ctx context.Context) error {
	c, err := b.alone(ctx, "follows", []int{0, 50, 500, 5000}, func(in *instance, from, to int) error {
		return each(to-from, 8, func(i int) error {
			return post(ctx, "PUT", "http://"+in.http+"/v1/viewers/load-1/follows/"+url.PathEscape(author(from+i)), "")
		})
	})
	c.Name = "authors that the viewer follows"
	b.draw(c)
	return err
}

// byHistory has one viewer do ever more. In the end the viewer is erased and does little again, which tells what came of the history from what
// came of all that was learned meanwhile.
func (b *bench) byHistory(ctx context.Context) error {
	sizes := []int{0, 100, 1000, 10_000, 100_000}
	if b.quick {
		sizes = sizes[:4]
	}
	most := sizes[len(sizes)-1]
	sizes = append(sizes, 100)
	c, err := b.alone(ctx, "histories", sizes, func(in *instance, from, to int) error {
		if to < from {
			if err := post(ctx, "DELETE", "http://"+in.http+"/v1/viewers/load-1", ""); err != nil {
				return err
			}
			from = 0
		}
		r := rand.New(rand.NewPCG(uint64(to), 4))
		for ; from < to; from += 1000 {
			var body strings.Builder
			for i := from; i < min(from+1000, to); i++ {
				at := b.world.now.Add(time.Duration(i-most) * time.Second)
				body.Write(b.world.event(r, fmt.Sprint("much-", to, "-", i), "load-1", manyItems, at))
				body.WriteByte('\n')
			}
			if err := post(ctx, "POST", "http://"+in.http+"/v1/events", body.String()); err != nil {
				return err
			}
		}
		return nil
	})
	c.Name = "events that the viewer has reported"
	b.draw(c)
	return err
}

// byCandidates has sources propose ever more: eight in ten come from sources that always have as many as they may name.
func (b *bench) byCandidates(ctx context.Context) error {
	c := Curve{Name: "candidates that sources may propose"}
	defer func() { b.draw(c) }()
	h, in, err := b.furnish(ctx, "candidates", manyItems, manyEvents)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	in.stop()
	for _, n := range []int{100, 500, 1000, 2000, 5000} {
		file := filepath.Join(b.stage.dir, fmt.Sprintf("candidates-%d.yaml", n))
		text := fmt.Sprintf("feeds:\n  for-you:\n    sources:\n"+strings.Repeat("      - {name: %s, limit: %d}\n", 5),
			"sequence", n/20, "trending", n/20, "affinity", n/10, "fresh", n*2/5, "explore", n*2/5)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		in, err := h.start(ctx, 0, "FRESHET_CONFIG="+file)
		if err != nil {
			return err
		}
		p, err := b.point(ctx, float64(n), in, b.asking(in))
		in.stop()
		if err != nil {
			return err
		}
		c.Points = append(c.Points, p)
	}
	return nil
}
