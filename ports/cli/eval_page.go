package cli

import (
	"fmt"
	"html/template"
	"io"
	"math"

	"github.com/freshet/freshet/application/evaluating"
)

// writePage writes a report as one page that needs nothing else.
func writePage(w io.Writer, r *evaluating.Report) error {
	return pageTemplate.Execute(w, struct {
		*evaluating.Report
		Protocol string
		Figures  []named
		Plots    []plot
	}{r, protocolOf(r), figuresOf(r), plotsOf(r)})
}

type named struct{ Name, Value string }

func figuresOf(r *evaluating.Report) []named {
	return []named{
		{fmt.Sprintf("HR@%d", r.K), figure(r.HR)}, {fmt.Sprintf("NDCG@%d", r.K), figure(r.NDCG)}, {fmt.Sprintf("MRR@%d", r.K), figure(r.MRR)},
		{"viewers", fmt.Sprint(r.Viewers)}, {"questions", fmt.Sprint(r.Tested)}, {"of them for items nobody had met", fmt.Sprint(r.Unseen)},
		{"repeats left out", fmt.Sprint(r.Repeats)}, {"coverage", figure(r.Coverage)},
		{fmt.Sprintf("HR of %d cold items", r.ColdTested), figure(r.ColdHR)}, {"diversity", figure(r.Diversity)},
		{"author concentration (Herfindahl)", figure(r.Concentration)}, {"novelty", figure(r.Novelty)},
		{"candidates a page", fmt.Sprintf("%.1f", r.Candidates)}, {"recall of candidates", figure(r.Recall)},
		{"µs a page, mean", fmt.Sprintf("%.0f", micros(r.PageTime))}, {"µs a page, p99", fmt.Sprintf("%.0f", micros(r.PageTime99))},
		{"µs an event", fmt.Sprintf("%.1f", micros(r.EventTime))}, {"trainings", fmt.Sprintf("%d in %.1f s", r.Trainings, r.TrainTime.Seconds())},
		{"memory", fmt.Sprintf("%.1f MiB", mebibytes(int64(r.Bytes)))}, {"seconds", fmt.Sprintf("%.1f", r.Took.Seconds())},
	}
}

// plot is bars side by side along one line of zeros.
type plot struct {
	Title, Note string
	Bars        []bar
	Zero        float64 // where the line of zeros is, in units of the drawing
}

// bar is one bar, laid out.
type bar struct {
	Name, Value      string
	X, Width, Y      float64
	TextX            float64
	Strong, Negative bool
}

// The drawing's units.
const (
	barLeft, barRight = 190.0, 640.0
	barHeight         = 22.0
)

type amount struct {
	name   string
	value  float64
	format string
	strong bool
}

func plotsOf(r *evaluating.Report) []plot {
	rivals := []amount{{r.Feed, r.HR, "%.4f", true}}
	for _, b := range r.Baselines {
		rivals = append(rivals, amount{baselineOf(b), b.HR, "%.4f", false})
	}
	plots := []plot{bars(fmt.Sprintf("HR@%d beside baselines", r.K), "the same questions, the same run", rivals)}
	var tenths []amount
	for i, hr := range r.Deciles {
		tenths = append(tenths, amount{fmt.Sprintf("tenth %d", i+1), hr, "%.4f", true})
	}
	plots = append(plots, bars(fmt.Sprintf("HR@%d over time", r.K), "by tenths of the questions, in their order", tenths))
	var proposed, reasons, weights, without []amount
	for _, s := range r.Sources {
		proposed = append(proposed, amount{s.Source, 100 * s.Proposed, "%.1f %%", true})
		reasons = append(reasons, amount{s.Source, 100 * s.Named, "%.1f %%", true})
	}
	plots = append(plots, bars("Sources that proposed the hits", "several may propose one", proposed),
		bars("Sources that were the reason of hits", "each hit has one", reasons))
	for _, w := range weightsOf(r) {
		weights = append(weights, amount{w.Name, w.Learned, "%+.3f", true})
	}
	plots = append(plots, bars("Learned weights", "in standard deviations among the candidates", weights))
	for _, a := range r.Ablation {
		without = append(without, amount{a.Part + " (" + a.Kind + ")", a.NDCG - r.NDCG, "%+.4f", true})
	}
	plots = append(plots, bars(fmt.Sprintf("NDCG@%d without one part", r.K), "the difference; below zero: the part pays", without))
	var drawn []plot
	for _, p := range plots {
		if len(p.Bars) > 0 {
			drawn = append(drawn, p)
		}
	}
	return drawn
}

func bars(title, note string, amounts []amount) plot {
	low, high := 0.0, 0.0
	for _, a := range amounts {
		low, high = min(low, a.value), max(high, a.value)
	}
	unit := (barRight - barLeft) / max(high-low, 1e-12)
	p := plot{Title: title, Note: note, Zero: barLeft - low*unit}
	for i, a := range amounts {
		b := bar{
			Name: a.name, Value: fmt.Sprintf(a.format, a.value), Y: float64(i) * barHeight, X: p.Zero + min(0, a.value)*unit,
			Width: math.Abs(a.value) * unit, Strong: a.strong, Negative: a.value < 0,
		}
		b.TextX = max(b.X+b.Width, p.Zero) + 6
		p.Bars = append(p.Bars, b)
	}
	return p
}

// Height of the drawing.
func (p plot) Height() float64 { return float64(len(p.Bars)) * barHeight }

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Feed}}: {{.Protocol}}</title>
<style>
:root { color-scheme: light dark; --ink: #1b2330; --soft: #667; --bar: #2f6f9f; --weak: #a9b8c6; --minus: #b4553c; --paper: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa4b2; --bar: #6aaede; --weak: #4c5a68; --minus: #e08a6f; --paper: #14181d } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 0 } p { margin: 0; color: var(--soft) }
table { border-collapse: collapse; margin: 1.5rem 0 } td { padding: .1rem 1.5rem .1rem 0 } td + td { font-variant-numeric: tabular-nums; text-align: right }
svg { width: 100%; height: auto; margin-top: .5rem } text { font-size: 12px; fill: var(--ink) } .name { text-anchor: end }
rect { fill: var(--weak) } .strong { fill: var(--bar) } .minus { fill: var(--minus) } line { stroke: var(--soft) }
</style>
<h1>{{.Feed}}</h1>
<p>{{.Protocol}} · configuration {{.Config}} · {{.Lines}} events · {{.Items}} items</p>
<table>
{{range .Figures}}<tr><td>{{.Name}}<td>{{.Value}}
{{end}}</table>
{{range .Plots}}{{$zero := .Zero}}{{$height := .Height}}<h2>{{.Title}}</h2>
<p>{{.Note}}</p>
<svg viewBox="0 0 720 {{.Height}}" role="img" aria-label="{{.Title}}">
{{range .Bars}}<text class="name" x="180" y="{{.Y}}" dy="15">{{.Name}}</text><rect x="{{.X}}" y="{{.Y}}" width="{{.Width}}" height="18"{{if .Negative}} class="minus"{{else if .Strong}} class="strong"{{end}}/><text x="{{.TextX}}" y="{{.Y}}" dy="15">{{.Value}}</text>
{{end}}<line x1="{{$zero}}" x2="{{$zero}}" y1="0" y2="{{$height}}"/>
</svg>
{{end}}</html>
`))
