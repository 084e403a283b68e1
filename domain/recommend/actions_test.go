package recommend_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// actions are weights as a feed may have them.
func actions() map[string]float32 {
	return map[string]float32{"open": 1, "long_watch": 0.5, "like": 1, "share": 1, "follow": 1, "skip": -0.5, "not_interested": -2, "report": -10}
}

// taught is a pipeline over items of which a crowd did what did says, a minute apart, all by viewers of their own.
func taught(t require.TestingT, def recommend.Definition, items []catalog.Snapshot, did ...engagement.Event) *recommend.Pipeline {
	index := memindex.New()
	index.Apply(items)
	l := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	log := make([]engagement.Logged, len(did))
	for i, e := range did {
		e.At = noon.Add(time.Duration(i-len(did)) * time.Second)
		if e.Viewer == "" {
			e.Viewer = audience.ViewerID(fmt.Sprint("v", i))
		}
		log[i] = engagement.Logged{Offset: engagement.Offset(i + 1), Event: e}
	}
	l.Learn(log)
	p, err := recommend.NewPipeline(def, index, l, recommend.Untrained{})
	require.NoError(t, err)
	return p
}

// by has so many viewers do the same.
func by(n int, act audience.Act, item catalog.ItemID) []engagement.Event {
	return slices.Repeat([]engagement.Event{{Act: act, Item: item}}, n)
}

// plainly orders by nothing but what is predicted and how new items are.
func plainly(actions map[string]float32) recommend.Definition {
	def := forYou()
	def.Weights, def.Actions, def.Explore = map[string]float32{"freshness": 0.01}, actions, recommend.Exploration{}
	return def
}

func TestWhatIsDislikedFallsAndWhatIsLikedRises(t *testing.T) {
	items := []catalog.Snapshot{item(1, "a"), item(2, "b"), item(3, "c"), item(4, "d"), item(5, "e"), item(6, "f"), item(7, "g")}
	events := slices.Concat(by(30, audience.Report, "i1"), by(30, audience.Skip, "i2"), by(30, audience.NotInterested, "i6"), by(30, audience.Like, "i4"),
		by(2000, audience.Open, "i7"))
	p := taught(t, plainly(actions()), items, events...)
	require.Equal(t, []string{"i4", "i7", "i3", "i5", "i2", "i6", "i1"}, ids(p.Recommend(query(7))), "the unknown are expected to come to what is usual")
	items[2].Details.Author = "f"
	q := query(7)
	q.Exclude = []catalog.ItemID{"i6"}
	p = taught(t, plainly(actions()), items, events...)
	require.Equal(t, []string{"i4", "i7", "i5", "i2", "i3", "i1"}, ids(p.Recommend(q)), "or to what their author's others do")
	require.Equal(t, []string{"i1", "i2", "i3", "i4", "i5", "i7"}, ids(taught(t, plainly(nil), items, events...).Recommend(q)), "without stakes")
}

func TestOneReportSinksNobody(t *testing.T) {
	items := []catalog.Snapshot{item(1, "a"), item(200, "b")}
	def := plainly(actions())
	def.Weights["freshness"] = 1
	p := taught(t, def, items, slices.Concat(by(1, audience.Report, "i1"), by(100, audience.Open, "i200"))...)
	require.Equal(t, []string{"i1", "i200"}, ids(p.Recommend(query(2))))
}

func TestAViewersHabitSaysWhatCounts(t *testing.T) {
	items := []catalog.Snapshot{item(1, "a"), item(2, "b"), item(3, "c")}
	events := slices.Concat(by(40, audience.Like, "i1"), by(20, audience.Share, "i2"), by(20, audience.Open, "i2"))
	p := taught(t, plainly(map[string]float32{"like": 1, "share": 2}), append(items, item(9, "z")), events...)
	require.Equal(t, []string{"i1", "i2"}, ids(p.Recommend(query(4)))[:2])
	q := query(4)
	for range 3 {
		for n := range 20 {
			act := audience.Open
			if n%2 == 0 {
				act = audience.Share
			}
			q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{Item: catalog.ItemID(fmt.Sprint("i", 100+n)), Act: act, At: noon.Add(-time.Hour)})
		}
	}
	for n := range 20 {
		items = append(items, item(100+n, fmt.Sprint("x", n)))
	}
	p = taught(t, plainly(map[string]float32{"like": 1, "share": 2}), append(items, item(9, "z")), events...)
	q.Exclude = []catalog.ItemID{}
	for n := range 20 {
		q.Exclude = append(q.Exclude, catalog.ItemID(fmt.Sprint("i", 100+n)))
	}
	require.Equal(t, []string{"i2", "i1"}, ids(p.Recommend(q))[:2], "whoever shares much is shown what is shared")
}

