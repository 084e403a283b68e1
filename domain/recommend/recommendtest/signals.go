package recommendtest

import (
	"math"
	"slices"
	"testing"
	"time"

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
		"nothing is known of what nobody did anything with":                         nothingKnown,
		"links lead from the earlier to the later":                                  linksHaveDirection,
		"what comes sooner is linked more strongly":                                 soonerIsStronger,
		"a better act later strengthens only what led to the first":                 betterActLater,
		"an item that leads anywhere leads nowhere in particular":                   leadsAnywhere,
		"links come strongest first, at most n, above 0 and at most 1":              linksInOrder,
		"what is liked after everything is linked less than what is special":        popularIsDamped,
		"a disliked item is met, is not popular and follows nothing":                dislikedIsOnlyMet,
		"a meeting counts once and ends as it ended":                                meetingsCountOnce,
		"events learned before change nothing":                                      learnedOnce,
		"how events are batched changes nothing":                                    batchesChangeNothing,
		"the order in which items came changes nothing":                             itemOrderChangesNothing,
		"an event on an unknown item is passed over":                                unknownPassedOver,
		"a popular item trends on each of its shelves and on no other":              trendsOnItsShelves,
		"trending is in the order of popularity, window by window":                  trendingInOrder,
		"the first few that trend are the first of all, whatever hour or week say":  trendingWhereWindowsDisagree,
		"yesterday's favourite gives way to today's":                                favouritesGiveWay,
		"fame fades by each half-life, and lasts over all time":                     fameFades,
		"after a silence nothing is famous lately":                                  silenceEndsFame,
		"popularity outlives a silence of years":                                    outlivesSilence,
		"the distant past is learned like the present":                              distantPast,
		"an item that changed its tags trends with its new ones":                    trendsWithNewTags,
		"a removed item does not trend":                                             removedDoesNotTrend,
		"a meeting is counted by what came of it, for its item, its author and all": outcomesAreCounted,
		"acts of one meeting, and progress of one play, count once":                 outcomesCountOnce,
		"what is taken back no longer counts, and nothing counts below zero":        outcomesAreTakenBack,
		"what came of meetings fades as they do":                                    outcomesFade,
		"of what is unknown nothing came":                                           outcomesOfNothing,
		"whatever one viewer says of two items, and how often, counts once":         oneViewerCountsOnce,
		"one viewer alone makes nothing popular":                                    oneViewerAlone,
		"a flood of one viewer's events is cut":                                     floodIsCut,
		"every answer is finite whatever happens":                                   answersAreFinite,
		"readers are never blocked or wrong while events are learned":               readersWhileLearning,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open) })
	}
}

func nothingKnown(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	require.Zero(t, s.Model())
	require.Empty(t, s.After([]recommend.Ordinal{s.at(0), recommend.Nowhere}, 10, nil))
	require.Zero(t, s.popularity(0, noon))
	require.Zero(t, s.trial(0))
	require.Equal(t, recommend.Fame{Known: -1}, s.fame(0, noon))
	require.Empty(t, s.trending(recommend.Everything, noon, 0, 10))
	require.Empty(t, s.trending(recommend.Shelf{Field: recommend.LabelField, Term: 1}, noon, 0, 10))
	pop, trials := []float32{7}, []recommend.Trial{{Met: 7}}
	s.Popularity([]recommend.Ordinal{recommend.Nowhere}, noon, pop)
	s.Trials([]recommend.Ordinal{recommend.Nowhere}, trials)
	require.Zero(t, pop[0])
	require.Zero(t, trials[0])
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
				item, author, all := s.outcomes(n)
				for _, of := range []recommend.Outcomes{item, author, all} {
					for _, n := range of {
						require.True(r, n >= 0 && n <= of[recommend.Opened] && n < 100, of)
					}
				}
				for _, l := range s.After([]recommend.Ordinal{s.at(n)}, 10, nil) {
					require.True(r, l.Strength > 0 && l.Strength <= 1)
				}
			}
			trending := s.trending(recommend.Everything, now, 0, 9)
			require.Len(r, slices.Compact(slices.Sorted(slices.Values(trending))), len(trending), "nothing trends twice")
		}
	})
}
