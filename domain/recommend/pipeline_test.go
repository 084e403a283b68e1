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

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// unlearned are signals before any event.
type unlearned struct{}

func (unlearned) Model() uint64 { return 0 }
func (unlearned) After(_ []recommend.Ordinal, _ int, into []recommend.Link) []recommend.Link {
	return into
}
func (unlearned) Trending(recommend.Shelf, time.Time, int, []recommend.Ordinal) int { return 0 }
func (unlearned) Popularity(_ []recommend.Ordinal, _ time.Time, into []float32)     { clear(into) }
func (unlearned) Fame(_ []recommend.Ordinal, _ time.Time, into []recommend.Fame)    { clear(into) }
func (unlearned) Trials(_ []recommend.Ordinal, into []recommend.Trial)              { clear(into) }
func (unlearned) AuthorOutcomes(_ []recommend.Term, into []recommend.Outcomes)      { clear(into) }
func (unlearned) Outcomes(_ []recommend.Ordinal, into []recommend.Outcomes) recommend.Outcomes {
	clear(into)
	return recommend.Outcomes{}
}

func forYou() recommend.Definition {
	return recommend.Definition{
		Name: "for-you",
		Sources: []recommend.SourceUse{
			{Name: "sequence", Limit: 100}, {Name: "affinity", Limit: 60}, {Name: "following", Limit: 50},
			{Name: "fresh", Limit: 60}, {Name: "tuned", Limit: 40}, {Name: "explore", Limit: 20},
		},
		Weights: map[string]float32{"fresh": 0.2, "freshness": 0.5, "tag_affinity": 0.8, "author_affinity": 0.6, "following": 1, "regret": -1, "steered": 4},
		Order:   recommend.ByValue, Supply: recommend.FromCatalogue,
		Arrange: recommend.Arrangement{AuthorShare: 0.2, TagShare: 0.6, AuthorFatigue: 0.3, TagFatigue: 0.1, FatigueHalf: 30 * time.Minute},
		Explore: recommend.Exploration{Share: 0.05, Met: 20, SmallAuthors: 0.3, AuthorMet: 50}, RegretHalf: 14 * 24 * time.Hour,
		Rest: recommend.Rest{Served: 30 * time.Minute, Seen: 7 * 24 * time.Hour, Consumed: 90 * 24 * time.Hour},
	}
}

func item(n int, author string, tags ...string) catalog.Snapshot {
	return catalog.Snapshot{
		ID: catalog.ItemID(fmt.Sprintf("i%d", n)), Number: catalog.Number(n), State: catalog.Published, Version: 1, ChangedAt: noon,
		Details: catalog.Details{Author: catalog.AuthorID(author), Tags: tags, PublishedAt: noon.Add(-time.Duration(n) * time.Hour)},
	}
}

func worth(a audience.Action) float32 {
	if a.Act == audience.Skip {
		return -1
	}
	return 1
}

func stranger() audience.Knowledge {
	return audience.Knowledge{Viewer: audience.NewViewer("v", nil, nil)}
}

func query(want int) *recommend.Query {
	return &recommend.Query{Now: noon, Seed: 1, Want: want, Knowledge: stranger(), Worth: worth}
}

func pipeline(t require.TestingT, def recommend.Definition, items ...catalog.Snapshot) *recommend.Pipeline {
	return pipelineOn(t, def, recommend.Untrained{}, items...)
}

func pipelineOn(t require.TestingT, def recommend.Definition, models recommend.Models, items ...catalog.Snapshot) *recommend.Pipeline {
	index := memindex.New()
	index.Apply(items)
	p, err := recommend.NewPipeline(def, index, unlearned{}, models)
	require.NoError(t, err)
	return p
}

func ids(s recommend.Slate) []string {
	out := []string{}
	for _, p := range s.Picks {
		out = append(out, string(p.Item.ID))
	}
	return out
}

