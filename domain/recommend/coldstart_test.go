package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// town has items of a few tags by many authors, and inhabitants who each like the items of one tag. The newest items
// are all of one tag by one author, and so are the most popular ones of another.
func town(t require.TestingT, seed uint64) (*recommend.Pipeline, []catalog.Snapshot) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var items []catalog.Snapshot
	for n := 1; n <= 300; n++ {
		it := item(n, fmt.Sprintf("a%d", rnd.IntN(40)), fmt.Sprintf("t%d", n%6))
		switch {
		case n <= 30:
			it.Details.Author, it.Details.Tags = "new", []string{"news"}
		case n <= 50:
			it.Details.Author, it.Details.Tags = "star", []string{"hits"}
		}
		items = append(items, it)
	}
	index := memindex.New()
	index.Apply(items)
	learner := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	var events []engagement.Logged
	like := func(viewer, n int) {
		events = append(events, engagement.Logged{Offset: engagement.Offset(len(events) + 1), Event: engagement.Event{
			ID: engagement.EventID(fmt.Sprint(len(events))), Viewer: audience.ViewerID(fmt.Sprint(viewer)), Act: audience.Like,
			Item: items[n].ID, At: noon.Add(-24 * time.Hour).Add(time.Duration(len(events)) * time.Second),
		}})
	}
	for viewer := range 120 {
		for range 10 {
			like(viewer, 50+6*rnd.IntN(41)+viewer%6)
			like(viewer, 30+rnd.IntN(20))
		}
	}
	learner.Learn(events)
	def := forYou()
	def.Sources = append(def.Sources, recommend.SourceUse{Name: "trending", Limit: 100})
	def.Weights["popularity"], def.Weights["sequence"], def.Arrange.TagShare = 0.5, 1, 1
	p, err := recommend.NewPipeline(def, index, learner, recommend.Untrained{})
	require.NoError(t, err)
	return p, items
}

func TestAStrangerSeesVariety(t *testing.T) {
	p, _ := town(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		q := query(20)
		q.Seed = rapid.Uint64().Draw(t, "seed")
		authors, tags := map[catalog.AuthorID]int{}, map[string]int{}
		s := p.Recommend(q)
		for _, pick := range s.Picks {
			authors[pick.Item.Details.Author]++
			tags[pick.Item.Details.Tags[0]]++
		}
		require.Len(t, s.Picks, 20)
		require.Empty(t, s.Relaxed)
		require.GreaterOrEqual(t, len(authors), 8, "%v", authors)
		require.GreaterOrEqual(t, len(tags), 4, "%v", tags)
		for author, n := range authors {
			require.LessOrEqual(t, n, 4, author)
		}
		for tag, n := range tags {
			require.LessOrEqual(t, n, 12, tag)
		}
	})
}

func TestAfterOneLikeThePageIsTheirs(t *testing.T) {
	p, items := town(t, 2)
	rapid.Check(t, func(t *rapid.T) {
		q := query(20)
		of := func(tag string) (n int) {
			for _, pick := range p.Recommend(q).Picks {
				if pick.Item.Details.Tags[0] == tag {
					n++
				}
			}
			return n
		}
		liked := items[rapid.IntRange(50, 299).Draw(t, "liked")]
		tag := liked.Details.Tags[0]
		before := of(tag)
		q.Knowledge.Actions = []audience.Action{{Item: liked.ID, Act: audience.Like, At: noon}}
		after := of(tag)
		require.GreaterOrEqual(t, after, before+3, "more of what they liked, %s", tag)
		because := 0
		for _, pick := range p.Recommend(q).Picks {
			if r := pick.Reason; r.Because == "item:"+string(liked.ID) || r.Because == "tag:"+tag || r.Because == "author:"+string(liked.Details.Author) {
				because++
			}
		}
		require.GreaterOrEqual(t, because, 3, "and the page says because of what")
	})
}
