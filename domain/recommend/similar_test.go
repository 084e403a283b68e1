package recommend_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// library has many new items, and among them some older ones that have a rare word in common with item 1.
func library() []catalog.Snapshot {
	var items []catalog.Snapshot
	for n := 1; n <= 1000; n++ {
		it := item(n, fmt.Sprintf("a%d", n), fmt.Sprintf("t%d", n%5))
		it.Details.Title = fmt.Sprintf("the video w%d", n%100)
		items = append(items, it)
	}
	items[0].Details.Title = "the glacier"
	for _, n := range []int{700, 800, 900} {
		items[n-1].Details.Title = "Glacier video"
	}
	return items
}

func similarFeed() recommend.Definition {
	def := forYou()
	def.Sources = []recommend.SourceUse{{Name: "similar", Limit: 20}}
	def.Supply = recommend.FromSources
	def.Explore = recommend.Exploration{Met: 20}
	def.Weights = map[string]float32{"similarity": 1}
	return def
}

func likes(n int) *recommend.Query {
	q := query(20)
	q.Knowledge.Actions = []audience.Action{{Item: catalog.ItemID(fmt.Sprintf("i%d", n)), Act: audience.Like, At: noon}}
	q.Knowledge.Memory.Consumed = []audience.Mark{{Item: catalog.Number(n), At: noon}}
	return q
}

func TestAnItemNobodyMetHasNeighboursByItsTitle(t *testing.T) {
	s := pipeline(t, similarFeed(), library()...).Recommend(likes(1))
	require.Equal(t, []string{"i700", "i800", "i900"}, ids(s)[:3])
	for _, pick := range s.Picks[:3] {
		require.Equal(t, recommend.Reason{Source: "similar", Because: "item:i1"}, pick.Reason)
	}
}

func TestAViewerWithoutLikesHasNothingSimilar(t *testing.T) {
	require.Empty(t, pipeline(t, similarFeed(), library()...).Recommend(query(20)).Picks)
}

func TestSimilarLeavesWhatManyMetToOthers(t *testing.T) {
	index := memindex.New()
	index.Apply(library())
	learner := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	var events []engagement.Logged
	for n := range 30 {
		events = append(events, engagement.Logged{Offset: engagement.Offset(n + 1), Event: engagement.Event{
			ID: engagement.EventID(fmt.Sprint(n)), Viewer: audience.ViewerID(fmt.Sprint(n)), Act: audience.Like, Item: "i700", At: noon.Add(-time.Hour)}})
	}
	learner.Learn(events)
	p, err := recommend.NewPipeline(similarFeed(), index, learner, recommend.Untrained{})
	require.NoError(t, err)
	require.Equal(t, []string{"i800", "i900"}, ids(p.Recommend(likes(1)))[:2])
	require.NotContains(t, ids(p.Recommend(likes(1))), "i700")
}

func TestWhatNothingIsKnownAfterIsRelatedByItsTitle(t *testing.T) {
	def := similarFeed()
	def.Sources, def.Weights = []recommend.SourceUse{{Name: "related", Limit: 50}}, map[string]float32{"related": 1}
	def.Arrange.TagShare = 1
	q := query(3)
	q.Anchor = "i1"
	s := pipeline(t, def, library()...).Recommend(q)
	require.ElementsMatch(t, []string{"i700", "i800", "i900"}, ids(s))
	require.Equal(t, recommend.Reason{Source: "related", Because: "item:i1"}, s.Picks[0].Reason)
}
