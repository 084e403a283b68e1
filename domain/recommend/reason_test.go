package recommend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// What is taken down still says what a viewer likes; but nobody is told of it any more.
func TestAReasonNamesNoItemThatWasTakenDown(t *testing.T) {
	for _, state := range []catalog.State{catalog.Hidden, catalog.Removed} {
		t.Run(state.String(), func(t *testing.T) {
			p, index := habitual(t, &trained{leads(5, false)})
			gone := item(1, "a1")
			gone.State, gone.Version = state, 2
			index.Apply([]catalog.Snapshot{gone})
			s := p.Recommend(liked("i1"))
			require.Equal(t, []string{"i3", "i4"}, ids(s)[:2])
			require.Equal(t, recommend.Reason{Source: "longterm"}, s.Picks[0].Reason)

			gone.State, gone.Version = catalog.Published, 3
			index.Apply([]catalog.Snapshot{gone})
			require.Equal(t, recommend.Reason{Source: "longterm", Because: "item:i1"}, p.Recommend(liked("i1")).Picks[0].Reason, "restored")
		})
	}
}
