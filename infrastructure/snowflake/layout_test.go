package snowflake_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

var layouts = map[string]snowflake.Layout{"wide": snowflake.Wide, "JSON": snowflake.JSON}

func TestLayoutsKeepWhatTheyPromise(t *testing.T) {
	for name, c := range map[string]struct {
		layout  snowflake.Layout
		bits    uint
		workers int
		years   int
	}{
		"wide": {snowflake.Wide, 63, 1024, 69},
		"JSON": {snowflake.JSON, 53, 256, 34},
	} {
		l := c.layout
		require.Equal(t, c.bits, l.TimeBits+l.WorkerBits+l.SequenceBits, name)
		require.Equal(t, c.workers, l.Workers(), name)
		require.True(t, l.Ends().After(l.Epoch.AddDate(c.years, 0, 0)), name)
		greatest := l.Join(snowflake.Parts{At: l.Ends().Add(-l.Unit), Worker: -1, Sequence: -1})
		require.Equal(t, uint64(1)<<c.bits-1, greatest, name)
	}
	require.EqualValues(t, 1<<53-1, uint64(float64(uint64(1)<<53-1)), "a reader of floating point reads the greatest exactly")
}

func TestATimeBeforeTheEpochIsTheEpoch(t *testing.T) {
	require.Zero(t, snowflake.JSON.Join(snowflake.Parts{At: snowflake.JSON.Epoch.Add(-time.Hour)}))
	require.Zero(t, snowflake.JSON.Join(snowflake.Parts{}))
}

func FuzzAnIDIsWhatItsPartsMake(f *testing.F) {
	for _, id := range []uint64{0, 1, 1<<15 - 1, 1 << 15, 1<<23 - 1, 1 << 23, 1<<53 - 1, 1<<63 - 1} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id uint64) {
		for name, l := range layouts {
			id := id & (1<<(l.TimeBits+l.WorkerBits+l.SequenceBits) - 1)
			p := l.Split(id)
			if got := l.Join(p); got != id {
				t.Errorf("%s: %d is %+v, which is %d", name, id, p, got)
			}
			if p.At.Before(l.Epoch) || !p.At.Before(l.Ends()) || p.Worker < 0 || p.Worker >= l.Workers() {
				t.Errorf("%s: %d is %+v", name, id, p)
			}
		}
	})
}