func TestWhoAsksForLessOfSomethingIsShownSomethingElse(t *testing.T) {
	def := forYou()
	def.Sources = []recommend.SourceUse{{Name: "fresh", Limit: 20}}
	index := memindex.New()
	for n := 1; n <= 60; n++ {
		index.Apply([]catalog.Snapshot{item(n, fmt.Sprintf("a%d", n), []string{"r", "s", "t", "u", "v"}[n%5])})
	}
	p, err := recommend.NewPipeline(def, index, unlearned{}, recommend.Untrained{})
	require.NoError(t, err)
	q := query(20)
	require.NoError(t, q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnTag, ID: "u"}, audience.Less, noon))
	picks := p.Recommend(q).Picks
	require.Len(t, picks, 20)
	for _, pick := range picks {
		require.NotContains(t, pick.Item.Details.Tags, "u")
	}
}

func TestWhatIsRelatedComesBeforeWhatIsOnlyNew(t *testing.T) {
	def := forYou()
	def.Sources = []recommend.SourceUse{{Name: "related", Limit: 300}}
	def.Weights = map[string]float32{"related": 0.1, "freshness": 3}
	def.Arrange.AuthorShare, def.Arrange.TagShare = 1, 1
	var items []catalog.Snapshot
	for n := 1; n <= 100; n++ {
		items = append(items, item(n, fmt.Sprint("a", n), "new"))
	}
	for n := 500; n < 505; n++ {
		items = append(items, item(n, fmt.Sprint("a", n), "glacier"))
	}
	q := query(20)
	q.Anchor = "i500"
	shown := ids(pipeline(t, def, items...).Recommend(q))
	require.Len(t, shown, 20)
	require.Subset(t, shown[:4], []string{"i501", "i502", "i503", "i504"})
}

func TestAPageIsMadeAndStudiedWithTheWeightsOfItsViewersAcquaintance(t *testing.T) {
	def := forYou()
	def.Weights, def.Learned = map[string]float32{"freshness": 0.5}, []string{"freshness"}
	p := pipeline(t, def, item(1, "a"), item(20, "b"), item(30, "c"), item(40, "d"), item(50, "e"), item(60, "f"))
	p.Blend().Restore(recommend.Learned{Leaning: recommend.Leaning{Weights: map[string]float64{"freshness": 1}, Squares: map[string]float64{"freshness": 1}},
		Apart: map[string]recommend.Leaning{"3-11": {Weights: map[string]float64{"freshness": 2}, Squares: map[string]float64{"freshness": 100}}}})
	for q, want := range map[*recommend.Query]float32{query(3): 1, liked("i1", "i20"): 1, liked("i1", "i20", "i30"): 3} {
		q.Debug = true
		terms := p.Recommend(q).Picks[0].Terms
		require.Equal(t, "freshness", terms[0].Feature)
		require.Equal(t, want, terms[0].Weight)
	}
	before := p.Blend().Learned()
	require.True(t, p.Study(liked("i1", "i20", "i30"), 4).Found)
	now := p.Blend().Learned()
	require.NotEqual(t, before.Apart["3-11"], now.Apart["3-11"])
	require.Equal(t, before.Apart["0-2"], now.Apart["0-2"])
}

func TestEmptyCatalogueGivesAnEmptySlate(t *testing.T) {
	s := pipeline(t, forYou()).Recommend(query(20))
	require.Empty(t, s.Picks)
}

func TestLatestIsNewestFirst(t *testing.T) {
	def := forYou()
	def.Order, def.Sources = recommend.ByNewest, []recommend.SourceUse{{Name: "fresh", Limit: 50}}
	p := pipeline(t, def, item(3, "c"), item(1, "a"), item(2, "b"))
	require.Equal(t, []string{"i1", "i2", "i3"}, ids(p.Recommend(query(3))))
}

