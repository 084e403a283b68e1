package trainedmodel

import (
	"math"
	"math/rand/v2"
	"sort"
)

// noiseTaste is to which power the number of its fans counts when an item is drawn as one that was not chosen.
const noiseTaste = 0.75

// noise draws items that stand for all that were not chosen.
type noise struct {
	sums []float64 // of the weights of items up to each
	log  []float32 // the logarithm of how often each item is expected in a draw
}

func newNoise(fans []float64, draws int) *noise {
	n := &noise{make([]float64, len(fans)), make([]float32, len(fans))}
	sum := 0.0
	for i, f := range fans {
		sum += math.Pow(f+1, noiseTaste)
		n.sums[i] = sum
	}
	for i, f := range fans {
		n.log[i] = float32(math.Log(math.Pow(f+1, noiseTaste) / sum * float64(draws)))
	}
	return n
}

func (n *noise) draw(chance *rand.Rand) uint32 {
	x := chance.Float64() * n.sums[len(n.sums)-1]
	return uint32(min(len(n.sums)-1, sort.SearchFloat64s(n.sums, x)))
}
