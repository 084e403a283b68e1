package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/recommend"
)

func linksHaveDirection(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0, 1)
	require.Positive(t, s.strength(0, 1))
	require.Zero(t, s.strength(1, 0))
	kept := recommend.Link{From: 9, To: 9, Strength: 1}
	links := s.After([]recommend.Ordinal{s.at(2), recommend.Nowhere, s.at(0)}, 5, []recommend.Link{kept})
	require.Len(t, links, 2, "answers are appended")
	require.Equal(t, kept, links[0])
	require.Equal(t, 2, links[1].From)
	require.Equal(t, s.at(1), links[1].To)
	s.do("w", audience.Like, 2, noon)
	s.do("v2", audience.Like, 0, noon)
	require.Zero(t, s.strength(2, 0), "viewers are apart")
}

func soonerIsStronger(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	all := make([]int, 25)
	for i := range all {
		all[i] = i
	}
	s.session("v", noon, all...)
	for lag := 2; lag <= 20; lag++ {
		require.Less(t, s.strength(0, lag), s.strength(0, lag-1), lag)
		require.Positive(t, s.strength(0, lag), lag)
	}
	require.Zero(t, s.strength(0, 21))
	require.InDelta(t, 0.9, s.strength(0, 2)/s.strength(0, 1), 1e-4)
}

func betterActLater(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	s.do("v", audience.Like, 0, noon)
	s.do("v", audience.Open, 1, noon)
	s.do("v", audience.Like, 2, noon)
	half := s.strength(0, 1)
	s.do("v", audience.Like, 1, noon)
	require.Greater(t, s.strength(0, 1), half)
	require.Zero(t, s.strength(2, 1))
	s.session("w", noon, 10, 11, 12)
	require.InEpsilon(t, s.strength(10, 11), s.strength(0, 1), 1e-5, "as if it had been so from the start")
	require.InEpsilon(t, s.strength(10, 12), s.strength(0, 2), 1e-5)
	s.do("w", audience.Share, 11, noon)
	require.InEpsilon(t, s.strength(0, 1), s.strength(10, 11), 1e-5, "more than good is no better")
}

func leadsAnywhere(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 60)
	for v := range 10 {
		s.session("v"+itoa(v), noon, 0, 10)
		s.session("w"+itoa(v), noon, 1, 11)
	}
	for v := range 30 {
		s.session("x"+itoa(v), noon, 1, 20+v)
	}
	require.Greater(t, s.strength(0, 10), 2*s.strength(1, 11))
	require.Greater(t, s.strength(1, 11), s.strength(1, 20))
}

func linksInOrder(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	for v := range 200 {
		s.session("v"+itoa(v), noon.Add(time.Duration(v)*time.Hour), 0, 1+v%7, 8+v%13, 21+v%3, 24+v%5)
	}
	whole := s.After([]recommend.Ordinal{s.at(0)}, 100, nil)
	require.Len(t, whole, 28)
	for i, l := range whole {
		require.Positive(t, l.Strength)
		require.LessOrEqual(t, l.Strength, float32(1))
		require.True(t, i == 0 || l.Strength <= whole[i-1].Strength)
	}
	for _, n := range []int{0, 1, 5} {
		require.Len(t, s.After([]recommend.Ordinal{s.at(0)}, n, nil), n)
	}
	for v := range 3000 {
		s.session("w"+itoa(v), noon, 5, 6)
	}
	require.LessOrEqual(t, s.strength(5, 6), float32(1))
	require.Greater(t, s.strength(5, 6), float32(0.1))
}

func popularIsDamped(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 40)
	for v := range 300 {
		s.session("v"+itoa(v), noon, 3+v%30, 1) // everybody ends at 1
	}
	for v := range 10 {
		s.session("w"+itoa(v), noon, 0, 1)
		s.session("x"+itoa(v), noon, 0, 2)
	}
	require.Greater(t, s.strength(0, 2), s.strength(0, 1))
}