func TestWhatMayNotBeShownIsNot(t *testing.T) {
	hidden, expired := item(2, "b"), item(3, "c")
	hidden.State = catalog.Hidden
	expired.Details.ExpiresAt = noon
	muted, blocked, steered, excluded, served := item(4, "muted"), item(5, "blocked"), item(6, "f"), item(7, "g"), item(8, "h")
	p := pipeline(t, forYou(), item(1, "a"), hidden, expired, muted, blocked, steered, excluded, served)
	q := query(20)
	v := q.Knowledge.Viewer
	require.NoError(t, v.Mute("muted", noon))
	require.NoError(t, v.Block("blocked", noon))
	require.NoError(t, v.Steer(audience.Target{Kind: audience.OnItem, ID: "i6"}, audience.Less, noon))
	q.Exclude, q.Served = []catalog.ItemID{"i7"}, []catalog.Number{8}
	require.Equal(t, []string{"i1"}, ids(p.Recommend(q)))
}

func TestNarrowing(t *testing.T) {
	en, de, any := item(1, "a", "x"), item(2, "b", "x"), item(3, "c", "y")
	en.Details.Lang, de.Details.Lang = "en", "de"
	p := pipeline(t, forYou(), en, de, any)
	for _, c := range []struct {
		name   string
		narrow func(*recommend.Query)
		want   []string
	}{
		{"a tag", func(q *recommend.Query) { q.Tag = "x" }, []string{"i1", "i2"}},
		{"a language, and items without one", func(q *recommend.Query) { q.Lang = "de" }, []string{"i2", "i3"}},
		{"a tag nobody has", func(q *recommend.Query) { q.Tag = "nope" }, []string{}},
		{"a language nobody has leaves items without one", func(q *recommend.Query) { q.Lang = "fr" }, []string{"i3"}},
		{"a region nobody has leaves items without one", func(q *recommend.Query) { q.Region = "mars" }, []string{"i1", "i2", "i3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query(20)
			c.narrow(q)
			require.ElementsMatch(t, c.want, ids(p.Recommend(q)))
		})
	}
}

func TestSteering(t *testing.T) {
	var items []catalog.Snapshot
	for n := 1; n <= 100; n++ {
		items = append(items, item(n, fmt.Sprintf("a%d", n%10), fmt.Sprintf("t%d", n%5)))
	}
	p := pipeline(t, forYou(), items...)
	share := func(q *recommend.Query, has func(catalog.Details) bool) int {
		n := 0
		for _, pick := range p.Recommend(q).Picks {
			if has(pick.Item.Details) {
				n++
			}
		}
		return n
	}
	byA3 := func(d catalog.Details) bool { return d.Author == "a3" }
	taggedT3 := func(d catalog.Details) bool { return slices.Contains(d.Tags, "t3") }
	steer := func(kind audience.TargetKind, id string, d audience.Direction) *recommend.Query {
		q := query(20)
		require.NoError(t, q.Knowledge.Viewer.Steer(audience.Target{Kind: kind, ID: id}, d, noon))
		return q
	}
	require.Greater(t, share(steer(audience.OnAuthor, "a3", audience.More), byA3), share(query(20), byA3), "more of an author")
	require.Zero(t, share(steer(audience.OnAuthor, "a3", audience.Less), byA3), "less of an author, while others are there")
	require.Greater(t, share(steer(audience.OnTag, "t3", audience.More), taggedT3), share(query(20), taggedT3), "more of a tag")
	require.Zero(t, share(steer(audience.OnTag, "t3", audience.Less), taggedT3), "less of a tag")
	less := steer(audience.OnItem, "i3", audience.Less)
	require.Zero(t, share(less, byA3), "less of an item demotes its author")
	require.Zero(t, share(less, taggedT3), "and its tags")
	require.Len(t, p.Recommend(less).Picks, 20, "and the page is full all the same")
}

