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
	"github.com/freshet/freshet/domain/recommend"
)

// tried are signals that know only how items fared.
type tried struct {
	unlearned
	trials map[recommend.Ordinal]recommend.Trial
}

func (s tried) Trials(of []recommend.Ordinal, into []recommend.Trial) {
	for i, at := range of {
		into[i] = s.trials[at]
	}
}

// exploring has items well known and items that few have met: of the n items the first known are known, by n/10
// authors in turn.
func exploring(t require.TestingT, e recommend.Exploration, n, known int) *recommend.Pipeline {
	index := memindex.New()
	items := make([]catalog.Snapshot, n)
	for i := range items {
		items[i] = item(i+1, fmt.Sprintf("a%d", i%(n/10)), fmt.Sprintf("t%d", i%7))
	}
	index.Apply(items)
	signals := tried{trials: map[recommend.Ordinal]recommend.Trial{}}
	var at [1]recommend.Ordinal
	for i := range items {
		index.View().Locate([]catalog.ItemID{items[i].ID}, at[:])
		if i < known {
			signals.trials[at[0]] = recommend.Trial{Met: 100, Liked: 50}
		} else {
			signals.trials[at[0]] = recommend.Trial{Met: float32(i % 4 * 2), Liked: float32(i % 3)}
		}
	}
	def := forYou()
	def.Explore = e
	p, err := recommend.NewPipeline(def, index, signals, recommend.Untrained{})
	require.NoError(t, err)
	return p
}

func explored(s recommend.Slate) (places []int) {
	for i, p := range s.Picks {
		if p.Reason.Source == "explore" {
			places = append(places, i)
		}
	}
	return places
}

func TestTheBudgetIsKeptOverEveryStretchOfASession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := recommend.Exploration{Share: float64(rapid.IntRange(0, 2000).Draw(t, "share")) / 10000, Met: 20}
		p := exploring(t, e, 600, 300)
		q := query(0)
		q.Seed = rapid.Uint64().Draw(t, "seed")
		var there []bool
		for range 5 {
			q.Want = rapid.IntRange(1, 20).Draw(t, "want")
			s := p.Recommend(q)
			places := map[int]bool{}
			for _, i := range explored(s) {
				places[i] = true
			}
			require.NotContains(t, s.Relaxed, "explore")
			for i, pick := range s.Picks {
				q.Served = append(q.Served, pick.Item.Number)
				there = append(there, places[i])
				require.Equal(t, places[i], pick.Chance > 0)
				require.LessOrEqual(t, pick.Chance, float32(1))
				if places[i] {
					require.GreaterOrEqual(t, pick.Chance, float32(0.1/20))
					require.Greater(t, pick.Item.Number, catalog.Number(300), "it is one that few have met")
				}
			}
		}
		for from := range there {
			n := 0
			for to := from; to < len(there); to++ {
				if there[to] {
					n++
				}
				length := float64(to - from + 1)
				if float64(n) > math.Ceil(e.Share*length-1e-9) || float64(n) < math.Floor(e.Share*length+1e-9) {
					t.Fatalf("%d of %v places from %d on are for exploring at a share of %v", n, length, from, e.Share)
				}
			}
		}
	})
}

func TestOverAllSessionsEveryPlaceIsAsLikelyToExplore(t *testing.T) {
	p := exploring(t, recommend.Exploration{Share: 0.1, Met: 20}, 400, 200)
	var at [10]int
	q := query(10)
	for seed := range uint64(3000) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		for _, i := range explored(p.Recommend(q)) {
			at[i]++
		}
	}
	for i, n := range at {
		require.InDelta(t, 300, n, 75, "place %d", i)
	}
}

