package training

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
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
			hit, gain := regain(ranked(c.rows), c.liked, scores)
			require.InDelta(t, c.hit, hit, 1e-9)
			require.InDelta(t, c.gain, gain, 1e-9)
		})
	}
}

// ranked ranks by rows alone.
func ranked(rows []recommend.LinearRow) ranker {
	return byRehearsal(recommend.NewModel(0, make([]catalog.ItemID, len(rows)), rows, nil))()
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
	_, gain := regain(ranked(rows), []uint32{0, 1, 3}, make([]float32, 4))
	require.InDelta(t, 1, gain, 1e-9)
	_, gain = regain(ranked(rows), []uint32{1, 0, 3}, make([]float32, 4))
	require.InDelta(t, 1/math.Log2(3), gain, 1e-9)
}

func TestWhatAnotherModelDoesNotKnowItDoesNotRank(t *testing.T) {
	m := recommend.NewModel(7, []catalog.ItemID{"c", "gone", "a"}, []recommend.LinearRow{
		{To: []uint32{2}, Weights: []float32{1}}, {To: []uint32{}, Weights: []float32{}}, {To: []uint32{0, 1}, Weights: []float32{2, 9}},
	}, nil)
	rank := byModel(m, []catalog.ItemID{"a", "b", "c"})()
	scores := make([]float32, 3)
	_, gain := regain(rank, []uint32{0, 2}, scores) // a, then c: what is gone takes no place
	require.InDelta(t, 1, gain, 1e-9)
	hit, _ := regain(rank, []uint32{0, 1}, scores)
	require.Zero(t, hit)
}

func TestWhatIsMostPopularComesFirst(t *testing.T) {
	liked := [][]uint32{{1, 0}, {1, 2}, {1}, {2}}
	rank := byFame(slices.Values(liked), 3)()
	_, gain := regain(rank, []uint32{0, 1}, make([]float32, 3))
	require.InDelta(t, 1, gain, 1e-9)
	_, gain = regain(rank, []uint32{0, 2}, make([]float32, 3))
	require.InDelta(t, 1/math.Log2(3), gain, 1e-9)
}

func TestWorseByMoreThanToleratedAndByMoreThanChance(t *testing.T) {
	same := func(n int, x float64) []float64 { return slices.Repeat([]float64{x}, n) }
	for _, c := range []struct {
		name        string
		own, floor  float64
		its, theirs []float64
		withheld    bool
	}{
		{"better than what is popular, nothing in force", 0.2, 0.1, nil, nil, false},
		{"as good as what is popular", 0.1, 0.1, nil, nil, true},
		{"nothing was measured", 0, 0, nil, nil, true},
		{"as good as the one in force", 0.2, 0.1, same(20, 0.5), same(20, 0.5), false},
		{"at the tolerance", 0.2, 0.1, same(20, 0.45), same(20, 0.5), false},
		{"beyond it", 0.2, 0.1, same(20, 0.4499), same(20, 0.5), true},
		{"beyond it, on too few choices", 0.2, 0.1, same(19, 0), same(19, 0.5), false},
		{"beyond it by chance", 0.2, 0.1, append(same(10, 1), same(11, 0)...), append(same(10, 0), same(11, 1)...), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := judge(Verdict{Floor: c.floor}, c.own, c.its, c.theirs, 0.1)
			require.Equal(t, c.withheld, v.Withheld != "", v.Withheld)
		})
	}
}