func TestSteeredTowardsEverythingThePageIsStillFull(t *testing.T) {
	p := pipeline(t, forYou(), item(1, "a", "x"), item(2, "b", "x"), item(3, "c", "x"))
	q := query(3)
	require.NoError(t, q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnTag, ID: "x"}, audience.Less, noon))
	require.Len(t, p.Recommend(q).Picks, 3)
}

func TestOldestSeenComeBackFirstWhenSupplyRunsOut(t *testing.T) {
	p := pipeline(t, forYou(), item(1, "a"), item(2, "b"), item(3, "c"), item(4, "d"))
	q := query(4)
	q.Knowledge.Memory.Seen = []audience.Mark{{Item: 2, At: noon.Add(-48 * time.Hour)}, {Item: 3, At: noon.Add(-time.Hour)}}
	q.Knowledge.Memory.Consumed = []audience.Mark{{Item: 4, At: noon.Add(-72 * time.Hour)}}
	s := p.Recommend(q)
	require.Equal(t, []string{"i1", "i2", "i3", "i4"}, ids(s))
	require.Equal(t, []string{"seen", "consumed"}, s.Relaxed)

	q.Want = 1
	require.Equal(t, []string{"i1"}, ids(p.Recommend(q)), "while supply lasts they rest")
}

func TestRestEndsExactlyWhenItSays(t *testing.T) {
	p := pipeline(t, forYou(), item(1, "a"))
	for _, c := range []struct {
		name string
		ago  time.Duration
		want []string
	}{
		{"just within", 7*24*time.Hour - 1, []string{"seen"}},
		{"the moment it ends", 7 * 24 * time.Hour, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query(1)
			q.Knowledge.Memory.Seen = []audience.Mark{{Item: 1, At: noon.Add(-c.ago)}}
			require.Equal(t, c.want, p.Recommend(q).Relaxed)
		})
	}
}

func TestFollowingShowsOnlyThoseFollowed(t *testing.T) {
	def := forYou()
	def.Sources, def.Order, def.Supply = []recommend.SourceUse{{Name: "following", Limit: 100}}, recommend.ByNewest, recommend.FromSources
	p := pipeline(t, def, item(1, "a"), item(2, "b"), item(3, "c"), item(4, "b"))
	q := query(10)
	require.NoError(t, q.Knowledge.Viewer.Follow("b", noon))
	s := p.Recommend(q)
	require.Equal(t, []string{"i2", "i4"}, ids(s))
	require.Equal(t, recommend.Reason{Source: "following", Because: "author:b"}, s.Picks[0].Reason)
	require.Contains(t, s.Relaxed, "author_adjacent")
}

func TestTermsAddUpToTheScoreBeforeFatigue(t *testing.T) {
	p := pipeline(t, forYou(), item(1, "a", "x"), item(2, "b", "y"))
	q := query(1)
	q.Debug = true
	pick := p.Recommend(q).Picks[0]
	var sum float32
	for _, term := range pick.Terms {
		sum += term.Value * term.Weight
	}
	require.InDelta(t, sum, pick.Score.Value(), 1e-5)
}

func TestScoreIsAlwaysFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		require.Equal(t, float32(-math.MaxFloat32), recommend.NewScore(float32(v)).Value())
	}
}

