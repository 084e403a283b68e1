package recommend

import "math"

// RecurrentBanks is how many averages of what a viewer liked a recurrent model keeps for each dimension.
const RecurrentBanks = 3

// Recurrent is the second part of a trained model: it reads what a viewer liked from the oldest to the newest, and says
// how likely each item comes next. What was read is held as exponential averages of the items' vectors at many rates,
// RecurrentBanks for each dimension (a diagonal linear recurrence, as in Orvieto et al., "Resurrecting Recurrent Neural
// Networks for Long Sequences", ICML 2023, with fixed rates); a layer of rectified units and a straight path lead from there
// to a vector, whose inner product with an item's own is that item's logit. It is immutable, and cheap: reading one item
// more costs a few hundred operations, so that new viewers and new acts count at once.
type Recurrent struct {
	RecurrentShape
	Vectors []float32 // Items×Dims
	Biases  []float32 // Items
	Inner   []float32 // RecurrentBanks·Dims × Hidden
	Shifts  []float32 // Hidden
	Outer   []float32 // Hidden×Dims
	Across  []float32 // RecurrentBanks·Dims × Dims
}

// RecurrentShape is how large a recurrent model is.
type RecurrentShape struct{ Items, Dims, Hidden int }

// The ends of a recurrent model's shape.
const (
	MaxRecurrentDims   = 256
	MaxRecurrentHidden = 1024
)

// State is how many numbers hold what was read.
func (s RecurrentShape) State() int { return RecurrentBanks * s.Dims }

// NewRecurrent has all its numbers, and they are 0.
func NewRecurrent(s RecurrentShape) *Recurrent {
	return &Recurrent{
		RecurrentShape: s,
		Vectors:        make([]float32, s.Items*s.Dims), Biases: make([]float32, s.Items),
		Inner: make([]float32, s.State()*s.Hidden), Shifts: make([]float32, s.Hidden),
		Outer: make([]float32, s.Hidden*s.Dims), Across: make([]float32, s.State()*s.Dims),
	}
}

// Parts are all numbers of the model, in the order in which they are written down.
func (m *Recurrent) Parts() [][]float32 {
	return [][]float32{m.Vectors, m.Biases, m.Inner, m.Shifts, m.Outer, m.Across}
}

// RecurrentRates are, bank after bank, what each average keeps of itself with each item read: nothing in the first bank,
// which so holds the newest item; from 0.4 to 0.85 in the second; from 0.85 to 0.99 in the third. Its share is what it takes
// of the item: as much as gives all averages the same spread in the long run.
func RecurrentRates(dims int) (rates, shares []float32) {
	for bank := range RecurrentBanks {
		for dim := range dims {
			rate := recurrentRate(bank, float32(dim)/float32(max(1, dims-1)))
			rates = append(rates, rate)
			shares = append(shares, float32(math.Sqrt(float64((1-rate)*(1+rate)))))
		}
	}
	return rates, shares
}

func recurrentRate(bank int, along float32) float32 {
	switch bank {
	case 0:
		return 0
	case 1:
		return 0.4 + 0.45*along
	default:
		return 0.85 + 0.14*along
	}
}

// Reading is scratch space for a viewer's history: what was read, and what it leads to.
type Reading struct {
	m             *Recurrent
	rates, shares []float32
	state         []float32
	hidden        []float32
	next          []float32
}

// Begin forgets what was read before.
func (r *Reading) Begin(m *Recurrent) {
	if r.m == nil || r.m.RecurrentShape != m.RecurrentShape {
		r.rates, r.shares = RecurrentRates(m.Dims)
		r.state, r.hidden, r.next = make([]float32, m.State()), make([]float32, m.Hidden), make([]float32, m.Dims)
	}
	r.m = m
	clear(r.state)
}

// Read takes in the item at a place.
func (r *Reading) Read(place uint32) {
	d := r.m.Dims
	v := r.m.Vectors[int(place)*d:][:d]
	for bank := range RecurrentBanks {
		state, rates, shares := r.state[bank*d:][:d], r.rates[bank*d:][:d], r.shares[bank*d:][:d]
		for i, x := range v {
			state[i] = rates[i]*state[i] + shares[i]*x
		}
	}
}

// Expect works out what comes next, for Logit.
func (r *Reading) Expect() {
	m := r.m
	copy(r.hidden, m.Shifts)
	clear(r.next)
	for i, x := range r.state {
		accumulate(r.hidden, x, m.Inner[i*m.Hidden:][:m.Hidden])
		accumulate(r.next, x, m.Across[i*m.Dims:][:m.Dims])
	}
	for i, x := range r.hidden {
		if x > 0 {
			accumulate(r.next, x, m.Outer[i*m.Dims:][:m.Dims])
		}
	}
}

// Logit is the logarithm of how likely the item at a place comes next, up to a constant of the reading.
func (r *Reading) Logit(place uint32) float32 {
	m := r.m
	return m.Biases[place] + inner(r.next, m.Vectors[int(place)*m.Dims:][:m.Dims])
}

// Usual is the mean logit of all items, whose mean vector and bias are given.
func (r *Reading) Usual(vector []float32, bias float32) float32 { return bias + inner(r.next, vector) }

// Mean is the mean vector of all items, and the mean bias.
func (m *Recurrent) Mean() (vector []float32, bias float32) {
	vector = make([]float32, m.Dims)
	part := 1 / float32(max(1, m.Items))
	for place, b := range m.Biases {
		accumulate(vector, part, m.Vectors[place*m.Dims:][:m.Dims])
		bias += part * b
	}
	return vector, bias
}

// accumulate adds x times what to a vector of the same length.
func accumulate(to []float32, x float32, what []float32) {
	what = what[:len(to)]
	for i := range to {
		to[i] += x * what[i]
	}
}

// inner is the inner product of two vectors of the same length.
func inner(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for len(a) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
