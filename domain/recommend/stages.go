package recommend

// source proposes up to limit candidates by r.pool.add.
type source func(r *run, limit int)

// sources are all that can be named in a feed's definition. A new one is a feature, a file and a
// line here.
var sources = [numSources]source{
	fSequence:  sequence,
	fLongTerm:  longterm,
	fAffinity:  affinity,
	fFollowing: following,
	fTrending:  trending,
	fFresh:     newest,
	fTuned:     tuned,
	fExplore:   explore,
	fRelated:   related,
	fSimilar:   similar,
}

func sourceByName(name string) (feature, bool) {
	f, ok := featureByName(name)
	return f, ok && f < numSources
}
