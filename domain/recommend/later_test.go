package recommend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// ahead are signals that know of an item which came after the view was taken.
type ahead struct{ unlearned }

func (ahead) After(_ []recommend.Ordinal, _ int, into []recommend.Link) []recommend.Link {
	return append(into, recommend.Link{To: 70, Strength: 1}, recommend.Link{To: 1, Strength: 0.5})
}

// taken is an index of which a view was taken before.
type taken struct{ now recommend.View }

func (x *taken) View() recommend.View { return x.now }

func TestWhatCameAfterThePageBeganIsNotOnIt(t *testing.T) {
	def := forYou()
	def.Sources = []recommend.SourceUse{{Name: "sequence", Limit: 10}, {Name: "longterm", Limit: 10}}
	index := memindex.New()
	for _, id := range []catalog.ItemID{"i1", "i2", "i3", "i4"} {
		s := item(index.View().Len()+1, "a-"+string(id))
		s.ID = id
		index.Apply([]catalog.Snapshot{s})
	}
	old := index.View()
	later := item(5, "b")
	later.ID = "later"
	index.Apply([]catalog.Snapshot{later})

	x := &taken{index.View()}
	p, err := recommend.NewPipeline(def, x, ahead{}, &trained{leads(1, false)})
	require.NoError(t, err)
	q := liked("i1")
	q.Want, q.Debug = 5, true
	require.Contains(t, ids(p.Recommend(q)), "later", "the model knows where it is")

	x.now = old
	require.ElementsMatch(t, []string{"i2", "i3", "i4"}, ids(p.Recommend(q)))
}
