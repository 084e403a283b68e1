package recommend_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

type trained struct{ model *recommend.Model }

func (m *trained) Model() *recommend.Model { return m.model }

// leads is a model of five items in which whoever met i1 turns to i3, then to i4, and away from i2.
func leads(version uint64, sparse bool) *recommend.Model {
	ids := []catalog.ItemID{"i1", "i2", "i3", "i4", "later"}
	rows := make([]recommend.LinearRow, len(ids))
	for i := range rows {
		rows[i].Weights = make([]float32, len(ids))
	}
	rows[0].Weights = []float32{0, -0.5, 0.9, 0.4, 0.7}
	if sparse {
		for i := range rows {
			rows[i] = recommend.LinearRow{To: []uint32{}, Weights: []float32{}}
		}
		rows[0] = recommend.LinearRow{To: []uint32{1, 2, 3, 4}, Weights: []float32{-0.5, 0.9, 0.4, 0.7}}
	}
	return recommend.NewModel(version, ids, rows, nil)
}

func habitual(t *testing.T, models recommend.Models) (*recommend.Pipeline, *memindex.Index) {
	def := forYou()
	def.Sources = []recommend.SourceUse{{Name: "longterm", Limit: 10}}
	def.Weights = map[string]float32{"longterm": 1}
	index := memindex.New()
	for n := 1; n <= 30; n++ {
		index.Apply([]catalog.Snapshot{item(n, fmt.Sprintf("a%d", n))})
	}
	p, err := recommend.NewPipeline(def, index, unlearned{}, models)
	require.NoError(t, err)
	return p, index
}

func liked(ids ...catalog.ItemID) *recommend.Query {
	q := query(3)
	for i, id := range ids {
		q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{Item: id, Act: audience.Like, At: noon.Add(-time.Duration(i) * time.Minute)})
		q.Exclude = append(q.Exclude, id)
	}
	return q
}

func TestTheTrainedModelProposesWhatItExpects(t *testing.T) {
	for name, sparse := range map[string]bool{"whole rows": false, "the strongest of each row": true} {
		t.Run(name, func(t *testing.T) {
			p, _ := habitual(t, &trained{leads(5, sparse)})
			s := p.Recommend(liked("i1"))
			require.Equal(t, []string{"i3", "i4"}, ids(s)[:2])
			require.Equal(t, recommend.Reason{Source: "longterm", Because: "item:i1"}, s.Picks[0].Reason)
			require.Equal(t, uint64(5), s.Trained)
		})
	}
}

func TestAStrangerIsServedWithoutHabits(t *testing.T) {
	p, _ := habitual(t, &trained{leads(1, false)})
	require.Len(t, p.Recommend(query(3)).Picks, 3)
	require.Len(t, p.Recommend(liked("i30")).Picks, 3, "nor one who liked what the model does not know")
}

func TestWithoutAModelPagesComeAllTheSame(t *testing.T) {
	models := &trained{}
	p, _ := habitual(t, models)
	s := p.Recommend(liked("i1"))
	require.Len(t, s.Picks, 3)
	require.Zero(t, s.Trained)

	models.model = leads(2, false)
	require.Equal(t, "i3", ids(p.Recommend(liked("i1")))[0], "a model put in force counts for the next page")
}

func TestAnItemThatCameAfterTheModelWasPlacedIsFound(t *testing.T) {
	p, index := habitual(t, &trained{leads(1, false)})
	require.NotContains(t, ids(p.Recommend(liked("i1"))), "later")
	later := item(31, "somebody")
	later.ID = "later"
	index.Apply([]catalog.Snapshot{later})
	require.Equal(t, []string{"i3", "later", "i4"}, ids(p.Recommend(liked("i1"))))
}

func TestAFeedThatDoesNotWeighTheTrainedModelDoesNotAskIt(t *testing.T) {
	unreadable := recommend.NewModel(1, []catalog.ItemID{"i1"}, nil, &recommend.Recurrent{RecurrentShape: recommend.RecurrentShape{Items: 1, Dims: 1}})
	for _, weight := range []string{"longterm", "longterm_flat", "recurrent"} {
		def := forYou()
		def.Weights = map[string]float32{weight: 1}
		asks := pipelineOn(t, def, &trained{unreadable}, item(1, "a"), item(2, "b"))
		require.Panics(t, func() { asks.Recommend(liked("i1")) }, weight)
	}
	require.Len(t, pipelineOn(t, forYou(), &trained{unreadable}, item(1, "a"), item(2, "b")).Recommend(liked("i1")).Picks, 1)
}
