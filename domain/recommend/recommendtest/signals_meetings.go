package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func dislikedIsOnlyMet(t *testing.T, open func(*testing.T) Mind) {
	for _, act := range []audience.Act{audience.Skip, audience.NotInterested, audience.Report, audience.Seen} {
		s := stage(open(t), 3)
		s.do("v", audience.Like, 0, noon)
		s.do("v", act, 1, noon)
		s.do("v", audience.Like, 2, noon)
		require.Zero(t, s.strength(0, 1), act)
		require.Positive(t, s.strength(0, 2), act)
		require.Zero(t, s.popularity(1, noon), act)
		require.Equal(t, recommend.Trial{Met: 1}, s.trial(1), act)
		require.NotContains(t, s.trending(recommend.Everything, noon, 0, 9), catalog.ItemID("i1"))
	}
}

func meetingsCountOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for _, act := range []audience.Act{audience.Seen, audience.Open, audience.PlayStart, audience.PlayComplete, audience.Like, audience.Share} {
		s.do("v", act, 0, noon)
	}
	require.Equal(t, recommend.Trial{Met: 1, Liked: 1}, s.trial(0))
	once := s.popularity(0, noon)
	s.do("w", audience.Like, 1, noon)
	require.InEpsilon(t, s.popularity(1, noon), once, 0.01, "acts on one item add up to one good act")
	s.do("v", audience.NotInterested, 0, noon)
	require.Equal(t, recommend.Trial{Met: 1}, s.trial(0), "a viewer may change their mind")
	s.do("w", audience.Seen, 0, noon)
	require.Equal(t, recommend.Trial{Met: 2}, s.trial(0))

	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i2", At: noon, Watched: 5 * time.Second, Duration: 10 * time.Second}})
	require.InDelta(t, 0.5, s.trial(2).Liked, 1e-4)
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i2", At: noon, Watched: 8 * time.Second, Duration: 10 * time.Second}})
	require.InDelta(t, 0.8, s.trial(2).Liked, 1e-4)
	require.InDelta(t, 1, s.trial(2).Met, 1e-4)
}

func oneViewerAlone(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for n := range 3000 {
		at := noon.Add(time.Duration(n) * time.Second)
		s.do("bot", audience.Like, 0, at)
		s.do("bot", audience.Share, 1, at)
	}
	for _, v := range []string{"a", "b", "c"} {
		s.session(v, noon, 0, 2)
	}
	end := noon.Add(time.Hour)
	require.Greater(t, s.popularity(2, end), s.popularity(1, end))
	require.Greater(t, s.strength(0, 2), s.strength(0, 1))
	require.Less(t, s.trial(1).Met, float32(1.1))
}

func floodIsCut(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3000)
	for n := range 3000 {
		s.do("bot", audience.Like, n, noon.Add(time.Duration(n%7)*time.Millisecond))
	}
	require.Less(t, len(s.trending(recommend.Everything, noon, 0, 3000)), 1000)
	s.do("human", audience.Like, 2999, noon)
	require.Positive(t, s.popularity(2999, noon))
	before := len(s.trending(recommend.Everything, noon, 0, 3000))
	s.do("bot", audience.Like, 2500, noon.Add(-time.Hour))
	require.Len(t, s.trending(recommend.Everything, noon, 0, 3000), before, "a clock put back opens no new minute")
	s.do("bot", audience.Like, 2500, noon.Add(time.Hour))
	require.Len(t, s.trending(recommend.Everything, noon, 0, 3000), before+1, "one that went on does")
}
