package recommendtest

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Deed is one event of the log as far as learning goes.
type Deed struct {
	Offset            uint64
	Viewer            audience.ViewerID
	Act               audience.Act
	Item              catalog.ItemID
	At                time.Time
	Watched, Duration time.Duration
}

// Mind is Signals, the catalogue they speak of, and a way to learn. Acts weigh as by
// engagement.DefaultWeights.
type Mind interface {
	recommend.Signals
	Catalogue() Catalogue
	Learn(deeds []Deed)
}

// Signals is the contract of recommend.Signals. open returns one that learned nothing, over an
// empty catalogue, with room for all that is done to it here.
func Signals(t *testing.T, open func(t *testing.T) Mind) {
	for name, clause := range map[string]func(*testing.T, func(*testing.T) Mind){
		"nothing is known of what nobody did anything with":                        nothingKnown,
		"links lead from the earlier to the later":                                 linksHaveDirection,
		"what comes sooner is linked more strongly":                                soonerIsStronger,
		"a better act later strengthens only what led to the first":                betterActLater,
		"an item that leads anywhere leads nowhere in particular":                  leadsAnywhere,
		"links come strongest first, at most n, above 0 and at most 1":             linksInOrder,
		"what is liked after everything is linked less than what is special":       popularIsDamped,
		"a disliked item is met, is not popular and follows nothing":               dislikedIsOnlyMet,
		"a meeting counts once and ends as it ended":                               meetingsCountOnce,
		"events learned before change nothing":                                     learnedOnce,
		"how events are batched changes nothing":                                   batchesChangeNothing,
		"the order in which items came changes nothing":                            itemOrderChangesNothing,
		"an event on an unknown item is passed over":                               unknownPassedOver,
		"a popular item trends on each of its shelves and on no other":             trendsOnItsShelves,
		"trending is in the order of popularity, window by window":                 trendingInOrder,
		"the first few that trend are the first of all, whatever hour or week say": trendingWhereWindowsDisagree,
		"yesterday's favourite gives way to today's":                               favouritesGiveWay,
		"popularity outlives a silence of years":                                   outlivesSilence,
		"the distant past is learned like the present":                             distantPast,
		"an item that changed its tags trends with its new ones":                   trendsWithNewTags,
		"a removed item does not trend":                                            removedDoesNotTrend,
		"one viewer alone makes nothing popular":                                   oneViewerAlone,
		"a flood of one viewer's events is cut":                                    floodIsCut,
		"every answer is finite whatever happens":                                  answersAreFinite,
		"readers are never blocked or wrong while events are learned":              readersWhileLearning,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open) })
	}
}

// scene is a mind and the log that teaches it.
type scene struct {
	Mind
	offset uint64
}

func stage(m Mind, items int) *scene {
	batch := make([]catalog.Snapshot, items)
	for n := range batch {
		batch[n] = item(catalog.ItemID("i"+itoa(n)), catalog.Number(n+1))
		batch[n].Details.Tags = []string{"tag-" + itoa(n%3)}
		batch[n].Details.Author = catalog.AuthorID("author-" + itoa(n%5))
	}
	m.Catalogue().Apply(batch)
	return &scene{Mind: m}
}

func (s *scene) do(viewer string, act audience.Act, n int, at time.Time) {
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: audience.ViewerID(viewer), Act: act, Item: catalog.ItemID("i" + itoa(n)), At: at}})
}

// session lets a viewer like items one after another.
func (s *scene) session(viewer string, at time.Time, items ...int) {
	for k, n := range items {
		s.do(viewer, audience.Like, n, at.Add(time.Duration(k)*time.Minute))
	}
}

func (s *scene) at(n int) recommend.Ordinal {
	return locate(s.Catalogue().View(), catalog.ItemID("i"+itoa(n)))
}

func (s *scene) popularity(n int, now time.Time) float32 {
	var into [1]float32
	s.Popularity([]recommend.Ordinal{s.at(n)}, now, into[:])
	return into[0]
}

func (s *scene) trial(n int) recommend.Trial {
	var into [1]recommend.Trial
	s.Trials([]recommend.Ordinal{s.at(n)}, into[:])
	return into[0]
}

