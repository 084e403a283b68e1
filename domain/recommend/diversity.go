package recommend

import "slices"

// Diversity is how unlike two items of a page are: one minus the Jaccard similarity of their tags, the mean over all pairs
// of which one has any (intra-list diversity; Ziegler et al., "Improving Recommendation Lists Through Topic
// Diversification", WWW 2005). It lies between 0 and 1; ok is false where there is no such pair.
func Diversity(picks []Pick) (mean float64, ok bool) {
	pairs := 0
	for i := range picks {
		for j := range i {
			a, b := picks[i].Item.Details.Tags, picks[j].Item.Details.Tags
			if len(a)+len(b) == 0 {
				continue
			}
			both := 0
			for _, tag := range a {
				if slices.Contains(b, tag) {
					both++
				}
			}
			mean += 1 - float64(both)/float64(len(a)+len(b)-both)
			pairs++
		}
	}
	return mean / float64(max(1, pairs)), pairs > 0
}
