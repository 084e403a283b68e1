package recommend

import "math"

// A page asks for thousands of logarithms and powers of two. Log and Exp2 look them up instead, several times as fast as
// those of package math and a hundred times finer than what is told by a float32.

// What the tables hold: a value for so many parts of an octave.
const (
	logBits = 8
	expBits = 9
)

var logs, inverses = func() (logs, inverses [1 << logBits]float64) {
	for i := range logs {
		at := 1 + (float64(i)+0.5)/(1<<logBits)
		logs[i], inverses[i] = math.Log(at), 1/at
	}
	return logs, inverses
}()

// Log is the natural logarithm of a finite x above 0 that is no subnormal number, to within 1e-11 of an octave.
func Log(x float64) float64 {
	const fraction = 1<<52 - 1
	bits := math.Float64bits(x)
	at := bits & fraction >> (52 - logBits)
	r := math.Float64frombits(bits&fraction|1023<<52)*inverses[at] - 1
	return float64(int(bits>>52)-1023)*math.Ln2 + logs[at] + r*(1-r*(1.0/2-r*(1.0/3)))
}

var powers = func() (p [1 << expBits]float64) {
	for i := range p {
		p[i] = math.Exp2(float64(i) / (1 << expBits))
	}
	return p
}()

// Exp2 is 2 to the power of x, to within 1e-9 of itself, and 0 for x below -1000; x lies below 1000.
func Exp2(x float64) float64 {
	if !(x >= -1000) {
		return 0
	}
	whole := math.Floor(x)
	parts := (x - whole) * (1 << expBits)
	at := min(int(parts), 1<<expBits-1) // just below a whole number, parts may be all of them
	r := (parts - float64(at)) * (math.Ln2 / (1 << expBits))
	return math.Float64frombits(uint64(int(whole)+1023)<<52) * powers[at&(1<<expBits-1)] * (1 + r*(1+r*(1.0/2)))
}

// falling are the powers of what is left with each step of something, as float32, for the first steps.
type falling struct {
	base  float64
	first [256]float32
}

func fallingBy(base float64) *falling {
	f := &falling{base: base}
	for k := range f.first {
		f.first[k] = float32(math.Pow(base, float64(k)))
	}
	return f
}

func (f *falling) at(step int) float32 {
	if step < len(f.first) {
		return f.first[step]
	}
	return float32(math.Pow(f.base, float64(step)))
}
