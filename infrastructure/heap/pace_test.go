package heap

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const mib = 1 << 20

func TestSpareIsHalfOfWhatIsLiveWithinBounds(t *testing.T) {
	s := Spare{Least: 128 * mib, Most: 2048 * mib}
	for _, c := range []struct {
		live    int64
		percent int
	}{
		{0, 100_000}, {mib, 12_800}, {16 * mib, 800}, {128 * mib, 100}, {256 * mib, 50}, {1024 * mib, 50}, {4096 * mib, 50}, {8192 * mib, 25}, {1 << 40, 10},
	} {
		require.Equal(t, c.percent, s.percent(c.live), "%d MiB live", c.live/mib)
	}
}

func TestThereIsRoomForWhatIsSpare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Spare{Least: rapid.Int64Range(mib, 512*mib).Draw(t, "least"), Most: rapid.Int64Range(512*mib, 4096*mib).Draw(t, "most")}
		live := rapid.Int64Range(mib, 16_384*mib).Draw(t, "live")
		room := live * int64(s.percent(live)) / 100
		require.GreaterOrEqual(t, room, s.of(live)-live/100-1)
		require.LessOrEqual(t, room, max(s.of(live)+live/100+1, live/10+1))
	})
}

func TestThePaceFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "") // so that it is put back
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	p := NewPace(Spare{Least: 64 * mib, Most: 1024 * mib})
	p.given = false
	var set []int
	p.set = func(percent int) int { set = append(set, percent); return debug.SetGCPercent(percent) }
	runtime.GC()
	did, err := p.Adjust(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, did)
	did, _ = p.Adjust(t.Context())
	require.Zero(t, did, "the heap is as it was")
	ballast := make([]byte, 256*mib)
	runtime.GC()
	did, _ = p.Adjust(t.Context())
	require.Equal(t, 1, did)
	require.Len(t, set, 2)
	require.Less(t, set[1], set[0], "what is large is given less in proportion")
	runtime.KeepAlive(ballast)
	p.Restore()
	require.Equal(t, 100, debug.SetGCPercent(100))
}

func TestWhatTheOperatorGaveStays(t *testing.T) {
	t.Setenv("GOGC", "77")
	p := NewPace(Spare{Least: mib, Most: mib})
	p.set = func(int) int { t.Fatal("set"); return 0 }
	did, err := p.Adjust(t.Context())
	require.NoError(t, err)
	require.Zero(t, did)
}
