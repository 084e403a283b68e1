package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

const (
	wide, high     = 360, 240 // of one plot
	left, bottom   = 56, 40
	right, top     = 12, 28
	plotsAbreast   = 3
	linesOfCosts   = 4
	fontOfTheWhole = "font-family='sans-serif' font-size='11'"
)

// plot draws every curve by itself: what grows from left to right, each size as far from the next as any other, and what a page costs upwards from 0.
func plot(curves []Curve) string {
	var out strings.Builder
	rows := (len(curves) + plotsAbreast - 1) / plotsAbreast
	fmt.Fprintf(&out, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' %s>\n<rect width='100%%' height='100%%' fill='white'/>\n",
		wide*min(plotsAbreast, max(len(curves), 1)), high*max(rows, 1), fontOfTheWhole)
	for i, c := range curves {
		fmt.Fprintf(&out, "<g transform='translate(%d %d)'>\n%s</g>\n", wide*(i%plotsAbreast), high*(i/plotsAbreast), c.plot())
	}
	return out.String() + "</svg>\n"
}

func (c Curve) plot() string {
	var out strings.Builder
	most := 0.0
	for _, p := range c.Points {
		most = max(most, p.CPU)
	}
	most = roundUp(most)
	x := func(i int) float64 {
		return left + float64(i)*(wide-left-right)/math.Max(float64(len(c.Points)-1), 1)
	}
	y := func(cost float64) float64 { return high - bottom - cost/most*(high-bottom-top) }
	fmt.Fprintf(&out, "<text x='%d' y='16' font-weight='bold'>%s</text>\n", left, html.EscapeString("µs a page by "+c.Name))
	for i := range linesOfCosts + 1 {
		cost := most * float64(i) / linesOfCosts
		fmt.Fprintf(&out, "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#ddd'/><text x='%d' y='%.1f' text-anchor='end'>%s</text>\n",
			left, wide-right, y(cost), y(cost), left-6, y(cost)+4, figure(cost))
	}
	var path []string
	for i, p := range c.Points {
		path = append(path, fmt.Sprintf("%.1f,%.1f", x(i), y(p.CPU)))
		anchor := "middle"
		if i > 0 && i == len(c.Points)-1 {
			anchor = "end"
		}
		fmt.Fprintf(&out, "<circle cx='%.1f' cy='%.1f' r='3' fill='#1f6feb'/><text x='%.1f' y='%d' text-anchor='%s'>%s</text>\n",
			x(i), y(p.CPU), x(i), high-bottom+18, anchor, html.EscapeString(p.Label))
	}
	fmt.Fprintf(&out, "<polyline points='%s' fill='none' stroke='#1f6feb' stroke-width='2'/>\n", strings.Join(path, " "))
	return out.String()
}

// roundUp is the next 1, 2 or 5 followed by noughts, or 1.
func roundUp(x float64) float64 {
	if x <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, of := range []float64{1, 2, 5} {
		if x <= of*unit {
			return of * unit
		}
	}
	return 10 * unit
}
