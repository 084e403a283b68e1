package memindex

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

func TestFollowersOfAuthorsAreShownAsTheyWereSetLast(t *testing.T) {
	x := New()
	x.SetFollowers(map[catalog.AuthorID]int64{"a": 3, "b": 9})
	x.SetFollowers(map[catalog.AuthorID]int64{"a": 0, "b": 10})
	got := []int64{7, 7, 7}
	x.FollowersOf([]catalog.AuthorID{"a", "b", "nobody"}, got)
	require.Equal(t, []int64{0, 10, 0}, got)
}
