package recommend

import "math"

// Reason says in machine-readable words why an item is shown: the source that spoke loudest for it
// and, where there is one, what that rests on ("item:42", "author:a7", "tag:comedy", "lang:en").
type Reason struct {
	Source  string
	Because string // empty when the source alone is the reason
}

// Score is how much an item is worth to a viewer now; higher is better. NaN and infinities cannot
// enter, so scores always order.
type Score struct{ v float32 }

// NewScore takes a value; what is not finite becomes the lowest score.
func NewScore(v float32) Score {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return Score{-math.MaxFloat32}
	}
	return Score{v}
}

// Value returns the finite number.
func (s Score) Value() float32 { return s.v }

// Less reports whether s is worth less than o.
func (s Score) Less(o Score) bool { return s.v < o.v }