func (s *scene) strength(from, to int) float32 {
	for _, l := range s.After([]recommend.Ordinal{s.at(from)}, 100, nil) {
		if l.To == s.at(to) {
			return l.Strength
		}
	}
	return 0
}

func (s *scene) trending(shelf recommend.Shelf, now time.Time, skip, n int) []catalog.ItemID {
	into := make([]recommend.Ordinal, n)
	return idsOf(s.Catalogue().View(), into[:s.Trending(shelf, now, skip, into)])
}

func (s *scene) shelf(f recommend.Field, name string) recommend.Shelf {
	return recommend.Shelf{Field: f, Term: term(s.Catalogue().View(), f, name)}
}

// answers is all that is known of the first n items, by id, at now.
func (s *scene) answers(n int, now time.Time) map[string]any {
	out := map[string]any{"model": s.Model()}
	for i := range n {
		id := "i" + itoa(i)
		links := map[catalog.ItemID]float32{}
		for _, l := range s.After([]recommend.Ordinal{s.at(i)}, 1000, nil) {
			links[idsOf(s.Catalogue().View(), []recommend.Ordinal{l.To})[0]] = l.Strength
		}
		out[id] = []any{s.popularity(i, now), s.trial(i), links}
	}
	for _, shelf := range []recommend.Shelf{recommend.Everything, s.shelf(recommend.TagField, "tag-1"),
		s.shelf(recommend.LangField, "en"), s.shelf(recommend.RegionField, "DE"), s.shelf(recommend.AuthorField, "author-2")} {
		name := s.Catalogue().View().Name(shelf.Field, shelf.Term)
		out["trending "+itoa(int(shelf.Field))+name] = s.trending(shelf, now, 0, n)
	}
	return out
}

func nothingKnown(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	require.Zero(t, s.Model())
	require.Empty(t, s.After([]recommend.Ordinal{s.at(0), recommend.Nowhere}, 10, nil))
	require.Zero(t, s.popularity(0, noon))
	require.Zero(t, s.trial(0))
	require.Empty(t, s.trending(recommend.Everything, noon, 0, 10))
	require.Empty(t, s.trending(recommend.Shelf{Field: recommend.LabelField, Term: 1}, noon, 0, 10))
	pop, trials := []float32{7}, []recommend.Trial{{Met: 7}}
	s.Popularity([]recommend.Ordinal{recommend.Nowhere}, noon, pop)
	s.Trials([]recommend.Ordinal{recommend.Nowhere}, trials)
	require.Zero(t, pop[0])
	require.Zero(t, trials[0])
}

func linksHaveDirection(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0, 1)
	require.Positive(t, s.strength(0, 1))
	require.Zero(t, s.strength(1, 0))
	kept := recommend.Link{From: 9, To: 9, Strength: 1}
	links := s.After([]recommend.Ordinal{s.at(2), recommend.Nowhere, s.at(0)}, 5, []recommend.Link{kept})
	require.Len(t, links, 2, "answers are appended")
	require.Equal(t, kept, links[0])
	require.Equal(t, 2, links[1].From)
	require.Equal(t, s.at(1), links[1].To)
	s.do("w", audience.Like, 2, noon)
	s.do("v2", audience.Like, 0, noon)
	require.Zero(t, s.strength(2, 0), "viewers are apart")
}

func soonerIsStronger(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	all := make([]int, 25)
	for i := range all {
		all[i] = i
	}
	s.session("v", noon, all...)
	for lag := 2; lag <= 20; lag++ {
		require.Less(t, s.strength(0, lag), s.strength(0, lag-1), lag)
		require.Positive(t, s.strength(0, lag), lag)
	}
	require.Zero(t, s.strength(0, 21))
	require.InDelta(t, 0.9, s.strength(0, 2)/s.strength(0, 1), 1e-4)
}

func betterActLater(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	s.do("v", audience.Like, 0, noon)
	s.do("v", audience.Open, 1, noon)
	s.do("v", audience.Like, 2, noon)
	half := s.strength(0, 1)
	s.do("v", audience.Like, 1, noon)
	require.Greater(t, s.strength(0, 1), half)
	require.Zero(t, s.strength(2, 1))
	s.session("w", noon, 10, 11, 12)
	require.InEpsilon(t, s.strength(10, 11), s.strength(0, 1), 1e-5, "as if it had been so from the start")
	require.InEpsilon(t, s.strength(10, 12), s.strength(0, 2), 1e-5)
	s.do("w", audience.Share, 11, noon)
	require.InEpsilon(t, s.strength(0, 1), s.strength(10, 11), 1e-5, "more than good is no better")
}

