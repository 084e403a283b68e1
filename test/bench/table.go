package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Row is one figure of the table. One that could not be taken has no Unit, and says in Note why.
type Row struct {
	Of     string  `json:"of"` // the section
	What   string  `json:"what"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
	Ratio  float64 `json:"ratio,omitempty"` // of Value to that of what To names
	To     string  `json:"to,omitempty"`
	Target string  `json:"target,omitempty"` // what is wanted, in words; nothing is judged by it
	Note   string  `json:"note,omitempty"`
}

// missing is the row of what could not be measured here.
func missing(of string, why error) Row { return Row{Of: of, What: "not measured", Note: why.Error()} }

// write prints rows as a table in Markdown whose columns are aligned, a section's name where it begins.
func write(out io.Writer, rows []Row) error {
	cells := [][]string{{"", "what", "figure", "ratio", "target", ""}, nil}
	of := ""
	for _, r := range rows {
		c := []string{"", r.What, "", "", r.Target, r.Note}
		if r.Of != of {
			of = r.Of
			c[0] = of
		}
		if r.Unit != "" {
			c[2] = figure(r.Value) + " " + r.Unit
		}
		if r.To != "" {
			c[3] = figure(r.Ratio) + " × " + r.To
		}
		cells = append(cells, c)
	}
	widths := make([]int, len(cells[0]))
	for _, c := range cells {
		for i, text := range c {
			widths[i] = max(widths[i], utf8.RuneCountInString(text), 1)
		}
	}
	for _, c := range cells {
		var line strings.Builder
		for i, width := range widths {
			if c == nil {
				line.WriteString("|" + strings.Repeat("-", width+2))
				continue
			}
			line.WriteString("| " + c[i] + strings.Repeat(" ", width-utf8.RuneCountInString(c[i])+1))
		}
		if _, err := fmt.Fprintln(out, line.String()+"|"); err != nil {
			return err
		}
	}
	return nil
}

// figure writes three significant digits, and all of those before the point.
func figure(x float64) string {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	digits := max(2-int(math.Floor(math.Log10(math.Abs(x)))), 0)
	text := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}

// median is the middle one of some figures; of none it is 0.
func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return (sorted[len(sorted)/2] + sorted[(len(sorted)-1)/2]) / 2
}
