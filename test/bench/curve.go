package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/freshet/freshet/ports/cli/load"
)

// Point is what a page takes where what grows is so large.
type Point struct {
	X     float64 `json:"x"`
	Label string  `json:"label"`
	CPU   float64 `json:"cpu"`   // of all instances, µs a page
	Redis float64 `json:"redis"` // likewise
	P50   float64 `json:"p50_ms"`
	Rate  float64 `json:"pages_per_second"`
	Note  string  `json:"note,omitempty"`
}

// Curve is how the cost of a page grows with something.
type Curve struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"`
}

// point makes the load twice and keeps the medians.
func (b *bench) point(ctx context.Context, x float64, in *instance, o load.Options) (Point, error) {
	p := Point{X: x, Label: figure(x)}
	var service, redis, p50, rate []float64
	for range 2 {
		if _, err := b.resting(ctx, in); err != nil {
			return p, err
		}
		r, err := ask(ctx, o)
		if err != nil {
			return p, err
		}
		service, redis = append(service, cpu(r, "service")), append(redis, cpu(r, "redis"))
		p50, rate = append(p50, r.Latency.P50), append(rate, r.PerSecond)
		if full := r.Rungs["full"]; full < r.Pages.Served {
			p.Note = fmt.Sprintf("%.1f %% of the pages not full", 100*float64(r.Pages.Served-full)/float64(r.Pages.Served))
		}
	}
	p.CPU, p.Redis, p.P50, p.Rate = median(service), median(redis), median(p50), median(rate)
	b.say("%+v", p)
	return p, nil
}

// draw adds the points of a curve to the table, as far as there are any, and to the plot.
func (b *bench) draw(c Curve) {
	if len(c.Points) == 0 {
		return
	}
	first := c.Points[0]
	for _, p := range c.Points {
		note := fmt.Sprintf("redis %s µs, p50 %s ms, %s pages/s. %s", figure(p.Redis), figure(p.P50), figure(p.Rate), p.Note)
		b.row(Row{Of: c.Name, What: p.Label, Value: p.CPU, Unit: "µs/page", Ratio: p.CPU / first.CPU, To: first.Label, Note: note})
	}
	if len(c.Points) > 1 {
		b.row(Row{Of: c.Name, What: "a page costs as much as the size to the power of", Value: c.power(), Unit: "(0: it does not grow)"})
	}
	b.drawn = append(b.drawn, c)
	if b.svg == "" {
		return
	}
	if err := os.WriteFile(b.svg, []byte(plot(b.drawn)), 0o644); err != nil {
		b.say("%v", err)
	}
}

// power is the exponent by which the cost at the largest size follows from that at the first above 0: 0 does not grow, 1 grows in proportion.
func (c Curve) power() float64 {
	var from, to Point
	for _, p := range c.Points {
		if from.X == 0 {
			from = p
		}
		if p.X > to.X {
			to = p
		}
	}
	if from.X == to.X {
		return 0
	}
	return math.Log(to.CPU/from.CPU) / math.Log(to.X/from.X)
}
