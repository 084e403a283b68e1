package recommend

import (
	"math"
	"math/rand/v2"
)

// beta is the posterior of the item's quality: Beta(a, b), both at least 1.
func (t Trial) beta() (a, b float64) {
	return 1 + float64(max(0, t.Liked)), 1 + float64(max(0, t.Met-t.Liked))
}

// mean is the posterior's mean.
func (t Trial) mean() float32 {
	a, b := t.beta()
	return float32(a / (a + b))
}

// draw draws from the posterior, as a ratio of two gamma draws.
func (t Trial) draw(rnd *rand.Rand) float32 {
	a, b := t.beta()
	x, y := gamma(rnd, a), gamma(rnd, b)
	return float32(x / (x + y))
}

// gamma draws from Gamma(shape, 1), shape at least 1 (Marsaglia and Tsang 2000).
func gamma(rnd *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rnd.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := 1 - rnd.Float64(); math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// curveSteps is how finely posteriors are integrated.
const curveSteps = 48

// curve is a posterior at the middle of each step: its mass, and the logarithm of the mass up to there.
type curve struct {
	of        Trial
	mass, log [curveSteps]float64
	n         float64 // how many have it
}

var curveLogs = func() (logs [curveSteps]float64) { // of the middles; mirrored they are those of 1 - x
	for i := range logs {
		logs[i] = math.Log((float64(i) + 0.5) / curveSteps)
	}
	return logs
}()

func (c *curve) trace(t Trial) {
	a, b := t.beta()
	c.of, c.n = t, 0
	top := math.Inf(-1)
	for i := range c.mass {
		c.mass[i] = (a-1)*curveLogs[i] + (b-1)*curveLogs[curveSteps-1-i]
		top = max(top, c.mass[i])
	}
	sum := 0.0
	for i, l := range c.mass {
		c.mass[i] = math.Exp(l - top)
		sum += c.mass[i]
	}
	below := 0.0
	for i := range c.mass {
		c.mass[i] /= sum
		c.log[i] = math.Log(max(below+c.mass[i]/2, 1e-300))
		below += c.mass[i]
	}
}

// likeliest is how likely a draw from the posterior of the k-th is above draws from all the others. curves is scratch.
func likeliest(trials []Trial, k int, curves *[]curve) float32 {
	known := (*curves)[:0]
	mine := 0
	for j, t := range trials {
		at := 0
		for at < len(known) && known[at].of != t {
			at++
		}
		if at == len(known) {
			if at < cap(known) {
				known = known[:at+1]
			} else {
				known = append(known, curve{})
			}
			known[at].trace(t)
		}
		known[at].n++
		if j == k {
			mine = at
		}
	}
	*curves = known
	p := 0.0
	for i, mass := range known[mine].mass {
		others := -known[mine].log[i]
		for at := range known {
			others += known[at].n * known[at].log[i]
		}
		p += mass * math.Exp(others)
	}
	return float32(min(1, p))
}
