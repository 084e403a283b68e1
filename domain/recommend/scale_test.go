package recommend_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Learned weights may grow: what was configured beside them, and fatigue, keep their force.
func TestWeightsThatGrowTogetherChangeNoPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []catalog.Snapshot
		for n := 1; n <= 60; n++ {
			items = append(items, item(n, fmt.Sprintf("a%d", n%7), fmt.Sprintf("t%d", n%4), fmt.Sprintf("u%d", n%9)))
		}
		def := forYou()
		before := pipeline(t, def, items...)
		def.Weights = map[string]float32{}
		grown := float32(rapid.SampledFrom([]int{2, 8, 64}).Draw(t, "times"))
		for name, w := range forYou().Weights {
			switch name {
			case "freshness", "tag_affinity", "author_affinity":
				w *= grown
			}
			def.Weights[name] = w
		}
		after := pipeline(t, def, items...)
		q := query(20)
		for range rapid.IntRange(0, 5).Draw(t, "likes") {
			q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{
				Item: catalog.ItemID(fmt.Sprintf("i%d", rapid.IntRange(1, 60).Draw(t, "liked"))), Act: audience.Like, At: noon,
			})
		}
		require.NoError(t, q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnTag, ID: "t1"}, audience.Less, noon))
		require.Equal(t, ids(before.Recommend(q)), ids(after.Recommend(q)))
	})
}
