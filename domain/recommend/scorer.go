package recommend

import "math"

// freshHalf is the age, in milliseconds, at which an item is half as fresh as a new one.
const freshHalf = 2 * 24 * 3600 * 1000

// score values the candidates that were added since it last ran: the sum of weight times feature.
func (r *run) score() {
	batch := r.pool.list[r.fresh:]
	r.ords = sized(r.ords, len(batch))
	for i := range batch {
		r.ords[i] = batch[i].at
	}
	r.floats = sized(r.floats, len(batch))
	r.signals.Popularity(r.ords, r.Now, r.floats)
	r.trials = sized(r.trials, len(batch))
	r.signals.Trials(r.ords, r.trials)
	for i := range batch {
		c := &batch[i]
		t := c.traits
		c.features[fPopularity] = saturate(r.floats[i])
		c.features[fFreshness] = freshness(r.now - t.Published)
		c.features[fQuality] = (1 + r.trials[i].Liked) / (2 + max(r.trials[i].Met, r.trials[i].Liked))
		c.features[fAuthorAffinity] = r.authors.get(uint64(t.Author))
		c.features[fTagAffinity] = mean(&r.tags, t.Tags)
		c.features[fSteered] = r.steering(t)
		c.value = 0
		for f, w := range r.weights {
			c.value += w * c.features[f]
		}
		c.value = NewScore(c.value).Value()
	}
	r.fresh = len(r.pool.list)
}

// saturate maps a count to 0..1 by its logarithm; some 3,000 is as popular as can be.
func saturate(count float32) float32 {
	return min(1, float32(math.Log1p(float64(max(0, count))))/8)
}

func freshness(age int64) float32 {
	return float32(math.Exp2(-float64(max(0, age)) / freshHalf))
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
