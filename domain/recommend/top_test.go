package recommend

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheTopIsWhatSortingWouldGive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 300).Draw(t, "list")
		n := rapid.IntRange(0, 310).Draw(t, "n")
		want := slices.Clone(list)
		slices.Sort(want)
		require.Equal(t, want[:min(n, len(want))], Top(list, n, cmp.Compare[int]))
	})
}
