package training

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/recommend"
)

// voices are rows of which only the first speaks.
func voices(first []float32) []recommend.LinearRow {
	rows := make([]recommend.LinearRow, len(first))
	rows[0].Weights = first
	for i := 1; i < len(rows); i++ {
		rows[i] = recommend.LinearRow{To: []uint32{}, Weights: []float32{}}
	}
	return rows
}

func TestWhereTheHeldItemComes(t *testing.T) {
	falling := make([]float32, 20) // item n comes at place n
	for i := range falling {
		falling[i] = -float32(i)
	}
	flat := make([]float32, 20)
	for _, c := range []struct {
		name      string
		rows      []recommend.LinearRow
		liked     []uint32
		hit, gain float64
	}{
		{"first", voices(falling), []uint32{0, 1}, 1, 1},
		{"second", voices(falling), []uint32{0, 2}, 1, 1 / math.Log2(3)},
		{"tenth", voices(falling), []uint32{0, 10}, 1, 1 / math.Log2(11)},
		{"eleventh", voices(falling), []uint32{0, 11}, 0, 0},
		{"what the viewer has liked takes no place", voices(falling), []uint32{0, 1, 11}, 1, 1 / math.Log2(11)},
		{"equal to eighteen others", voices(flat), []uint32{0, 7}, 10.0 / 19, upTo(10) / 19},
		{"equal to one on both sides of the tenth place", voices(equal(falling, 10, 11)), []uint32{0, 11}, 0.5, 1 / math.Log2(11) / 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			scores := make([]float32, len(c.rows))
			scores[3] = 99 // of the one before
			hit, gain := regain(c.rows, c.liked, scores)
			require.InDelta(t, c.hit, hit, 1e-9)
			require.InDelta(t, c.gain, gain, 1e-9)
		})
	}
}

func upTo(n int) (sum float64) {
	for i := range n {
		sum += 1 / math.Log2(float64(i+2))
	}
	return sum
}

func equal(of []float32, a, b int) []float32 {
	of = append([]float32(nil), of...)
	of[b] = of[a]
	return of
}

func TestNewerLikesCountMore(t *testing.T) {
	rows := []recommend.LinearRow{
		{To: []uint32{2}, Weights: []float32{1}}, {To: []uint32{3}, Weights: []float32{1}},
		{To: []uint32{}, Weights: []float32{}}, {To: []uint32{}, Weights: []float32{}},
	}
	_, gain := regain(rows, []uint32{0, 1, 3}, make([]float32, 4))
	require.InDelta(t, 1, gain, 1e-9)
	_, gain = regain(rows, []uint32{1, 0, 3}, make([]float32, 4))
	require.InDelta(t, 1/math.Log2(3), gain, 1e-9)
}
