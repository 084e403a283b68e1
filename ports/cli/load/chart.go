package load

import (
	"fmt"
	"math"
	"strings"
)

// chart is lines over one pair of axes, laid out in the units of the drawing.
type chart struct {
	Title, Note string
	Lines       []line
	Beside      []mark // the vertical axis
	Below       []mark // the horizontal one
}

type line struct {
	Name   string
	Colour int
	Dashed bool
	Path   string
	Y      float64 // of its name in the legend
}

type mark struct {
	At   float64
	Text string
}

// The drawing's units.
const (
	chartLeft, chartRight = 56.0, 560.0
	chartTop, chartBottom = 8.0, 208.0
	legendStep            = 18.0
	colours               = 6
)

// curve is a line before it is laid out.
type curve struct {
	name   string
	colour int
	dashed bool
	x, y   []float64
}

// axis puts values in their place.
type axis struct {
	low, high float64 // of what is placed, after form
	form      func(float64) float64
	from, to  float64 // in the drawing
}

func (a axis) place(v float64) float64 {
	share := (a.form(v) - a.low) / max(a.high-a.low, 1e-12)
	return math.Round((a.from+share*(a.to-a.from))*10) / 10
}

func same(v float64) float64 { return v }

// tail opens up the last hundredths: .9, .99 and .999 are equally far apart.
func tail(share float64) float64 { return -math.Log10(max(1-share, 1e-9)) }

func newChart(title, note string, curves []curve, x axis, logarithmic bool, xMarks []mark) chart {
	c := chart{Title: title, Note: note}
	top, least := 0.0, math.Inf(1)
	for _, one := range curves {
		for _, v := range one.y {
			top = max(top, v)
			if v > 0 {
				least = min(least, v)
			}
		}
	}
	y := axis{low: 0, high: roundUp(top), form: same, from: chartBottom, to: chartTop}
	if logarithmic && top > 0 {
		y.low, y.high = math.Floor(math.Log10(least)), math.Ceil(math.Log10(top)+1e-9)
		y.form = func(v float64) float64 { return max(math.Log10(max(v, 1e-9)), y.low) }
	}
	for _, v := range steps(y, logarithmic && top > 0) {
		c.Beside = append(c.Beside, mark{y.place(v), fmt.Sprintf("%.6g", v)})
	}
	for _, m := range xMarks {
		c.Below = append(c.Below, mark{x.place(m.At), m.Text})
	}
	for i, one := range curves {
		l := line{Name: one.name, Colour: one.colour % colours, Dashed: one.dashed, Y: chartTop + legendStep*(float64(i)+0.5)}
		var path strings.Builder
		for k := range one.x {
			fmt.Fprintf(&path, "%c%g %g", "ML"[min(k, 1)], x.place(one.x[k]), y.place(one.y[k]))
		}
		l.Path = path.String()
		c.Lines = append(c.Lines, l)
	}
	return c
}

// steps are the values that are written beside an axis: powers of ten, or some five round ones.
func steps(a axis, logarithmic bool) []float64 {
	var out []float64
	if logarithmic {
		for e := a.low; e <= a.high; e++ {
			out = append(out, math.Pow(10, e))
		}
		return out
	}
	step := niceStep(a.high / 5)
	for i := 0.0; i*step <= a.high*1.0001; i++ {
		out = append(out, i*step)
	}
	return out
}

// roundUp is where an axis ends that has to hold top.
func roundUp(top float64) float64 {
	top = max(top, 1e-3)
	step := niceStep(top / 5)
	return math.Ceil(top/step-1e-9) * step
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is not below rough.
func niceStep(rough float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if unit*m >= rough*0.999 {
			return unit * m
		}
	}
	return unit * 10
}
