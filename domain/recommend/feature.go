package recommend

// feature is one summand of an item's value before its weight. The first ones belong to sources.
type feature uint8

const (
	fSequence  feature = iota // what others turned to after what the viewer liked last
	fLongTerm                 // what the trained model says, the newer the liked item the louder
	fAffinity                 // of the others: what the source of the name said, above 0 and at most 1
	fFollowing                //
	fTrending                 //
	fFresh                    //
	fTuned                    //
	fExplore                  //
	fRelated                  //
	fSimilar                  //
	numSources                // the features above belong to sources

	fSequenceLog    feature = iota - 1 // the logarithm of sequence
	fSuccessorLog                      // the logarithm of sequence after the last liked item alone
	fHistoryLog                        // the logarithm of sequence after the last sixty, each as loud as the other
	fLongTermFlat                      // longterm, each liked item as loud as the other
	fRecurrent                         // the logarithm of how likely it comes next, as the recurrent part of the trained model says
	fPopularity                        // how popular, as the source trending sees it
	fPopular15m                        // good acts, with a half-life of a quarter of an hour,
	fPopularHour                       // of an hour,
	fPopular4h                         // of four hours,
	fPopularDay                        // of a day,
	fPopularWeek                       // of a week,
	fPopularEver                       // and of all time
	fKnown                             // how long ago somebody first liked it
	fFreshness                         // how new: 1 when just published, a half after two days, 0 in the long run
	fTagAffinity                       // what the viewer's acts say of the item's tags: -1 to 1
	fAuthorAffinity                    // what they say of its author: -1 to 1
	fTagRecent                         // what the last few acts say of its tags
	fSimilarity                        // how much its words, tags and author have in common with what the viewer liked last: 0 to 1
	fQuality                           // the mean of the posterior that a meeting ends well: 0 to 1
	fRegret                            // how much of what the viewer's acts said of its author and tags was said against them, fading: 0 to 2
	fSteered                           // what tuning decisions say: below 0 for less, above for more
	numFeatures     = int(iota - 1)
)

var featureNames = [numFeatures]string{
	"sequence", "longterm", "affinity", "following", "trending", "fresh", "tuned", "explore", "related", "similar",
	"sequence_log", "successor_log", "history_log", "longterm_flat", "recurrent",
	"popularity", "popular_15m", "popular_hour", "popular_4h", "popular_day", "popular_week", "popular_ever", "known", "freshness",
	"tag_affinity", "author_affinity", "tag_recent", "similarity", "quality", "regret", "steered",
}

// standing reports whether the feature counts by how far it lies from the mean of all candidates, in standard
// deviations; the others count as they are.
func (f feature) standing() bool {
	return f == fSequence || f == fLongTerm || f >= numSources && f < fRegret
}

// FeatureNames lists what may carry a weight.
func FeatureNames() []string { return featureNames[:] }

// SourceNames lists what may propose.
func SourceNames() []string { return featureNames[:numSources] }

// LearnableNames lists what may have a learned weight.
func LearnableNames() []string {
	var names []string
	for f, name := range featureNames {
		if feature(f).standing() {
			names = append(names, name)
		}
	}
	return names
}

func featureByName(name string) (feature, bool) {
	for f, n := range featureNames {
		if n == name {
			return feature(f), true
		}
	}
	return 0, false
}

// loudness is how much a source's word counts when one of several is named as the reason. Exploring is the reason only
// of what nobody else proposed.
var loudness = [numSources]float32{
	fSequence: 1, fLongTerm: 0.9, fAffinity: 0.8, fFollowing: 1.2, fTrending: 0.5, fFresh: 0.2, fTuned: 1.2, fExplore: -1, fRelated: 1,
	fSimilar: 0.7,
}
