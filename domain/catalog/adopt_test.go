package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

var adopted = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func stored(version uint64, state catalog.State, d catalog.Details) *catalog.FeedItem {
	return catalog.Recall(catalog.Snapshot{ID: "a", Number: 7, Version: version, State: state, Details: d, ChangedAt: adopted.Add(-time.Hour)})
}

func TestAdoptingRaisesTheVersionAboveWhatWasTold(t *testing.T) {
	item := stored(3, catalog.Hidden, catalog.Details{Title: "by hand", Tags: []string{"x", "x"}, PublishedAt: adopted.Add(-time.Hour)})
	require.NoError(t, item.Adopt(5, 0, adopted))
	s := item.Snapshot()
	require.EqualValues(t, 6, s.Version)
	require.Equal(t, adopted, s.ChangedAt)
	require.Equal(t, catalog.Hidden, s.State)
	require.Equal(t, catalog.Number(7), s.Number)
	require.Equal(t, catalog.Details{Title: "by hand", Tags: []string{"x"}, PublishedAt: adopted.Add(-time.Hour)}, s.Details)
	require.Len(t, item.Facts(), 1)
	require.Equal(t, s, item.Facts()[0].Item)
}

func TestWhatWasToldSinceIsNotAdopted(t *testing.T) {
	for _, c := range []struct {
		name         string
		floor, after uint64
	}{{"the floor itself was not told", 5, 6}, {"one above it was", 4, 5}, {"and what is far above", 0, 5}} {
		item := stored(5, catalog.Published, catalog.Details{PublishedAt: adopted})
		require.NoError(t, item.Adopt(c.floor, 0, adopted))
		require.Equal(t, c.after, item.Snapshot().Version, c.name)
	}
	item := stored(1, catalog.Published, catalog.Details{PublishedAt: adopted})
	require.NoError(t, item.Adopt(1, 0, adopted))
	require.NoError(t, item.Adopt(1, 0, adopted), "the same change, read again")
	require.Len(t, item.Facts(), 1)
}

func TestAnItemThatTheStoreHasNoMoreIsRemoved(t *testing.T) {
	item := catalog.Unknown("a")
	require.NoError(t, item.Adopt(4, 7, adopted))
	require.Equal(t, catalog.Snapshot{
		ID: "a", Number: 7, State: catalog.Removed, Version: 5, ChangedAt: adopted, Details: catalog.Details{PublishedAt: adopted},
	}, item.Snapshot())
	require.False(t, item.Facts()[0].Created)
	require.NoError(t, item.Publish(9, catalog.Details{Title: "again"}, adopted))
	require.EqualValues(t, 6, item.Snapshot().Version, "and comes back above that")
	require.Equal(t, catalog.Number(7), item.Snapshot().Number)
}

func TestWhatNoItemMayBeIsNotAdopted(t *testing.T) {
	good := catalog.Details{PublishedAt: adopted}
	long := catalog.Recall(catalog.Snapshot{ID: "a/b", Number: 7, Version: 1, State: catalog.Published, Details: good, ChangedAt: adopted})
	numberless := catalog.Recall(catalog.Snapshot{ID: "a", Version: 1, State: catalog.Published, Details: good, ChangedAt: adopted})
	for _, c := range []struct {
		name string
		item *catalog.FeedItem
		want error
	}{
		{"no state", stored(1, catalog.Unpublished, good), catalog.ErrState},
		{"a state beyond", stored(1, 4, good), catalog.ErrState},
		{"a bad id", long, catalog.ErrID},
		{"a bad tag", stored(1, catalog.Published, catalog.Details{Tags: []string{"a/b"}}), catalog.ErrTag},
		{"no number", catalog.Unknown("a"), catalog.ErrNumber},
		{"kept without a number", numberless, catalog.ErrNumber},
	} {
		before := c.item.Snapshot()
		require.ErrorIs(t, c.item.Adopt(9, 0, adopted), c.want, c.name)
		require.Equal(t, before, c.item.Snapshot(), c.name)
		require.Empty(t, c.item.Facts(), c.name)
	}
	require.ErrorIs(t, catalog.Unknown("a").Adopt(1, 1<<53, adopted), catalog.ErrNumber)
}
