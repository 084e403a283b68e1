package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Whether the newest items of all are looked through or those of each author, the page is the same.
func TestWhoFollowsManyGetsTheNewestOfThemAll(t *testing.T) {
	for _, c := range []struct {
		name             string
		follows, authors int
	}{
		{"few", 30, 300},
		{"many, whose items are everywhere", 200, 300},
		{"many, whose items are rare", 200, 20_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(4, 2))
			def := recommend.Definition{
				Name: "following", Sources: []recommend.SourceUse{{Name: "following", Limit: 40}}, Weights: map[string]float32{"steered": 4},
				Order: recommend.ByNewest, Supply: recommend.FromSources,
				Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Hour},
			}
			items := make([]catalog.Snapshot, 9000)
			for i := range items {
				items[i] = item(i+1, fmt.Sprintf("a%d", dice.IntN(c.authors)))
			}
			q := query(20)
			viewer := audience.NewViewer("v", nil, nil)
			for len(viewer.Ties(audience.Follows)) < c.follows {
				require.NoError(t, viewer.Follow(catalog.AuthorID(fmt.Sprintf("a%d", dice.IntN(c.authors))), noon))
			}
			q.Knowledge.Viewer = viewer

			each := max(4, 2*40/c.follows)
			var want []catalog.ItemID
			var last catalog.AuthorID
			by := map[catalog.AuthorID]int{}
			for _, it := range items { // newest first
				author := it.Details.Author
				if viewer.Has(audience.Follows, author) && by[author] < each && author != last && len(want) < 20 {
					by[author]++
					want, last = append(want, it.ID), author
				}
			}
			var got []catalog.ItemID
			for _, p := range pipeline(t, def, items...).Recommend(q).Picks {
				got = append(got, p.Item.ID)
			}
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, want, got)
		})
	}
}

func TestOneOfManyWhomAViewerFollowsCannotFillThePage(t *testing.T) {
	def := recommend.Definition{
		Name: "following", Sources: []recommend.SourceUse{{Name: "following", Limit: 40}}, Weights: map[string]float32{"steered": 4},
		Order: recommend.ByNewest, Supply: recommend.FromSources,
		Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Hour},
	}
	q := query(20)
	q.Knowledge.Viewer = audience.NewViewer("v", nil, nil)
	items := make([]catalog.Snapshot, 3000)
	for i := range items {
		author := catalog.AuthorID(fmt.Sprintf("a%d", i%200))
		if i%2 == 0 {
			author = "busy"
		}
		items[i] = item(i+1, string(author))
		require.NoError(t, q.Knowledge.Viewer.Follow(author, noon))
	}
	by := map[catalog.AuthorID]int{}
	picks := pipeline(t, def, items...).Recommend(q).Picks
	for _, p := range picks {
		by[p.Item.Details.Author]++
	}
	require.Len(t, picks, 20)
	require.Equal(t, 4, by["busy"])
}
