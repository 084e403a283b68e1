package recommend

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheNthLargestIsTheNthOfThoseInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float32Range(-4, 4), 1, 200).Draw(t, "numbers")
		if rapid.Bool().Draw(t, "with equals") {
			for i := range x {
				x[i] = float32(int(x[i]))
			}
		}
		n := rapid.IntRange(1, len(x)).Draw(t, "n")
		sorted := slices.Clone(x)
		slices.Sort(sorted)
		require.Equal(t, sorted[len(x)-n], nth(x, n))
		slices.Sort(x)
		require.Equal(t, sorted, x, "nothing is lost")
	})
}
