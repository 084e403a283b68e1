package recommend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAThresholdIsReachedByAsManyAsAskedAndBelowItsStepByTooFew(t *testing.T) {
	var sizes threshold
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.OneOf(rapid.Float32Range(-4, 4), rapid.Float32Range(0, 1e-38), rapid.Float32Range(1e30, 3e38)), 0, 200).Draw(t, "numbers")
		n := rapid.IntRange(1, 100).Draw(t, "n")
		least := sizes.of(x, n)
		reach, above, step := 0, 0, least*(1+1.0/16)
		for _, v := range x {
			if v > 0 && v >= least {
				reach++
			}
			if v > step {
				above++
			}
		}
		if least == 0 && reach < n {
			return // there are not as many
		}
		require.GreaterOrEqual(t, reach, n)
		if least > 1e-37 { // steps of subnormal numbers are wider
			require.Less(t, above, n)
		}
	})
}
