package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestTheTableSaysEachSectionOnceAndAlignsWhatIsNotASCII(t *testing.T) {
	var out strings.Builder
	require.NoError(t, write(&out, []Row{
		{Of: "page", What: "floor", Value: 11.26, Unit: "µs/page"},
		{Of: "page", What: "over HTTP", Value: 654.4, Unit: "µs/page", Ratio: 58.12, To: "floor", Target: "≤ 12 × floor", Note: "busy"},
		missing("connections", errors.New("too few files")),
		{Of: "counters", What: "writes", Value: 0, Unit: "an event"},
	}))
	golden(t, "table.txt", out.String())
}

func TestFiguresHaveThreeDigits(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {0.000512, "0.000512"}, {0.0005, "0.0005"}, {1, "1"}, {1.004, "1"}, {9.999, "10"}, {12.34, "12.3"}, {99.96, "100"}, {100, "100"}, {999.6, "1,000"},
		{1234.5, "1,234"}, {27_235, "27,235"}, {1_000_000, "1,000,000"}, {-63.6, "-63.6"}, {-1234, "-1,234"}, {-123456, "-123,456"},
	} {
		require.Equal(t, c.want, figure(c.x), "%v", c.x)
	}
}

func TestTheMedianLiesInTheMiddle(t *testing.T) {
	require.Zero(t, median(nil))
	require.InDelta(t, 3, median([]float64{3}), 0)
	require.InDelta(t, 2.5, median([]float64{4, 1, 2, 3}), 0)
	of := []float64{9, 1, 5}
	require.InDelta(t, 5, median(of), 0)
	require.Equal(t, []float64{9, 1, 5}, of, "what was given stays in its order")
}
