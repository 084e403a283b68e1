package trainedmodel

import "math"

// How Adam averages slopes and their squares.
const (
	adamMean   = 0.9
	adamSpread = 0.98
)

// tuned are numbers of a model that are being trained, by Adam (Kingma and Ba, "Adam: a Method for Stochastic
// Optimization", ICLR 2015).
type tuned struct {
	at           []float32 // the numbers
	slope        []float32 // of the loss, gathered for the next step
	mean, spread []float32
}

func tune(at []float32) *tuned {
	n := len(at)
	return &tuned{at, make([]float32, n), make([]float32, n), make([]float32, n)}
}

// step moves the numbers from one place on to another against their slopes, which are then 0. It is the n-th step, from 1.
func (p *tuned) step(from, to, n int, rate float64) {
	long := float32(rate * math.Sqrt(1-math.Pow(adamSpread, float64(n))) / (1 - math.Pow(adamMean, float64(n))))
	at, slope, mean, spread := p.at[from:to], p.slope[from:to], p.mean[from:to], p.spread[from:to]
	for i, g := range slope {
		m := adamMean*mean[i] + (1-adamMean)*g
		v := adamSpread*spread[i] + (1-adamSpread)*g*g
		mean[i], spread[i] = m, v
		at[i] -= long * m / (float32(math.Sqrt(float64(v))) + 1e-7)
	}
	clear(slope)
}
