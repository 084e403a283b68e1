package recommend

import "github.com/freshet/freshet/domain/catalog"

// filterID names why a candidate was dropped; 0 means it was not.
type filterID uint8

// The filters, in the order they are asked: cheap first.
const (
	kept filterID = iota
	byState
	byExpiry
	byNarrowing
	byMute
	byTuning
	bySession
	byExclude
	byServed
	bySeen
	byConsumed
	numFilters
)

var filterNames = [numFilters]string{
	"", "state", "expired", "narrowing", "muted", "steered_away", "session", "excluded", "served", "seen", "consumed",
}

// reject says which filter drops the item, or kept.
func (r *run) reject(at Ordinal, t *Traits) filterID {
	switch {
	case !t.Live(r.now):
		if t.Live(0) {
			return byExpiry
		}
		return byState
	case r.tag != 0 && !has(t.Tags, r.tag),
		r.lang != 0 && t.Lang != 0 && t.Lang != r.lang,
		r.region != 0 && t.Region != 0 && t.Region != r.region:
		return byNarrowing
	case r.stance.muted.has(t.Author):
		return byMute
	case r.steered.get(uint64(at)) != 0:
		return byTuning
	case r.session.get(uint64(t.Number)) != 0, r.Lost != nil && r.Lost(t.Number):
		return bySession
	case r.exclude.get(uint64(at)) != 0:
		return byExclude
	}
	if rest := restState(r.resting.get(uint64(t.Number))); rest > r.awake {
		return byServed + filterID(rest-servedBefore)
	}
	return kept
}

// filter drops what may not be shown from the candidates that were added since it last ran.
func (r *run) filter() {
	batch := r.pool.list[r.fresh:]
	r.ords = sized(r.ords, len(batch))
	for i := range batch {
		r.ords[i] = batch[i].at
	}
	r.traits = sized(r.traits, len(batch))
	r.view.Describe(r.ords, r.traits)
	for i := range batch {
		c := &batch[i]
		if c.traits = r.traits[i]; c.traits == nil {
			c.traits = later
		}
		c.dropped = r.reject(c.at, c.traits)
	}
}

// later stands for an item that the signals and the model know already, and the view of this page does not yet.
var later = &Traits{State: catalog.Removed}

// wake lets items rest no longer that got at most as far as s, and reconsiders those dropped for it.
func (r *run) wake(s restState) {
	r.awake = s
	for i := range r.pool.list {
		if c := &r.pool.list[i]; c.dropped >= byServed && c.dropped <= byConsumed {
			c.dropped = r.reject(c.at, c.traits)
		}
	}
}

func has(terms []Term, t Term) bool {
	for _, x := range terms {
		if x == t {
			return true
		}
	}
	return false
}