func leadsAnywhere(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 60)
	for v := range 10 {
		s.session("v"+itoa(v), noon, 0, 10)
		s.session("w"+itoa(v), noon, 1, 11)
	}
	for v := range 30 {
		s.session("x"+itoa(v), noon, 1, 20+v)
	}
	require.Greater(t, s.strength(0, 10), 2*s.strength(1, 11))
	require.Greater(t, s.strength(1, 11), s.strength(1, 20))
}

func linksInOrder(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 30)
	for v := range 200 {
		s.session("v"+itoa(v), noon.Add(time.Duration(v)*time.Hour), 0, 1+v%7, 8+v%13, 21+v%3, 24+v%5)
	}
	whole := s.After([]recommend.Ordinal{s.at(0)}, 100, nil)
	require.Len(t, whole, 28)
	for i, l := range whole {
		require.Positive(t, l.Strength)
		require.LessOrEqual(t, l.Strength, float32(1))
		require.True(t, i == 0 || l.Strength <= whole[i-1].Strength)
	}
	for _, n := range []int{0, 1, 5} {
		require.Len(t, s.After([]recommend.Ordinal{s.at(0)}, n, nil), n)
	}
	for v := range 3000 {
		s.session("w"+itoa(v), noon, 5, 6)
	}
	require.LessOrEqual(t, s.strength(5, 6), float32(1))
	require.Greater(t, s.strength(5, 6), float32(0.1))
}

func popularIsDamped(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 40)
	for v := range 300 {
		s.session("v"+itoa(v), noon, 3+v%30, 1) // everybody ends at 1
	}
	for v := range 10 {
		s.session("w"+itoa(v), noon, 0, 1)
		s.session("x"+itoa(v), noon, 0, 2)
	}
	require.Greater(t, s.strength(0, 2), s.strength(0, 1))
}

func dislikedIsOnlyMet(t *testing.T, open func(*testing.T) Mind) {
	for _, act := range []audience.Act{audience.Skip, audience.NotInterested, audience.Report, audience.Seen} {
		s := stage(open(t), 3)
		s.do("v", audience.Like, 0, noon)
		s.do("v", act, 1, noon)
		s.do("v", audience.Like, 2, noon)
		require.Zero(t, s.strength(0, 1), act)
		require.Positive(t, s.strength(0, 2), act)
		require.Zero(t, s.popularity(1, noon), act)
		require.Equal(t, recommend.Trial{Met: 1}, s.trial(1), act)
		require.NotContains(t, s.trending(recommend.Everything, noon, 0, 9), catalog.ItemID("i1"))
	}
}

func meetingsCountOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for _, act := range []audience.Act{audience.Seen, audience.Open, audience.PlayStart, audience.PlayComplete, audience.Like, audience.Share} {
		s.do("v", act, 0, noon)
	}
	require.Equal(t, recommend.Trial{Met: 1, Liked: 1}, s.trial(0))
	once := s.popularity(0, noon)
	s.do("w", audience.Like, 1, noon)
	require.InEpsilon(t, s.popularity(1, noon), once, 0.01, "acts on one item add up to one good act")
	s.do("v", audience.NotInterested, 0, noon)
	require.Equal(t, recommend.Trial{Met: 1}, s.trial(0), "a viewer may change their mind")
	s.do("w", audience.Seen, 0, noon)
	require.Equal(t, recommend.Trial{Met: 2}, s.trial(0))

	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i2", At: noon, Watched: 5 * time.Second, Duration: 10 * time.Second}})
	require.InDelta(t, 0.5, s.trial(2).Liked, 1e-4)
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i2", At: noon, Watched: 8 * time.Second, Duration: 10 * time.Second}})
	require.InDelta(t, 0.8, s.trial(2).Liked, 1e-4)
	require.InDelta(t, 1, s.trial(2).Met, 1e-4)
}

func learnedOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 20)
	log := story(3, 400, 20)
	s.Learn(log)
	require.Equal(t, uint64(400), s.Model())
	before := s.answers(20, noon)
	s.Learn(log[100:300])
	s.Learn(log)
	require.Equal(t, before, s.answers(20, noon))
}

func batchesChangeNothing(t *testing.T, open func(*testing.T) Mind) {
	rapid.Check(t, func(r *rapid.T) {
		log := story(uint64(rapid.IntRange(0, 1<<20).Draw(r, "seed")), 300, 20)
		want, got := stage(open(t), 20), stage(open(t), 20)
		want.Learn(log)
		for len(log) > 0 {
			n := rapid.IntRange(1, len(log)).Draw(r, "batch")
			got.Learn(log[:n])
			log = log[n:]
		}
		require.Equal(r, want.answers(20, noon.Add(time.Hour)), got.answers(20, noon.Add(time.Hour)))
	})
}

func itemOrderChangesNothing(t *testing.T, open func(*testing.T) Mind) {
	want, got := stage(open(t), 50), open(t)
	for n := 49; n >= 0; n-- {
		got.Catalogue().Apply([]catalog.Snapshot{*whole(want.Catalogue().View(), catalog.ItemID("i"+itoa(n)))})
	}
	log := story(5, 2000, 40)
	for k, n := range []int{44, 41, 49, 40, 47} { // equally popular
		log = append(log, Deed{Offset: uint64(2001 + k), Viewer: audience.ViewerID("w" + itoa(n)), Act: audience.Like,
			Item: catalog.ItemID("i" + itoa(n)), At: noon})
	}
	want.Learn(log)
	got.Learn(log)
	require.Equal(t, want.answers(50, noon), (&scene{Mind: got}).answers(50, noon))
}

func unknownPassedOver(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	s.do("v", audience.Like, 0, noon)
	s.do("v", audience.Like, 777, noon)
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "v", Act: audience.FollowAuthor, At: noon}})
	s.do("v", audience.Like, 1, noon)
	require.Equal(t, uint64(4), s.Model())
	require.Positive(t, s.strength(0, 1))
}

func trendsOnItsShelves(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 15)
	other := item("other", 100)
	other.Details.Lang, other.Details.Region = "zh", "CN"
	s.Catalogue().Apply([]catalog.Snapshot{other})
	for v := range 20 {
		s.session("v"+itoa(v), noon, v%10)
	}
	all := s.trending(recommend.Everything, noon, 0, 50)
	require.Len(t, all, 10)
	for f, name := range map[recommend.Field]string{recommend.TagField: "tag-1", recommend.AuthorField: "author-2",
		recommend.LangField: "en", recommend.RegionField: "DE"} {
		shelf := s.shelf(f, name)
		want := []catalog.ItemID{}
		for _, id := range all {
			if i := whole(s.Catalogue().View(), id); belongs(s.Catalogue().View(), i, shelf) {
				want = append(want, id)
			}
		}
		require.NotEmpty(t, want)
		require.ElementsMatch(t, want, s.trending(shelf, noon, 0, 50), name)
	}
	require.Empty(t, s.trending(s.shelf(recommend.LangField, "zh"), noon, 0, 50))
}

func trendingInOrder(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 120)
	s.Learn(story(11, 4000, 120))
	for _, now := range []time.Time{noon, noon.Add(48 * time.Hour), noon.Add(10_000 * time.Hour)} {
		for _, shelf := range []recommend.Shelf{recommend.Everything, s.shelf(recommend.TagField, "tag-2"), s.shelf(recommend.AuthorField, "author-3")} {
			all := s.trending(shelf, now, 0, 200)
			require.NotEmpty(t, all)
			last := float32(math.MaxFloat32)
			for _, id := range all {
				n := 0
				for "i"+itoa(n) != string(id) {
					n++
				}
				p := s.popularity(n, now)
				require.Positive(t, p)
				require.LessOrEqual(t, p, last)
				last = p
			}
			for skip := 0; skip <= len(all); skip += 7 {
				for _, n := range []int{1, 7, 60} {
					require.Equal(t, all[skip:min(len(all), skip+n)], s.trending(shelf, now, skip, n))
				}
			}
			require.Empty(t, s.trending(shelf, now, len(all)+5, 3))
			require.Empty(t, s.trending(shelf, now, 0, 0))
		}
	}
}