// What a page says of the chance of what it explores is how often that comes up.
func TestTheChanceIsTheTruth(t *testing.T) {
	p := exploring(t, recommend.Exploration{Share: 1, Met: 20}, 40, 30)
	q := query(1)
	shown, chance := map[catalog.ItemID]float64{}, map[catalog.ItemID]float64{}
	const n = 5000
	for seed := range uint64(n) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		pick := p.Recommend(q).Picks[0]
		require.Positive(t, pick.Chance)
		shown[pick.Item.ID]++
		chance[pick.Item.ID] = float64(pick.Chance)
	}
	require.Len(t, shown, 10, "everything that few have met comes up")
	sum := 0.0
	for id, c := range chance {
		require.InDelta(t, c, shown[id]/n, 0.025, id)
		sum += c
	}
	require.InDelta(t, 1, sum, 0.01)
}

func TestWhatFaredWellIsExploredMore(t *testing.T) {
	index := memindex.New()
	index.Apply([]catalog.Snapshot{item(1, "a"), item(2, "b"), item(3, "c")})
	var at [3]recommend.Ordinal
	index.View().Locate([]catalog.ItemID{"i1", "i2", "i3"}, at[:])
	def := forYou()
	def.Sources, def.Explore = []recommend.SourceUse{{Name: "explore", Limit: 10}}, recommend.Exploration{Share: 1, Met: 20}
	p, err := recommend.NewPipeline(def, index, tried{trials: map[recommend.Ordinal]recommend.Trial{at[0]: {Met: 10, Liked: 9}, at[1]: {Met: 10, Liked: 5}, at[2]: {Met: 10}}}, recommend.Untrained{})
	require.NoError(t, err)
	times := map[string]int{}
	q := query(1)
	for seed := range uint64(1000) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		times[ids(p.Recommend(q))[0]]++
	}
	require.Greater(t, times["i1"], 850)
	require.Greater(t, times["i2"], times["i3"])
	require.Positive(t, times["i3"], "none is without a chance")
}

// The part that goes by lot falls to all alike.
func TestTheLotFavoursNone(t *testing.T) {
	index, signals := memindex.New(), tried{trials: map[recommend.Ordinal]recommend.Trial{}}
	for n := 1; n <= 10; n++ {
		index.Apply([]catalog.Snapshot{item(n, fmt.Sprintf("a%d", n))})
		signals.trials[recommend.Ordinal(n-1)] = recommend.Trial{Met: 1000}
	}
	signals.trials[0] = recommend.Trial{Met: 1000, Liked: 1000}
	def := forYou()
	def.Sources, def.Explore = []recommend.SourceUse{{Name: "explore", Limit: 20}}, recommend.Exploration{Share: 1, Met: 2000}
	p, err := recommend.NewPipeline(def, index, signals, recommend.Untrained{})
	require.NoError(t, err)
	shown := map[catalog.Number]float64{}
	q := query(1)
	const n = 20_000
	for seed := range uint64(n) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		pick := p.Recommend(q).Picks[0]
		shown[pick.Item.Number]++
		if pick.Item.Number > 1 {
			require.InDelta(t, .01, pick.Chance, 1e-4)
		}
	}
	for number := catalog.Number(2); number <= 10; number++ {
		require.InDelta(t, .01, shown[number]/n, .003)
	}
}

// A new item that comes in between does not change what was drawn for the others.
func TestADrawDoesNotDependOnOthers(t *testing.T) {
	few, more := exploring(t, recommend.Exploration{Share: 1, Met: 20}, 60, 40), exploring(t, recommend.Exploration{Share: 1, Met: 20}, 61, 40)
	q := query(1)
	same := 0
	for seed := range uint64(300) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		if a, b := ids(few.Recommend(q)), ids(more.Recommend(q)); a[0] == b[0] {
			same++
		}
	}
	require.Greater(t, same, 250)
}

// alike are signals by which viewers turn from any item to all items, to each as much.
type alike struct{ unlearned }

func (alike) After(of []recommend.Ordinal, n int, into []recommend.Link) []recommend.Link {
	for from := range of {
		for to := range min(n, 60) {
			into = append(into, recommend.Link{From: from, To: recommend.Ordinal(to), Strength: 0.1})
		}
	}
	return into
}

