package recommend

import "math"

// freshHalf is the age, in milliseconds, at which an item is half as fresh as a new one.
const freshHalf = 2 * 24 * 3600 * 1000

// score values the candidates that were added since it last ran. The bulk of candidates is what all are compared
// with: when more come at once than were compared so far, all are compared anew.
func (r *run) score() {
	batch := r.pool.list[r.fresh:]
	r.look(batch)
	r.fresh = len(r.pool.list)
	n := 0
	for i := range batch {
		if batch[i].dropped == kept {
			n++
		}
	}
	if n > r.standings.n {
		r.standings.measure(r.pool.list, r.standingFeatures)
		batch = r.pool.list
		r.spread = 0
	}
	for i := range batch {
		r.appraise(&batch[i])
	}
	if r.spread == 0 {
		r.spread = spread(batch)
	}
	for i := range batch {
		c := &batch[i]
		c.value = NewScore(c.value + r.spread*r.adjust(c)).Value()
	}
}

// appraise values what is learned of the candidate: its appeal, and what opening it comes to.
func (r *run) appraise(c *candidate) { c.value = r.appeal(c) + c.gain }

// appeal is the logarithm of how likely the viewer opens the item, up to a constant of the page: it is what the blend is
// learned by.
func (r *run) appeal(c *candidate) (v float32) {
	for _, f := range r.standingFeatures {
		x := (c.features[f] - r.standings.mean[f]) * r.standings.scale[f]
		if x > farthest {
			x = farthest
		} else if x < -farthest {
			x = -farthest
		}
		v += r.weights[f] * x
	}
	return v
}

// adjust is what the named adjustments add to a candidate's value, in standard deviations of all values.
func (r *run) adjust(c *candidate) float32 {
	var v float32
	for _, f := range r.adjustments {
		v += r.weights[f] * c.features[f]
	}
	return v
}

// spread is the standard deviation of the values, 1 where all are equal.
func spread(list []candidate) float32 {
	var n, sum, squares float64
	for i := range list {
		if list[i].dropped == kept {
			v := float64(list[i].value)
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	if n < 2 {
		return 1
	}
	if variance := squares/n - sum/n*(sum/n); variance > 1e-9 {
		return float32(math.Sqrt(variance))
	}
	return 1
}

// look fills the features of candidates.
func (r *run) look(batch []candidate) {
	r.ords = sized(r.ords, len(batch))
	for i := range batch {
		r.ords[i] = batch[i].at
	}
	r.floats = sized(r.floats, len(batch))
	popular := r.counts(fPopularity)
	if popular {
		r.signals.Popularity(r.ords, r.Now, r.floats)
	}
	r.trials = sized(r.trials, len(batch))
	r.signals.Trials(r.ords, r.trials)
	r.fame = sized(r.fame, len(batch))
	r.signals.Fame(r.ords, r.Now, r.fame)
	for i := range batch {
		c := &batch[i]
		t, x := c.traits, &c.features
		r.follow(c)
		place, known := r.place(c.at)
		x[fLongTerm], x[fLongTermFlat] = r.habits.of(place, known)
		x[fRecurrent] = r.prospect.of(place, known)
		if popular {
			x[fPopularity] = logarithm(r.floats[i])
		}
		for w, acts := range r.fame[i].Recent {
			if f := fPopular15m + feature(w); r.counts(f) {
				x[f] = logarithm(acts)
			}
		}
		x[fPopularEver] = logarithm(r.fame[i].Ever)
		x[fKnown] = float32(Log(1 + max(0, r.fame[i].Known.Minutes())/10))
		x[fFreshness] = freshness(r.now - t.Published)
		x[fQuality] = (1 + r.trials[i].Liked) / (2 + max(r.trials[i].Met, r.trials[i].Liked))
		x[fAuthorAffinity], x[fTagAffinity] = r.authors.get(uint64(t.Author)), mean(&r.tags, t.Tags)
		x[fTagRecent] = mean(&r.tagsLate, t.Tags)
		x[fSimilarity] = r.likeness.of(t)
		x[fRegret], x[fSteered] = r.regrets.of(t), r.steering(t)
	}
	r.foresee(batch)
}

// logarithm tells small counts apart and large ones hardly.
func logarithm(count float32) float32 { return float32(Log(0.05 + float64(max(0, count)))) }

func freshness(age int64) float32 {
	return float32(Exp2(-float64(max(0, age)) / freshHalf))
}

func mean(t *table, terms []Term) float32 {
	if len(terms) == 0 || t.n == 0 {
		return 0
	}
	var sum float32
	for _, x := range terms {
		sum += t.get(uint64(x))
	}
	return sum / float32(len(terms))
}

// steering is what decisions say of the item: of its author, and of the tag they say most of.
func (r *run) steering(t *Traits) float32 {
	v := r.steer[AuthorField].get(uint64(t.Author))
	if r.steer[TagField].n == 0 {
		return v
	}
	var low, high float32
	for _, tag := range t.Tags {
		s := r.steer[TagField].get(uint64(tag))
		low, high = min(low, s), max(high, s)
	}
	return v + low + high
}
