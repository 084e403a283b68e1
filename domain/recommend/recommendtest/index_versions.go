package recommendtest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func olderChangesNothing(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := item("a", 1)
	s.Version, s.Details.Title = 5, "five"
	x.Apply([]catalog.Snapshot{s})
	v := x.View().Version()
	for _, version := range []uint64{1, 4, 5} {
		s.Version, s.Details.Title = version, "other"
		require.Zero(t, x.Apply([]catalog.Snapshot{s}))
	}
	require.Equal(t, "five", whole(x.View(), "a").Details.Title)
	require.Equal(t, v, x.View().Version())
	s.Version = 6
	require.Equal(t, 1, x.Apply([]catalog.Snapshot{s}))
	require.Equal(t, "other", whole(x.View(), "a").Details.Title)
}

func removedStaysRemoved(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	gone := item("a", 1)
	gone.Version, gone.State = 3, catalog.Removed
	x.Apply([]catalog.Snapshot{gone})
	late := item("a", 1)
	late.Version = 2
	require.Zero(t, x.Apply([]catalog.Snapshot{late}))
	v := x.View()
	require.Equal(t, catalog.Removed, describe(v, "a").State)
	require.Equal(t, catalog.Removed, whole(v, "a").State)
	require.Empty(t, published(v, recommend.Everything))
}

func comesBack(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := item("a", 1)
	x.Apply([]catalog.Snapshot{s})
	at := locate(x.View(), "a")
	shelf := recommend.Shelf{Field: recommend.TagField, Term: term(x.View(), recommend.TagField, s.Details.Tags[0])}
	for _, state := range []catalog.State{catalog.Hidden, catalog.Published, catalog.Removed, catalog.Published} {
		s.Version++
		s.State = state
		x.Apply([]catalog.Snapshot{s})
		want := []catalog.ItemID{}
		if state == catalog.Published {
			want = []catalog.ItemID{"a"}
		}
		require.Equal(t, want, published(x.View(), recommend.Everything), state)
		require.Equal(t, want, published(x.View(), shelf), state)
		require.Equal(t, at, locate(x.View(), "a"))
	}
}

func keepsOrdinal(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{item("a", 1), item("b", 2), item("c", 3)})
	v := x.View()
	b, n := locate(v, "b"), v.Len()
	s := item("b", 2)
	s.Version, s.Details.PublishedAt, s.Details.Tags = 2, noon.Add(time.Hour), []string{"quite", "other"}
	x.Apply([]catalog.Snapshot{s})
	require.Equal(t, b, locate(x.View(), "b"))
	require.Equal(t, n, x.View().Len())
	x.Apply([]catalog.Snapshot{item("d", 4)})
	require.Equal(t, n+1, x.View().Len())
	require.Equal(t, b, locate(x.View(), "b"))
}

func anyOrder(t *testing.T, open func(*testing.T) Catalogue) {
	rapid.Check(t, func(r *rapid.T) {
		final := map[catalog.ItemID]catalog.Snapshot{}
		var all []catalog.Snapshot
		for n := range rapid.IntRange(1, 30).Draw(r, "items") {
			for version := range rapid.IntRange(1, 4).Draw(r, "versions") {
				s := drawn(r, n, uint64(version+1))
				all, final[s.ID] = append(all, s), s
			}
		}
		once := make([]catalog.Snapshot, 0, len(final))
		for _, s := range final {
			once = append(once, s)
		}
		want, got := open(t), open(t)
		want.Apply(once)
		stream := rapid.Permutation(append(slices.Clone(all), all[:len(all)/2]...)).Draw(r, "stream")
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(r, "batch")
			got.Apply(stream[:n])
			stream = stream[n:]
		}
		require.Equal(r, dump(want.View()), dump(got.View()))
		require.Equal(r, want.View().Len(), got.View().Len())
	})
}