func trendingWhereWindowsDisagree(t *testing.T, open func(*testing.T) Mind) {
	const items = 60
	for _, ago := range []time.Duration{time.Hour, 5 * time.Hour, 20 * time.Hour} {
		s := stage(open(t), items)
		viewer := 0
		like := func(n, times int, at time.Time) {
			for range times {
				viewer++
				s.do("v"+itoa(viewer), audience.Like, n, at)
			}
		}
		for n := range items { // the first items had many good acts long ago, the last some just now
			like(n, int(10*math.Sqrt(float64(items-n))), noon.Add(-6*24*time.Hour))
		}
		for n := range items {
			like(n, int(2*math.Sqrt(float64(n))), noon.Add(-ago))
		}
		like(0, 1, noon)
		all := s.trending(recommend.Everything, noon, 0, items)
		require.Len(t, all, items)
		for n := 1; n < items; n++ {
			require.Equal(t, all[:n], s.trending(recommend.Everything, noon, 0, n), ago)
		}
	}
}

func favouritesGiveWay(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for v := range 30 {
		s.session("v"+itoa(v), noon, 0)
	}
	later := noon.Add(60 * 24 * time.Hour)
	for v := range 10 {
		s.session("w"+itoa(v), later, 1)
	}
	require.Equal(t, []catalog.ItemID{"i1", "i0"}, s.trending(recommend.Everything, later, 0, 5))
	require.Greater(t, s.popularity(1, later), s.popularity(0, later))
	require.Positive(t, s.popularity(0, later))
}

func outlivesSilence(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 12)
	for v := range 66 {
		n := 0
		for k := v; k >= n+1; n++ {
			k -= n + 1
		}
		s.session("v"+itoa(v), noon.Add(time.Duration(v)*time.Minute), n) // item n is liked by n+1 viewers
	}
	want := []catalog.ItemID{"i10", "i9", "i8", "i7", "i6", "i5", "i4", "i3", "i2", "i1", "i0"}
	for _, silence := range []time.Duration{time.Hour * 2, 30 * 24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		now := noon.Add(silence)
		require.Equal(t, want, s.trending(recommend.Everything, now, 0, 20), silence)
		for n := range 10 {
			require.Greater(t, s.popularity(n+1, now), s.popularity(n, now), silence)
		}
		require.Positive(t, s.popularity(0, now))
	}
}

func distantPast(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 4)
	past := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	s.session("a", past, 0, 1)
	s.session("b", past.Add(time.Hour), 0, 1)
	s.session("c", past.Add(12*365*24*time.Hour), 0, 2)
	s.session("d", past, 3) // late news
	require.Positive(t, s.popularity(3, noon))
	require.Greater(t, s.popularity(2, noon), s.popularity(1, noon))
	require.Positive(t, s.popularity(1, noon))
	require.Greater(t, s.strength(0, 1), s.strength(0, 2))
	require.Equal(t, []catalog.ItemID{"i2", "i0"}, s.trending(recommend.Everything, noon, 0, 2))
}

func trendsWithNewTags(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0)
	moved := item("i0", 1)
	moved.Version, moved.Details.Tags = 2, []string{"fresh"}
	s.Catalogue().Apply([]catalog.Snapshot{moved})
	require.Empty(t, s.trending(s.shelf(recommend.TagField, "tag-0"), noon, 0, 9))
	s.session("w", noon, 0)
	require.Equal(t, []catalog.ItemID{"i0"}, s.trending(s.shelf(recommend.TagField, "fresh"), noon, 0, 9))
	moved.Version, moved.Details.Tags = 3, []string{"tag-0"}
	s.Catalogue().Apply([]catalog.Snapshot{moved})
	s.session("x", noon.Add(time.Hour), 0)
	require.Equal(t, []catalog.ItemID{"i0"}, s.trending(s.shelf(recommend.TagField, "tag-0"), noon, 0, 9), "once")
}

func removedDoesNotTrend(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0, 1)
	gone := item("i0", 1)
	gone.Version, gone.State = 2, catalog.Removed
	s.Catalogue().Apply([]catalog.Snapshot{gone})
	require.Equal(t, []catalog.ItemID{"i1"}, s.trending(recommend.Everything, noon, 0, 9))
}

