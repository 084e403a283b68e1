package load

import (
	"fmt"
	"math"
	"strconv"
)

// charts are what there is to draw.
func (r *Report) charts() []chart {
	var out []chart
	if c, any := r.percentiles(); any {
		out = append(out, c)
	}
	if len(r.Timeline) == 0 {
		return out
	}
	end := r.Timeline[len(r.Timeline)-1].At
	x := axis{low: 0, high: end, form: same, from: chartLeft, to: chartRight}
	var marks []mark
	for _, v := range steps(axis{high: max(end, 1)}, false) {
		marks = append(marks, mark{v, fmt.Sprintf("%.6g s", v)})
	}
	over := func(title, note string, logarithmic bool, curves ...curve) {
		out = append(out, newChart(title, note, curves, x, logarithmic, marks))
	}
	over("Latency over time", "milliseconds, of each second's requests that were answered well", true,
		r.timed("max", 2, func(s Second) float64 { return s.Max }), r.timed("p99", 1, func(s Second) float64 { return s.P99 }),
		r.timed("p50", 0, func(s Second) float64 { return s.P50 }))
	over("Requests a second", "as they ended", false,
		r.timed("answered well", 0, func(s Second) float64 { return float64(s.OK) / s.Long }),
		r.timed("failed", 1, func(s Second) float64 { return float64(s.Failed) / s.Long }))
	var cpu, rss []curve
	for i, p := range r.Processes {
		cpu = append(cpu, r.timed(p.Name, i, func(s Second) float64 { return s.CPU[i] }))
		rss = append(rss, r.timed(p.Name, i, func(s Second) float64 { return mebibytes(s.RSS[i]) }))
	}
	over("CPU over time", "cores in use", false, cpu...)
	over("Memory over time", "resident, MiB", false, rss...)
	return out
}

func (r *Report) timed(name string, colour int, of func(Second) float64) curve {
	c := curve{name: name, colour: colour}
	for _, s := range r.Timeline {
		c.x, c.y = append(c.x, s.At), append(c.y, of(s))
	}
	return c
}

// percentiles are the curves of all kinds of requests; of an open loop also as they were once sent.
func (r *Report) percentiles() (chart, bool) {
	var curves []curve
	most := 1.0
	add := func(name string, colour int, dashed bool, points []Point) {
		c := curve{name: name, colour: colour, dashed: dashed}
		for _, p := range points {
			if p.Share < 1 {
				c.x, c.y = append(c.x, p.Share), append(c.y, p.MS)
				most = max(most, tail(p.Share))
			}
		}
		curves = append(curves, c)
	}
	for i, k := range r.Kinds {
		add(k.Name, i, false, k.Latency.Curve)
		if r.Mode == Open {
			add(k.Name+", once sent", i, true, k.Service.Curve)
		}
	}
	marks := []mark{{0, "0 %"}, {0.5, "50 %"}}
	for nines := 1; float64(nines) <= most; nines++ {
		share := 1 - math.Pow(10, -float64(nines))
		text := strconv.FormatFloat(100*share, 'f', max(0, nines-2), 64)
		marks = append(marks, mark{share, text + " %"})
	}
	x := axis{low: 0, high: most, form: tail, from: chartLeft, to: chartRight}
	note := fmt.Sprintf("milliseconds, from the moment a request was to begin; %d requests", r.Latency.Count)
	return newChart("Latency by percentile", note, curves, x, true, marks), len(curves) > 0
}
