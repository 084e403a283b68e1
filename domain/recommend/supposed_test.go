package recommend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// TestASupposedItemHasTheChanceItWouldWinWith: asked for the winner of a place that explores, it is the winner's chance;
// over all that could have won, it comes to one; where nothing is drawn, it is certain or impossible.
func TestASupposedItemHasTheChanceItWouldWinWith(t *testing.T) {
	p := exploring(t, recommend.Exploration{Share: .2, Met: 20}, 300, 200)
	for seed := range uint64(10) {
		q := query(10)
		q.Seed = seed
		plain := p.Recommend(q)
		places := explored(plain)
		require.NotEmpty(t, places)
		q.Suppose = make([]catalog.Number, 10)
		for i, pick := range plain.Picks {
			require.Zero(t, pick.Supposed, "nothing was asked")
			q.Suppose[i] = pick.Item.Number
		}
		for i, pick := range p.Recommend(q).Picks {
			require.Equal(t, plain.Picks[i].Item.Number, pick.Item.Number, "asking changes nothing")
			require.Equal(t, plain.Picks[i].Chance, pick.Chance)
			if pick.Chance > 0 {
				require.Equal(t, pick.Chance, pick.Supposed)
			} else {
				require.Equal(t, float32(1), pick.Supposed)
			}
		}
		q.Suppose = q.Suppose[:places[0]+1] // a short list asks nothing of the places behind it
		var sum float32
		for n := range catalog.Number(301) {
			q.Suppose[places[0]] = n
			s := p.Recommend(q)
			sum += s.Picks[places[0]].Supposed
			require.Zero(t, s.Picks[9].Supposed*s.Picks[9].Chance)
		}
		require.InDelta(t, 1, sum, .02)
	}
}
