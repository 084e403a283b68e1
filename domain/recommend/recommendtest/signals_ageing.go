package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func favouritesGiveWay(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for v := range 30 {
		s.session("v"+itoa(v), noon, 0)
	}
	later := noon.Add(60 * 24 * time.Hour)
	for v := range 10 {
		s.session("w"+itoa(v), later, 1)
	}
	require.Equal(t, []catalog.ItemID{"i1", "i0"}, s.trending(recommend.Everything, later, 0, 5))
	require.Greater(t, s.popularity(1, later), s.popularity(0, later))
	require.Positive(t, s.popularity(0, later))
}

func outlivesSilence(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 12)
	for v := range 66 {
		n := 0
		for k := v; k >= n+1; n++ {
			k -= n + 1
		}
		s.session("v"+itoa(v), noon.Add(time.Duration(v)*time.Minute), n) // item n is liked by n+1 viewers
	}
	want := []catalog.ItemID{"i10", "i9", "i8", "i7", "i6", "i5", "i4", "i3", "i2", "i1", "i0"}
	for _, silence := range []time.Duration{time.Hour * 2, 30 * 24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		now := noon.Add(silence)
		require.Equal(t, want, s.trending(recommend.Everything, now, 0, 20), silence)
		for n := range 10 {
			require.Greater(t, s.popularity(n+1, now), s.popularity(n, now), silence)
		}
		require.Positive(t, s.popularity(0, now))
	}
}

func distantPast(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 4)
	past := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	s.session("a", past, 0, 1)
	s.session("b", past.Add(time.Hour), 0, 1)
	s.session("c", past.Add(12*365*24*time.Hour), 0, 2)
	s.session("d", past, 3) // late news
	require.Positive(t, s.popularity(3, noon))
	require.Greater(t, s.popularity(2, noon), s.popularity(1, noon))
	require.Positive(t, s.popularity(1, noon))
	require.Greater(t, s.strength(0, 1), s.strength(0, 2))
	require.Equal(t, []catalog.ItemID{"i2", "i0"}, s.trending(recommend.Everything, noon, 0, 2))
}

func fameFades(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("a", noon, 0)
	s.session("b", noon, 0)
	halves := []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}
	for window, half := range halves {
		s.session("c", noon.Add(half), 1) // brings the time there
		fame := s.fame(0, noon.Add(half))
		require.InDelta(t, 1, fame.Recent[window], 1e-5, half)
		require.Equal(t, float32(2), fame.Ever)
		require.Equal(t, half, fame.Known)
		for shorter := range window {
			require.Less(t, fame.Recent[shorter], fame.Recent[window])
		}
	}
	require.Equal(t, recommend.Fame{Known: -1}, s.fame(2, noon))
	var nowhere [1]recommend.Fame
	s.Fame([]recommend.Ordinal{recommend.Nowhere}, noon, nowhere[:])
	require.Equal(t, recommend.Fame{Known: -1}, nowhere[0])
}

func silenceEndsFame(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	s.session("a", noon, 0)
	s.session("b", noon.Add(time.Hour), 1)
	later := noon.Add(4 * 365 * 24 * time.Hour)
	require.Equal(t, recommend.Fame{Ever: 1, Known: later.Sub(noon)}, s.fame(0, later))
	require.Positive(t, s.popularity(0, later), "what many liked last still trends")
	require.Zero(t, s.fame(1, noon).Known, "asked of an earlier time")
}