// world draws a catalogue with few authors and tags, so that the caps bind, and a viewer who met
// some of it.
func world(t *rapid.T) ([]catalog.Snapshot, *recommend.Query) {
	n := rapid.IntRange(1, 150).Draw(t, "items")
	authors := rapid.IntRange(1, 12).Draw(t, "authors")
	items := make([]catalog.Snapshot, n)
	for i := range items {
		author := fmt.Sprintf("a%d", rapid.IntRange(0, authors-1).Draw(t, "author"))
		items[i] = item(i+1, author, fmt.Sprintf("t%d", rapid.IntRange(0, 5).Draw(t, "tag")))
		items[i].Details.PublishedAt = noon.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "age")) * time.Hour)
	}
	q := query(rapid.IntRange(1, 30).Draw(t, "want"))
	q.Seed = rapid.Uint64().Draw(t, "seed")
	mark := func(name string) (marks []audience.Mark) {
		for range rapid.IntRange(0, 20).Draw(t, name) {
			marks = append(marks, audience.Mark{Item: catalog.Number(rapid.IntRange(1, n).Draw(t, "met")), At: noon.Add(-time.Minute)})
		}
		return marks
	}
	q.Knowledge.Memory = audience.Memory{Served: mark("served"), Seen: mark("seen"), Consumed: mark("consumed")}
	for range rapid.IntRange(0, 10).Draw(t, "actions") {
		q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{
			Item: items[rapid.IntRange(0, n-1).Draw(t, "acted on")].ID, At: noon,
			Act: rapid.SampledFrom([]audience.Act{audience.Like, audience.Skip, audience.Unlike}).Draw(t, "act"),
		})
	}
	return items, q
}

// TestSessionOfPages walks whole sessions and checks every page against the whole catalogue.
func TestSessionOfPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, q := world(t)
		def := forYou()
		if rapid.Bool().Draw(t, "latest") {
			def.Order = recommend.ByNewest
		}
		p := pipeline(t, def, items...)
		left := map[catalog.Number]catalog.AuthorID{}
		for i := range items {
			left[items[i].Number] = items[i].Details.Author
		}
		last := catalog.AuthorID("")
		for len(left) > 0 {
			s := p.Recommend(q)
			if want := min(q.Want, len(left)); len(s.Picks) != want {
				t.Fatalf("%d items on a page while %d are left and %d were asked for", len(s.Picks), len(left), q.Want)
			}
			byAuthor := map[catalog.AuthorID]int{}
			for i, pick := range s.Picks {
				author, fresh := left[pick.Item.Number]
				if !fresh {
					t.Fatalf("item %s again", pick.Item.ID)
				}
				if author == last && others(left, author) {
					t.Fatalf("place %d: two neighbours by %s while another author was to be had", i, author)
				}
				byAuthor[author]++
				delete(left, pick.Item.Number)
				q.Served = append(q.Served, pick.Item.Number)
				last = author
			}
			share := max(1, int(0.2*float64(q.Want)))
			for a, n := range byAuthor {
				if n > share && !slices.Contains(s.Relaxed, "author_share") {
					t.Fatalf("%d of %d items by %s, and the page does not say that the cap gave way", n, q.Want, a)
				}
			}
		}
		if s := p.Recommend(q); len(s.Picks) != 0 {
			t.Fatalf("an exhausted session still shows %v", ids(s))
		}
	})
}

func others(left map[catalog.Number]catalog.AuthorID, than catalog.AuthorID) bool {
	for _, a := range left {
		if a != than {
			return true
		}
	}
	return false
}

// The same query gives the same slate, whatever the pooled scratch space held before.
func TestTheSameQueryGivesTheSameSlate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, q := world(t)
		p := pipeline(t, forYou(), items...)
		want := p.Recommend(q)
		for range 3 {
			_, other := world(t)
			p.Recommend(other)
		}
		require.Equal(t, want, p.Recommend(q))
	})
}

func TestDebugCountsWhatFiltersDropped(t *testing.T) {
	expired := item(2, "b")
	expired.Details.ExpiresAt = noon
	p := pipeline(t, forYou(), item(1, "a"), expired, item(3, "c"), item(4, "muted"))
	q := query(5)
	q.Debug = true
	require.NoError(t, q.Knowledge.Viewer.Mute("muted", noon))
	q.Knowledge.Memory.Consumed = []audience.Mark{{Item: 3, At: noon.Add(-time.Hour)}}
	q.Served = []catalog.Number{1}
	require.Equal(t, map[string]int{"expired": 1, "muted": 1, "session": 1}, p.Recommend(q).Dropped, "a rest that gave way drops nothing")
}
