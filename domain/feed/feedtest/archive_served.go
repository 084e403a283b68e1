package feedtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// someday is a moment of this clause's own: others' pages are served now.
func someday() time.Time {
	return time.Date(2001+rand.IntN(20), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rand.Int64N(int64(300 * 24 * time.Hour)))).Truncate(time.Millisecond)
}

// servedAt is a session with a page at each of the times.
func servedAt(t *testing.T, viewer audience.ViewerID, times ...time.Time) []feed.Exposure {
	t.Helper()
	sizes := make([]int, len(times))
	for i := range sizes {
		sizes[i] = i%3 + 1
	}
	v := visit(viewer)
	v.StartedAt, v.ExpiresAt = times[0], times[0].Add(feed.DefaultLife)
	all := exposuresFor(t, visit(viewer), sizes...)
	for i := range all {
		all[i].Visit, all[i].Page.ServedAt = v, times[i]
	}
	return all
}

// list goes through what was served in portions of limit.
func list(t *testing.T, a feed.PageArchive, from, until time.Time, limit int) (all []feed.Exposure) {
	t.Helper()
	var after *feed.Exposure
	for {
		some, err := a.Served(t.Context(), from, until, after, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(some), limit)
		all = append(all, some...)
		if len(some) < limit {
			return all
		}
		after = &some[limit-1]
	}
}

func servedBetween(t *testing.T, a feed.PageArchive) {
	at := someday()
	second := func(n int) time.Time { return at.Add(time.Duration(n) * time.Second) }
	one, other := servedAt(t, newViewer(), second(0), second(2), second(4)), servedAt(t, newViewer(), second(1), second(3), second(5))
	archive(t, a, other...)
	archive(t, a, one...)
	want := []feed.Exposure{one[0], other[0], one[1], other[1], one[2], other[2]}
	for _, limit := range []int{1, 2, 5, 6, 100} {
		require.Equal(t, want, list(t, a, second(0), second(6), limit))
	}
	require.Equal(t, want[1:5], list(t, a, second(1), second(5), 2), "the first moment counts, the last does not")
	require.Equal(t, want[1:4], list(t, a, second(0).Add(time.Millisecond), second(4), 2))
	require.Empty(t, list(t, a, second(3), second(3), 2))
	require.Empty(t, list(t, a, second(3), second(1), 2))
	rest, err := a.Served(t.Context(), second(0), second(6), &want[5], 2)
	require.NoError(t, err)
	require.Empty(t, rest)
	rest, err = a.Served(t.Context(), second(2), second(6), &want[0], 1)
	require.NoError(t, err)
	require.Equal(t, want[2:3], rest, "what comes after lies in the time asked for, too")
}

func servedTogether(t *testing.T, a feed.PageArchive) {
	at := someday()
	var want []feed.Exposure
	viewer := newViewer()
	for i := range 12 {
		if i%3 == 0 {
			viewer = newViewer()
		}
		want = append(want, servedAt(t, viewer, at, at, at)...) // several sessions of a viewer, several pages of each
	}
	archive(t, a, want...)
	name := func(e feed.Exposure) string { return fmt.Sprintf("%s %d", e.Visit.ID, e.Page.Number) }
	names := func(all []feed.Exposure) (names []string) {
		for _, e := range all {
			names = append(names, name(e))
		}
		return names
	}
	for _, limit := range []int{1, 5, 7, 36, 100} {
		require.ElementsMatch(t, names(want), names(list(t, a, at, at.Add(time.Millisecond), limit)))
	}
}
