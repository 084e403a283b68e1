package load

import (
	"math"
	"math/rand/v2"
)

// zipf draws numbers from 1 to n, k with a chance proportional to 1/k^s, for any s that is not negative: by rejection
// from the integral of the density (W. Hörmann and G. Derflinger, 1996), in constant time and space. That of the
// standard library wants an s above 1, which audiences rarely have.
type zipf struct {
	n           float64
	s           float64
	first, last float64 // the integral's ends
	accepted    float64 // so near to k nothing has to be rejected
}

func newZipf(n int, s float64) zipf {
	z := zipf{n: float64(n), s: s}
	z.first, z.last = z.integral(1.5)-1, z.integral(z.n+0.5)
	z.accepted = 2 - z.inverse(z.integral(2.5)-z.density(2))
	return z
}

func (z *zipf) draw(rng *rand.Rand) int {
	for {
		u := z.last + rng.Float64()*(z.first-z.last)
		x := z.inverse(u)
		k := min(max(math.Floor(x+0.5), 1), z.n)
		if k-x <= z.accepted || u >= z.integral(k+0.5)-z.density(k) {
			return int(k)
		}
	}
}

func (z *zipf) density(x float64) float64 { return math.Exp(-z.s * math.Log(x)) }

// integral is (x^(1-s) - 1) / (1-s), also where s is 1.
func (z *zipf) integral(x float64) float64 {
	log := math.Log(x)
	if y := (1 - z.s) * log; math.Abs(y) > 1e-8 {
		return math.Expm1(y) / (1 - z.s)
	}
	return log
}

func (z *zipf) inverse(u float64) float64 {
	y := max(u*(1-z.s), -1)
	if math.Abs(y) > 1e-8 {
		return math.Exp(math.Log1p(y) / (1 - z.s))
	}
	return math.Exp(u)
}