func oneViewerAlone(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for n := range 3000 {
		at := noon.Add(time.Duration(n) * time.Second)
		s.do("bot", audience.Like, 0, at)
		s.do("bot", audience.Share, 1, at)
	}
	for _, v := range []string{"a", "b", "c"} {
		s.session(v, noon, 0, 2)
	}
	end := noon.Add(time.Hour)
	require.Greater(t, s.popularity(2, end), s.popularity(1, end))
	require.Greater(t, s.strength(0, 2), s.strength(0, 1))
	require.Less(t, s.trial(1).Met, float32(1.1))
}

func floodIsCut(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3000)
	for n := range 3000 {
		s.do("bot", audience.Like, n, noon.Add(time.Duration(n%7)*time.Millisecond))
	}
	require.Less(t, len(s.trending(recommend.Everything, noon, 0, 3000)), 1000)
	s.do("human", audience.Like, 2999, noon)
	require.Positive(t, s.popularity(2999, noon))
	before := len(s.trending(recommend.Everything, noon, 0, 3000))
	s.do("bot", audience.Like, 2500, noon.Add(-time.Hour))
	require.Len(t, s.trending(recommend.Everything, noon, 0, 3000), before, "a clock put back opens no new minute")
	s.do("bot", audience.Like, 2500, noon.Add(time.Hour))
	require.Len(t, s.trending(recommend.Everything, noon, 0, 3000), before+1, "one that went on does")
}

func answersAreFinite(t *testing.T, open func(*testing.T) Mind) {
	rapid.Check(t, func(r *rapid.T) {
		s := stage(open(t), 8)
		for range rapid.IntRange(1, 60).Draw(r, "events") {
			s.offset++
			s.Learn([]Deed{{Offset: s.offset, Viewer: audience.ViewerID("v" + itoa(rapid.IntRange(0, 3).Draw(r, "viewer"))),
				Act: rapid.SampledFrom(audience.Acts()).Draw(r, "act"), Item: catalog.ItemID("i" + itoa(rapid.IntRange(0, 8).Draw(r, "item"))),
				At:      time.UnixMilli(rapid.Int64Range(631152000000, 7258118400000).Draw(r, "at")),
				Watched: time.Duration(rapid.IntRange(0, 1e9).Draw(r, "watched")), Duration: time.Duration(rapid.IntRange(0, 1e9).Draw(r, "duration"))}})
		}
		for _, now := range []time.Time{{}, noon, time.UnixMilli(rapid.Int64Range(0, 1<<43).Draw(r, "now"))} {
			for n := range 8 {
				p, trial := s.popularity(n, now), s.trial(n)
				require.True(r, p >= 0 && p <= math.MaxFloat32, p)
				require.True(r, trial.Liked >= 0 && trial.Liked <= trial.Met && trial.Met < 5, trial)
				for _, l := range s.After([]recommend.Ordinal{s.at(n)}, 10, nil) {
					require.True(r, l.Strength > 0 && l.Strength <= 1)
				}
			}
			trending := s.trending(recommend.Everything, now, 0, 9)
			require.Len(r, slices.Compact(slices.Sorted(slices.Values(trending))), len(trending), "nothing trends twice")
		}
	})
}

func readersWhileLearning(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 60)
	log := story(8, 6000, 60)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for last := uint64(0); ; {
				model := s.Model()
				assert.GreaterOrEqual(t, model, last)
				last = model
				for _, l := range s.After([]recommend.Ordinal{s.at(3), s.at(4)}, 20, nil) {
					assert.Positive(t, l.Strength)
				}
				s.trending(recommend.Everything, noon, 0, 30)
				s.popularity(5, noon)
				s.trial(6)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := 0; n < len(log); n += 50 {
		s.Learn(log[n : n+50])
		s.Catalogue().Apply([]catalog.Snapshot{item(catalog.ItemID("late"+itoa(n)), catalog.Number(1000+n))})
	}
	close(done)
	readers.Wait()
	quiet := stage(open(t), 60)
	quiet.Learn(log)
	require.Equal(t, quiet.answers(60, noon), s.answers(60, noon))
}