// Instances that took in the catalogue in another order explore the same.
func TestADrawIsTheSameOnEveryInstance(t *testing.T) {
	const n = 60
	instance := func(order func([]catalog.Snapshot)) *recommend.Pipeline {
		index := memindex.New()
		var items []catalog.Snapshot
		for i := range n {
			items = append(items, item(i+1, fmt.Sprintf("a%d", i)))
		}
		order(items)
		for i := range items {
			index.Apply(items[i : i+1])
		}
		def := forYou()
		def.Sources = []recommend.SourceUse{{Name: "sequence", Limit: n}, {Name: "explore", Limit: n}}
		def.Explore = recommend.Exploration{Share: 1, Met: 20}
		p, err := recommend.NewPipeline(def, index, alike{}, recommend.Untrained{})
		require.NoError(t, err)
		return p
	}
	one, two := instance(func([]catalog.Snapshot) {}), instance(slices.Reverse[[]catalog.Snapshot])
	q := query(3)
	q.Knowledge.Actions = []audience.Action{{Item: "i1", Act: audience.Like, At: noon.Add(-time.Minute)}}
	for seed := range uint64(300) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		a, b := one.Recommend(q), two.Recommend(q)
		require.Len(t, explored(a), 3)
		require.Equal(t, ids(a), ids(b), "seed %d", seed)
		for i := range a.Picks {
			require.Equal(t, a.Picks[i].Chance, b.Picks[i].Chance)
		}
	}
}

func TestSmallAuthorsHaveTheirPartOfExploring(t *testing.T) {
	small := func(e recommend.Exploration) (n, of int) {
		index := memindex.New()
		var items []catalog.Snapshot
		for i := range 200 { // one in ten by somebody small
			author := fmt.Sprintf("big%d", i%18)
			if i%10 == 0 {
				author = fmt.Sprintf("small%d", i)
			}
			items = append(items, item(i+1, author))
		}
		index.Apply(items)
		signals := tried{trials: map[recommend.Ordinal]recommend.Trial{}}
		var at [1]recommend.Ordinal
		for i := range items {
			if i%10 != 0 {
				index.View().Locate([]catalog.ItemID{items[i].ID}, at[:])
				signals.trials[at[0]] = recommend.Trial{Met: 15, Liked: 10}
			}
		}
		def := forYou()
		def.Sources, def.Explore = []recommend.SourceUse{{Name: "explore", Limit: 100}, {Name: "fresh", Limit: 5}}, e
		p, err := recommend.NewPipeline(def, index, signals, recommend.Untrained{})
		require.NoError(t, err)
		q := query(1)
		for seed := range uint64(1000) {
			q.Seed = seed * 0x9e3779b97f4a7c15
			pick := p.Recommend(q).Picks[0]
			require.Equal(t, "explore", pick.Reason.Source)
			if pick.Item.Details.Author[0] == 's' {
				n++
			}
			of++
		}
		return n, of
	}
	n, of := small(recommend.Exploration{Share: 1, Met: 20, SmallAuthors: 0.5, AuthorMet: 50})
	require.Greater(t, float64(n)/float64(of), 0.5)
	n, of = small(recommend.Exploration{Share: 1, Met: 20, SmallAuthors: 1, AuthorMet: 50})
	require.Equal(t, of, n)
}

func TestNoAuthorFloodsExploring(t *testing.T) {
	index := memindex.New()
	var items []catalog.Snapshot
	for n := 1; n <= 300; n++ {
		items = append(items, item(n, "flood"))
	}
	for n := 301; n <= 320; n++ {
		items = append(items, item(n, fmt.Sprintf("a%d", n)))
	}
	index.Apply(items)
	def := forYou()
	def.Sources, def.Explore = []recommend.SourceUse{{Name: "explore", Limit: 20}}, recommend.Exploration{Share: 1, Met: 20}
	p, err := recommend.NewPipeline(def, index, unlearned{}, recommend.Untrained{})
	require.NoError(t, err)
	by := map[catalog.AuthorID]bool{}
	for seed := range uint64(200) {
		q := query(1)
		q.Seed = seed * 0x9e3779b97f4a7c15
		by[p.Recommend(q).Picks[0].Item.Details.Author] = true
	}
	require.Greater(t, len(by), 10)
}