func TestDebugTellsThePredictedActions(t *testing.T) {
	items := []catalog.Snapshot{item(1, "a"), item(2, "b"), item(3, "c")}
	events := slices.Concat(by(30, audience.Like, "i1"), by(10, audience.Open, "i2"))
	q := query(3)
	q.Debug = true
	s := taught(t, plainly(actions()), items, events...).Recommend(q)
	var opened float32
	for _, p := range s.Picks {
		require.Len(t, p.Actions, int(recommend.NumOutcomes))
		for k, a := range p.Actions {
			require.Equal(t, recommend.ActionNames()[k], a.Action)
			require.Equal(t, actions()[a.Action], a.Weight)
			require.True(t, a.Chance > 0 && a.Chance <= p.Actions[0].Chance, a)
		}
		opened += p.Actions[0].Chance
		var sum float32
		for _, term := range p.Terms {
			sum += term.Value * term.Weight
		}
		require.InDelta(t, sum, p.Score.Value(), 1e-5)
	}
	require.InDelta(t, 1, opened, 1e-5)
	require.Greater(t, s.Picks[0].Actions[2].Chance/s.Picks[0].Actions[0].Chance, float32(0.3))

	s = taught(t, plainly(map[string]float32{"open": 2, "like": 0}), items, events...).Recommend(q)
	require.Equal(t, "open", s.Picks[0].Actions[0].Action)
	require.Len(t, s.Picks[0].Actions, 1, "what is worth nothing is not predicted")
	q.Debug = false
	require.Nil(t, taught(t, plainly(actions()), items, events...).Recommend(q).Picks[0].Actions)
}

// Whatever was done, with open alone pages are those without any actions; with others they are whole and finite, and
// again the same.
func TestOpenAloneChangesNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, q := world(t)
		events := make([]engagement.Event, rapid.IntRange(0, 80).Draw(t, "events"))
		for i := range events {
			events[i] = engagement.Event{
				Act: rapid.SampledFrom(audience.Acts()).Draw(t, "act"), Item: items[rapid.IntRange(0, len(items)-1).Draw(t, "item")].ID,
				Viewer: audience.ViewerID(fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "viewer"))),
			}
		}
		def := forYou()
		want := taught(t, def, items, events...).Recommend(q)
		def.Actions = map[string]float32{"open": rapid.SampledFrom([]float32{1, 0, -3, 1000}).Draw(t, "open"), "like": 0, "report": 0}
		require.Equal(t, want, taught(t, def, items, events...).Recommend(q))

		for _, name := range recommend.ActionNames() {
			def.Actions[name] = rapid.Float32Range(-1000, 1000).Draw(t, name)
		}
		p := taught(t, def, items, events...)
		got := p.Recommend(q)
		require.Len(t, got.Picks, len(want.Picks))
		for _, pick := range got.Picks {
			require.Equal(t, pick.Score, recommend.NewScore(pick.Score.Value()))
		}
		require.Equal(t, got, p.Recommend(q))
	})
}

func TestActionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name    string
		actions map[string]float32
		fine    bool
	}{
		{"none", nil, true},
		{"the ends", map[string]float32{"like": 1000, "report": -1000}, true},
		{"past the end", map[string]float32{"like": 1000.1}, false},
		{"past the other", map[string]float32{"report": -1000.1}, false},
		{"no number", map[string]float32{"open": float32(math.NaN())}, false},
		{"no action", map[string]float32{"lik": 1}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := forYou()
			def.Actions = c.actions
			err := def.Check()
			if c.fine {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, recommend.ErrDefinition)
			require.Equal(t, "actions", fault.Of(err).Field())
		})
	}
}
