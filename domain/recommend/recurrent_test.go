package recommend_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// foresees is a model of three items in which i30 comes after i1, and i2 after i30.
func foresees() *recommend.Model {
	m := recommend.NewRecurrent(recommend.RecurrentShape{Items: 3, Dims: 3})
	for i := range 3 {
		m.Vectors[i*3+i] = 1
		m.Across[i*3+(i+1)%3] = 1 // the first bank: the item read last
	}
	return recommend.NewModel(1, []catalog.ItemID{"i1", "i30", "i2"}, make([]recommend.LinearRow, 3), m)
}

// foreseeing serves whatever is fresh by that model alone.
func foreseeing(t *testing.T) *recommend.Pipeline {
	p, index := habitual(t, &trained{foresees()})
	def := p.Definition()
	def.Sources = []recommend.SourceUse{{Name: "fresh", Limit: 30}}
	def.Weights = map[string]float32{"recurrent": 1}
	p, err := recommend.NewPipeline(def, index, unlearned{}, &trained{foresees()})
	require.NoError(t, err)
	return p
}

func TestTheRecurrentPartSaysWhatComesNext(t *testing.T) {
	p := foreseeing(t)

	require.Equal(t, "i30", ids(p.Recommend(liked("i1")))[0])
	require.Equal(t, "i30", ids(p.Recommend(liked("i1", "i2")))[0], "the newest like says most")
	require.Equal(t, "i2", ids(p.Recommend(liked("i30", "i1")))[0])

	stranger, none := p.Recommend(query(3)), p.Recommend(liked("i20"))
	require.Len(t, stranger.Picks, 3)
	require.Len(t, none.Picks, 3, "nor is anything expected of one who liked what the model does not know")
}

func TestAnItemThatTheModelDoesNotKnowIsAsLikelyAsTheMean(t *testing.T) {
	p := foreseeing(t)
	q := liked("i1")
	q.Debug, q.Want = true, 29
	scores := map[catalog.ItemID]float32{}
	for _, pick := range p.Recommend(q).Picks {
		scores[pick.Item.ID] = pick.Score.Value()
	}
	require.Greater(t, scores["i30"], scores["i20"])
	require.Greater(t, scores["i20"], scores["i2"], "known, and less likely than the mean")
}

// TestReadingIsAveraging compares what is held of a history with sums over all of it.
func TestReadingIsAveraging(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		shape := recommend.RecurrentShape{Items: 5, Dims: rapid.IntRange(1, 4).Draw(r, "dims"), Hidden: rapid.IntRange(0, 3).Draw(r, "hidden")}
		m := recommend.NewRecurrent(shape)
		for _, part := range m.Parts() {
			for i := range part {
				part[i] = rapid.Float32Range(-1, 1).Draw(r, "number")
			}
		}
		read := rapid.SliceOfN(rapid.Uint32Range(0, 4), 1, 12).Draw(r, "read")
		var reading recommend.Reading
		for range 2 { // what was read before is forgotten
			reading.Begin(m)
			for _, i := range read {
				reading.Read(i)
			}
		}
		reading.Expect()

		rates, shares := recommend.RecurrentRates(shape.Dims)
		next, hidden := make([]float64, shape.Dims), make([]float64, shape.Hidden)
		for s, rate := range rates {
			require.True(t, rate >= 0 && rate < 1)
			state := 0.0
			for k, i := range read {
				state += math.Pow(float64(rate), float64(len(read)-1-k)) * float64(shares[s]) * float64(m.Vectors[int(i)*shape.Dims+s%shape.Dims])
			}
			for h := range hidden {
				hidden[h] += state * float64(m.Inner[s*shape.Hidden+h])
			}
			for d := range next {
				next[d] += state * float64(m.Across[s*shape.Dims+d])
			}
		}
		for h, x := range hidden {
			for d := range next {
				next[d] += max(0, x+float64(m.Shifts[h])) * float64(m.Outer[h*shape.Dims+d])
			}
		}
		var mean float64
		for i := range shape.Items {
			want := float64(m.Biases[i])
			for d, x := range next {
				want += x * float64(m.Vectors[i*shape.Dims+d])
			}
			require.InDelta(t, want, reading.Logit(uint32(i)), 1e-3*(1+math.Abs(want)))
			mean += want / float64(shape.Items)
		}
		require.InDelta(t, mean, reading.Usual(m.Mean()), 1e-3*(1+math.Abs(mean)))
	})
}
