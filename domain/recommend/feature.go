package recommend

// feature is one summand of an item's value before its weight. The first ones are what the source of
// the same name said, above 0 and at most 1.
type feature uint8

const (
	fSequence feature = iota
	fAffinity
	fFollowing
	fTrending
	fFresh
	fTuned
	fExplore
	fRelated
	numSources // the features above belong to sources

	fPopularity     feature = iota - 1 // how popular now, compared with the other candidates: 0 to 1
	fFreshness                         // 1 when just published, a half after two days, 0 in the long run
	fTagAffinity                       // what the viewer's acts say of the item's tags: -1 to 1
	fAuthorAffinity                    // what they say of its author: -1 to 1
	fQuality                           // the mean of the posterior that a meeting ends well: 0 to 1
	fSteered                           // what tuning decisions say: below 0 for less, above for more
	numFeatures     = int(iota - 1)
)

var featureNames = [numFeatures]string{
	"sequence", "affinity", "following", "trending", "fresh", "tuned", "explore", "related",
	"popularity", "freshness", "tag_affinity", "author_affinity", "quality", "steered",
}

// FeatureNames lists what may carry a weight.
func FeatureNames() []string { return featureNames[:] }

// SourceNames lists what may propose.
func SourceNames() []string { return featureNames[:numSources] }

func featureByName(name string) (feature, bool) {
	for f, n := range featureNames {
		if n == name {
			return feature(f), true
		}
	}
	return 0, false
}
