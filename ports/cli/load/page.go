package load

import (
	"fmt"
	"html/template"
	"io"
)

// WritePage writes the report as one page that needs nothing else.
func (r *Report) WritePage(w io.Writer) error {
	return pageTemplate.Execute(w, struct {
		*Report
		Title   string
		Charts  []chart
		Text    string
		Failing []named
	}{r, r.Headline(), r.charts(), r.remarks(), r.failing()})
}

type named struct{ Name, Value string }

// failing are the errors, the most frequent first.
func (r *Report) failing() []named {
	var out []named
	for _, name := range byCount(r.Errors) {
		out = append(out, named{name, fmt.Sprintf("%d (%s)", r.Errors[name], percent(r.Errors[name], r.Requests))})
	}
	return out
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"ms": ms, "mib": mebibytes, "counted": counted, "percent": percent,
}).Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; --ink: #1b2330; --soft: #667; --grid: #d8dee6; --paper: #fff; --c0: #2f6f9f; --c1: #b4553c; --c2: #5b8c3a; --c3: #8a5aa8; --c4: #b8862b; --c5: #3a9191 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa4b2; --grid: #2c343e; --paper: #14181d; --c0: #6aaede; --c1: #e08a6f; --c2: #93c572; --c3: #bf95da; --c4: #dcb35f; --c5: #6fc7c7 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 0 } p { margin: 0; color: var(--soft) } pre { white-space: pre-wrap; font: inherit }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .1rem 1rem .1rem 0; text-align: right; font-variant-numeric: tabular-nums; font-weight: normal }
td:first-child, th:first-child { text-align: left } th { color: var(--soft) }
svg { width: 100%; height: auto; margin-top: .5rem } text { font-size: 11px; fill: var(--ink) } .beside { text-anchor: end } .below { text-anchor: middle }
.grid { stroke: var(--grid); stroke-width: 1 } path { fill: none; stroke-width: 1.6 } .dashed { stroke-dasharray: 4 3 }
.c0 { stroke: var(--c0) } .c1 { stroke: var(--c1) } .c2 { stroke: var(--c2) } .c3 { stroke: var(--c3) } .c4 { stroke: var(--c4) } .c5 { stroke: var(--c5) }
</style>
<h1>{{.Title}}</h1>
<p>{{.Began.Format "2006-01-02 15:04:05"}} UTC · {{printf "%.1f" .Seconds}} s measured · {{.Requests}} requests, {{.OK}} answered well ({{printf "%.0f" .PerSecond}} a second), {{.Failed}} failed ({{percent .Failed .Requests}})</p>
<table><tr><th>milliseconds<th>count<th>mean<th>p50<th>p90<th>p99<th>p99.9<th>max
{{define "latency"}}<td>{{.Count}}<td>{{ms .Mean}}<td>{{ms .P50}}<td>{{ms .P90}}<td>{{ms .P99}}<td>{{ms .P999}}<td>{{ms .Max}}{{end -}}
{{range .Kinds}}<tr><td>{{.Name}}{{template "latency" .Latency}}
{{if eq $.Mode "open"}}<tr><td>{{.Name}}, once sent{{template "latency" .Service}}
{{end}}{{end}}{{if eq .Mode "open"}}<tr><td>sent late by{{template "latency" .Late}}
{{end}}</table>
<table><tr><th>process<th>CPU µs a request<th>user s<th>system s<th>cores<th>RSS MiB<th>peak
{{range .Processes}}<tr><td>{{.Name}} ({{.PID}})<td>{{printf "%.0f" .PerRequest}}<td>{{printf "%.2f" .User}}<td>{{printf "%.2f" .System}}<td>{{printf "%.2f" .Cores}}<td>{{printf "%.0f" (mib .RSS)}}<td>{{printf "%.0f" (mib .PeakRSS)}}
{{end}}</table>
<table>
<tr><td>pages<td>{{.Pages.Served}} in {{.Pages.Sessions}} sessions, {{.Pages.Empty}} of them empty, {{.Pages.Items}} items
<tr><td>rungs<td>{{counted .Rungs}}
<tr><td>events<td>{{.Events.Accepted}} accepted, {{.Events.Duplicate}} duplicate, {{.Events.Rejected}} rejected
<tr><td>promises broken<td>{{.Promises.Repeats}} items repeated within a session, {{.Promises.Malformed}} malformed answers
{{with .Idle}}<tr><td>idle connections<td>{{.Opened}} of {{.Wanted}} held, {{.Lost}} lost{{if .Bytes}}, {{.Bytes}} bytes each{{end}}
{{end}}</table>
<h2>Errors</h2>
{{if .Failing}}<table>{{range .Failing}}<tr><td>{{.Name}}<td>{{.Value}}
{{end}}</table>{{else}}<p>none</p>{{end}}
{{range .Promises.Examples}}<p>{{.}}</p>
{{end}}<pre>{{.Text}}</pre>
{{range .Charts}}<h2>{{.Title}}</h2>
<p>{{.Note}}</p>
<svg viewBox="0 0 720 230" role="img" aria-label="{{.Title}}">
{{range .Beside}}<line class="grid" x1="56" x2="560" y1="{{.At}}" y2="{{.At}}"/><text class="beside" x="50" y="{{.At}}" dy="4">{{.Text}}</text>
{{end}}{{range .Below}}<line class="grid" x1="{{.At}}" x2="{{.At}}" y1="8" y2="208"/><text class="below" x="{{.At}}" y="224">{{.Text}}</text>
{{end}}{{range .Lines}}<path class="c{{.Colour}}{{if .Dashed}} dashed{{end}}" d="{{.Path}}"/><path class="c{{.Colour}}{{if .Dashed}} dashed{{end}}" d="M572 {{.Y}}h16"/><text x="594" y="{{.Y}}" dy="4">{{.Name}}</text>
{{end}}</svg>
{{end}}</html>
`))
