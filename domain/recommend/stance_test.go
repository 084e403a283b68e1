package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func followingFeed(name string) recommend.Definition {
	return recommend.Definition{
		Name: name, Weights: map[string]float32{"steered": 4}, Order: recommend.ByValue, Supply: recommend.FromSources,
		Sources: []recommend.SourceUse{{Name: "following", Limit: 40}, {Name: "fresh", Limit: 40}},
		Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Hour},
	}
}

// What was worked out of a viewer's decisions is kept with the viewer: the pages are those of a viewer read anew.
func TestWhoDecidedMuchGetsTheSamePagesFromPageToPage(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 5))
	author := func() catalog.AuthorID { return catalog.AuthorID(fmt.Sprintf("a%d", dice.IntN(400))) }
	viewer := audience.NewViewer("v", nil, nil)
	for len(viewer.Ties(audience.Follows)) < 100 {
		require.NoError(t, viewer.Follow(author(), noon))
	}
	for range 50 {
		require.NoError(t, viewer.Mute(author(), noon))
		require.NoError(t, viewer.Steer(audience.Target{Kind: audience.OnAuthor, ID: string(author())}, audience.Less, noon))
	}
	anew := func() *audience.Viewer {
		ties := append(append(viewer.Ties(audience.Follows), viewer.Ties(audience.Mutes)...), viewer.Ties(audience.Blocks)...)
		return audience.NewViewer("v", ties, viewer.Decisions())
	}

	type place struct {
		index *memindex.Index
		feeds []*recommend.Pipeline
	}
	places := make([]place, 3) // more feeds in all than are kept
	for i := range places {
		places[i].index = memindex.New()
		for _, name := range []string{"one", "two"} {
			p, err := recommend.NewPipeline(followingFeed(name), places[i].index, unlearned{}, recommend.Untrained{})
			require.NoError(t, err)
			places[i].feeds = append(places[i].feeds, p)
		}
	}
	full := 0
	for round := range 300 {
		at := places[dice.IntN(len(places))]
		if n := dice.IntN(3); n > 0 && round < 200 { // authors become known, each where they are
			at.index.Apply([]catalog.Snapshot{item(round*3+n, string(author()))})
		}
		if dice.IntN(20) == 0 {
			require.NoError(t, viewer.Block(author(), noon))
		}
		feed := at.feeds[dice.IntN(2)]
		q, fresh := query(20), query(20)
		q.Knowledge.Viewer, fresh.Knowledge.Viewer = viewer, anew()
		want := feed.Recommend(fresh)
		require.Equal(t, ids(want), ids(feed.Recommend(q)))
		full += len(want.Picks) / 10
	}
	require.Positive(t, full)
}
