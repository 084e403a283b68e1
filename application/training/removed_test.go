package training_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// A model in force was made when an item was there; from its removal on it proposes the others alone.
func TestAModelInForceDoesNotProposeWhatIsRemovedSince(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	_, err := r.train("one").Run(t.Context(), options(), unheard)
	require.NoError(t, err)
	current := training.NewCurrent(r.models, func(_ uint64, err error) { t.Error(err) })
	follow(t, current, 1)

	index := memindex.New()
	put := func(place int, version uint64, state catalog.State) {
		id := current.Model().Items()[place]
		index.Apply([]catalog.Snapshot{{ID: id, Number: catalog.Number(place + 1), Version: version, State: state,
			Details: catalog.Details{Author: catalog.AuthorID(id), PublishedAt: dawn}}})
	}
	for place := range current.Model().Items() {
		put(place, 1, catalog.Published)
	}
	signals := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	p, err := recommend.NewPipeline(recommend.Definition{
		Name: "habits", Sources: []recommend.SourceUse{{Name: "longterm", Limit: 100}}, Weights: map[string]float32{"longterm": 1},
		Order: recommend.ByValue, Supply: recommend.FromSources, Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Minute},
	}, index, signals, current)
	require.NoError(t, err)
	weights := engagement.DefaultWeights()
	proposed := func() (items []catalog.ItemID) {
		slate := p.Recommend(&recommend.Query{
			Now: dawn.Add(time.Hour), Want: 40, Worth: func(a audience.Action) float32 { return weights.Worth(a.Act, a.Watched, a.Duration) },
			Knowledge: audience.Knowledge{Viewer: audience.NewViewer("v", nil, nil),
				Actions: []audience.Action{{Item: current.Model().Items()[0], Act: audience.Like, At: dawn}}},
		})
		for _, pick := range slate.Picks {
			items = append(items, pick.Item.ID)
		}
		return items
	}
	before := proposed()
	require.Greater(t, len(before), 3)
	gone := before[0]
	for place, id := range current.Model().Items() {
		if id == gone {
			put(place, 2, catalog.Removed)
		}
	}
	require.Equal(t, before[1:], proposed())
}
