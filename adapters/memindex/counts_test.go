package memindex_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

func TestCounts(t *testing.T) {
	x := plain(3)
	x.SetCounts(map[catalog.ItemID]engagement.Counts{"item-1": {Likes: 3, Plays: 9}, "later": {Shares: 5}})
	got := []engagement.Counts{{Likes: 99}, {}, {}}
	x.CountsOf([]catalog.ItemID{"item-0", "item-1", "later"}, got)
	require.Equal(t, []engagement.Counts{{}, {Likes: 3, Plays: 9}, {Shares: 5}}, got)

	late := snapshot(7, 9, noon)
	late.ID = "later"
	x.Apply([]catalog.Snapshot{late})
	x.CountsOf([]catalog.ItemID{"later"}, got[:1])
	require.Equal(t, engagement.Counts{Shares: 5}, got[0])
	x.SetCounts(map[catalog.ItemID]engagement.Counts{"later": {Shares: 6}})
	x.CountsOf([]catalog.ItemID{"later"}, got[:1])
	require.Equal(t, engagement.Counts{Shares: 6}, got[0])
}

func TestCountsAreNotLostToAnItemThatArrives(t *testing.T) {
	x := memindex.New()
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := range 500 {
			x.Apply([]catalog.Snapshot{snapshot(n, 500, noon)})
		}
	})
	ids := make([]catalog.ItemID, 500)
	for n := range ids {
		ids[n] = snapshot(n, 500, noon).ID
	}
	for round := range int64(2) {
		for _, id := range ids {
			x.SetCounts(map[catalog.ItemID]engagement.Counts{id: {Likes: round + 1}})
		}
	}
	writers.Wait()
	got := make([]engagement.Counts, len(ids))
	x.CountsOf(ids, got)
	for _, n := range got {
		require.Equal(t, engagement.Counts{Likes: 2}, n)
	}
}
