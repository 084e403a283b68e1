package recommend

import (
	"math/rand/v2"

	"github.com/freshet/freshet/domain/catalog"
)

// run is one page in the making: the query resolved to ordinals and terms, the candidates, and
// scratch space. Runs are pooled; nothing of a run outlives Recommend.
type run struct {
	*Query
	def     *Definition
	view    View
	signals Signals
	now     int64
	lot     rand.PCG
	rand    *rand.Rand // by lot
	places  *places    // of the trained model; nil: there is none

	weights          *weights
	standingFeatures []feature // with a weight, by their standing
	adjustments      []feature // with a weight, as they are
	standings        standings
	counted          *[numFeatures]bool // the feed weighs it, or its source proposes
	spread           float32            // the standard deviation of values before adjustments

	stakes   *stakes
	manner   Outcomes // what came of the viewer's own meetings
	outlook  outlook
	foreseen [][NumOutcomes]float32 // by place in the pool; only for Debug, and where there are stakes

	tag, lang, region Term
	anchor            Ordinal

	liked    []past // good actions, newest first, one per item
	authors  table  // term → affinity
	tags     table
	tagsLate table // of the last few acts
	regrets  regrets
	steer    [NumFields]table // author or tag term → what decisions say
	stance   *stance          // own, or one that is kept with the viewer
	steered  table            // ordinals the viewer asked less of
	own      stance
	moreA    []Term
	moreT    []Term

	succession succession
	habits     habits
	prospect   prospect
	likeness   likeness

	session table // number → 1: served in this session
	exclude table // ordinal → 1
	resting table // number → restState
	awake   restState
	tiredA  table // author → decayed count of recent items
	tiredT  table
	last    Term // author of the item served last

	passed table // ordinal → filterID of items passed over; only for Debug

	pool    pool
	fresh   int // candidates before this place are filtered and scored
	links   []Link
	sums    []sum
	foundAt []found
	ends    table
	anchors []Ordinal
	fame    []Fame
	block   block
	named   struct { // one item, to be told by id
		at     [1]Ordinal
		traits [1]*Traits
		id     [1]catalog.ItemID
	}
	around   []authored
	by       table // author → how many are proposed
	strong   []weighted
	followed []followed
	told     []trait
	carried  []uint32
	kin      []kin
	twin     likeness // to the anchor
	ords     []Ordinal
	numbers  []catalog.Number
	ids      []catalog.ItemID
	names    []string
	terms    []Term
	traits   []*Traits
	floats   []float32
	sizes    threshold
	trials   []Trial
	outcomes []Outcomes
	theirs   []Outcomes
	skipped  []string
	uses     []use
}

// past is one good action: the item, its traits, and its worth after recency.
type past struct {
	at     Ordinal
	traits *Traits
	worth  float32
}

// restState is how far an item got with the viewer; higher rests longer.
type restState float32

const (
	rested restState = iota
	servedBefore
	seenBefore
	consumedBefore
)

func (r *run) begin(q *Query, def *Definition, view View, signals Signals) {
	r.Query, r.def, r.view, r.signals = q, def, view, signals
	r.now, r.awake, r.fresh, r.last = q.Now.UnixMilli(), rested, 0, 0
	if r.rand == nil {
		r.rand = rand.New(&r.lot)
	}
	r.lot.Seed(q.Seed, uint64(len(q.Served)))
	r.standings, r.spread = standings{}, 0
	r.succession.reset()
	r.skipped, r.foreseen = nil, r.foreseen[:0]
	r.pool.reset(1024)
	r.pool.heed = def.heed()
	r.passed.reset(64)
	r.narrow()
	r.remember()
	r.history()
	r.decisions()
	r.learnHabits()
	r.lookAhead()
	r.learnLikeness()
}

// counts reports whether any of the features says something in this feed: what only others need is not worked out.
func (r *run) counts(any ...feature) bool {
	for _, f := range any {
		if r.counted[f] {
			return true
		}
	}
	return false
}

// sized returns s with length n; what it holds is undefined.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}
