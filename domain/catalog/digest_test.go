package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

func TestADigestTellsSetsApartAndNotTheirOrder(t *testing.T) {
	of := func(order []int, version func(int) uint64) (d catalog.Digest) {
		for _, i := range order {
			d.Add(catalog.ItemID(fmt.Sprint("i", i)), version(i))
		}
		return d
	}
	first := func(int) uint64 { return 1 }
	all := rand.Perm(1000)
	want := of(all, first)
	require.Equal(t, 1000, want.Items)
	for range 5 {
		require.Equal(t, want, of(rand.Perm(1000), first))
	}
	require.NotEqual(t, want, of(all[1:], first), "one is missing")
	seen := map[uint64]int{}
	for i := range 1000 {
		d := of(all, func(j int) uint64 {
			if i == j {
				return 2
			}
			return 1
		})
		seen[d.Sum]++
	}
	require.Len(t, seen, 1000, "one is newer")
	swapped := of(all, func(j int) uint64 { return 1 + uint64(j%2) })
	require.NotEqual(t, swapped, of(all, func(j int) uint64 { return 2 - uint64(j%2) }), "the same versions of others")
	require.Zero(t, catalog.Digest{})
}