// What nobody met while it was new is still found.
func TestOldItemsAreExploredToo(t *testing.T) {
	p := exploring(t, recommend.Exploration{Share: 1, Met: 20}, 5000, 4900)
	q := query(1)
	found := 0
	for seed := range uint64(500) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		found += len(explored(p.Recommend(q)))
	}
	require.Greater(t, found, 20)
}

func TestExploringObeysTheViewer(t *testing.T) {
	p := exploring(t, recommend.Exploration{Share: 1, Met: 20}, 100, 80)
	q := query(20)
	must(q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnAuthor, ID: "a8"}, audience.Less, noon))
	must(q.Knowledge.Viewer.Mute("a9", noon))
	n := 0
	for seed := range uint64(50) {
		q.Seed = seed * 0x9e3779b97f4a7c15
		s := p.Recommend(q)
		require.Len(t, s.Picks, 20)
		for _, i := range explored(s) {
			require.NotContains(t, []catalog.AuthorID{"a8", "a9"}, s.Picks[i].Item.Details.Author)
			n++
		}
	}
	require.Greater(t, n, 300)
}

func TestWhatIsThereForItsWorthIsNotExplored(t *testing.T) {
	def := forYou()
	def.Explore = recommend.Exploration{}
	var items []catalog.Snapshot
	for n := 1; n <= 40; n++ {
		items = append(items, item(n, fmt.Sprintf("a%d", n)))
	}
	worthy := ids(pipeline(t, def, items...).Recommend(query(10)))
	def.Explore = recommend.Exploration{Share: 0.5, Met: 20}
	s := pipeline(t, def, items...).Recommend(query(10))
	places := explored(s)
	require.Len(t, places, 5)
	for _, i := range places {
		require.NotContains(t, worthy, ids(s)[i])
	}
}

func TestASlotForExploringNeedsNoBudget(t *testing.T) {
	p := exploring(t, recommend.Exploration{Met: 20}, 400, 200)
	require.Empty(t, explored(p.Recommend(query(20))), "without a budget nothing is explored")

	def := p.Definition()
	def.Slots = []recommend.Slot{{Source: "explore", From: 5, Every: 10}}
	index := memindex.New()
	index.Apply(ten())
	var more []catalog.Snapshot
	for n := 11; n <= 200; n++ {
		more = append(more, item(n, fmt.Sprintf("b%d", n)))
	}
	index.Apply(more)
	p, err := recommend.NewPipeline(def, index, unlearned{}, recommend.Untrained{})
	require.NoError(t, err)
	require.Equal(t, []int{4, 14}, explored(p.Recommend(query(20))))
}

// A feed of nothing but exploring is filled all the same, and says that the budget gave way.
func TestTheBudgetGivesWayBeforeThePageIsShort(t *testing.T) {
	def := forYou()
	def.Sources, def.Supply, def.Explore = []recommend.SourceUse{{Name: "explore", Limit: 20}}, recommend.FromSources, recommend.Exploration{Share: 0.1, Met: 20}
	s := pipeline(t, def, ten()...).Recommend(query(10))
	require.Len(t, s.Picks, 10)
	require.Equal(t, []string{"explore"}, s.Relaxed)

	def.Supply = recommend.FromCatalogue
	s = pipeline(t, def, ten()...).Recommend(query(10))
	require.Len(t, s.Picks, 10)
	require.Empty(t, s.Relaxed, "what the catalogue has is supply like any other")
	require.LessOrEqual(t, len(explored(s)), 1)
}
