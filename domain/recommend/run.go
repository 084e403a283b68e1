package recommend

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// historyLength is how many of the viewer's good actions the sources look back on.
const historyLength = 50

// run is one page in the making: the query resolved to ordinals and terms, the candidates, and
// scratch space. Runs are pooled; nothing of a run outlives Recommend.
type run struct {
	*Query
	def     *Definition
	view    View
	signals Signals
	now     int64
	rand    *rand.Rand
	weights [numFeatures]float32

	tag, lang, region Term
	anchor            Ordinal

	liked   []past // good actions, newest first, one per item
	authors table  // term → affinity
	tags    table
	steer   [NumFields]table // author or tag term → what decisions say
	followA []Term
	mutedA  table
	steered table // ordinals the viewer asked less of
	moreA   []Term
	moreT   []Term

	session table // number → 1: served in this session
	exclude table // ordinal → 1
	resting table // number → restState
	awake   restState
	tiredA  table // author → decayed count of recent items
	tiredT  table
	last    Term // author of the item served last

	pool    pool
	fresh   int // candidates before this place are filtered and scored
	links   []Link
	ords    []Ordinal
	numbers []catalog.Number
	ids     []catalog.ItemID
	names   []string
	terms   []Term
	traits  []*Traits
	floats  []float32
	trials  []Trial
	order   []int
	skipped []string
	uses    []use
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
	r.rand = rand.New(rand.NewPCG(q.Seed, uint64(len(q.Served))))
	r.weights = [numFeatures]float32{}
	for name, w := range def.Weights {
		if f, ok := featureByName(name); ok {
			r.weights[f] = w
		}
	}
	r.skipped = nil
	r.pool.reset(1024)
	r.narrow()
	r.remember()
	r.history()
	r.decisions()
}

// narrow resolves the narrowing, the anchor and what is excluded.
func (r *run) narrow() {
	r.tag, r.lang, r.region = r.term(TagField, r.Tag), r.term(LangField, r.Lang), r.term(RegionField, r.Region)
	r.exclude.reset(len(r.Exclude) + 1)
	for _, at := range r.locate(r.Exclude) {
		if at != Nowhere {
			r.exclude.add(uint64(at), 1)
		}
	}
	r.anchor = Nowhere
	if r.Anchor != "" {
		r.ids = append(r.ids[:0], r.Anchor)
		if at := r.locate(r.ids)[0]; at != Nowhere {
			r.anchor = at
			r.exclude.add(uint64(at), 1)
		}
	}
}

// noSuchTerm stands for a name that no item has: nothing matches it.
const noSuchTerm = ^Term(0)

func (r *run) term(f Field, name string) Term {
	if name == "" {
		return 0
	}
	if t := r.termsOf(f, append(r.names[:0], name))[0]; t != 0 {
		return t
	}
	return noSuchTerm
}

// termsOf returns scratch space that the next call overwrites.
func (r *run) termsOf(f Field, names []string) []Term {
	r.names = names
	r.terms = sized(r.terms, len(names))
	r.view.Terms(f, names, r.terms)
	return r.terms
}

// locate returns scratch space that the next call overwrites.
func (r *run) locate(ids []catalog.ItemID) []Ordinal {
	r.ords = sized(r.ords, len(ids))
	r.view.Locate(ids, r.ords)
	return r.ords
}

// remember fills what the session served, what rests, and how tired the viewer is of authors and tags.
func (r *run) remember() {
	r.session.reset(len(r.Served))
	for _, n := range r.Served {
		r.session.add(uint64(n), 1)
	}
	m := &r.Knowledge.Memory
	r.resting.reset(len(m.Served) + len(m.Seen) + len(m.Consumed))
	r.rests(m.Served, servedBefore, r.def.Rest.Served)
	r.rests(m.Seen, seenBefore, r.def.Rest.Seen)
	r.rests(m.Consumed, consumedBefore, r.def.Rest.Consumed)
	r.tire(m.Served)
}

func (r *run) rests(marks []audience.Mark, s restState, rest time.Duration) {
	since := r.Now.Add(-rest)
	for i := range marks {
		if marks[i].At.After(since) {
			if v := r.resting.at(uint64(marks[i].Item)); *v < float32(s) {
				*v = float32(s)
			}
		}
	}
}

// tire counts authors and tags over the items served lately, this session's and earlier ones',
// each halved with every FatigueHalf that has passed.
func (r *run) tire(served []audience.Mark) {
	r.tiredA.reset(256)
	r.tiredT.reset(256)
	n := len(served) + len(r.Served)
	r.numbers, r.floats = r.numbers[:0], r.floats[:0]
	for i := range served {
		if r.session.get(uint64(served[i].Item)) != 0 {
			continue // counted below with the session
		}
		age := r.Now.Sub(served[i].At)
		weight := float32(math.Exp2(-float64(age) / float64(r.def.Arrange.FatigueHalf)))
		if weight < 0.02 {
			continue
		}
		r.numbers = append(r.numbers, served[i].Item)
		r.floats = append(r.floats, min(1, weight))
	}
	for i, item := range r.Served[max(0, len(r.Served)-sessionFatigue):] {
		r.numbers = append(r.numbers, item)
		back := min(len(r.Served), sessionFatigue) - i
		r.floats = append(r.floats, float32(math.Exp2(-float64(back)/(sessionFatigue/4))))
	}
	if n == 0 {
		return
	}
	r.ords = sized(r.ords, len(r.numbers))
	r.traits = sized(r.traits, len(r.numbers))
	r.view.LocateNumbers(r.numbers, r.ords)
	r.view.Describe(r.ords, r.traits)
	for i, t := range r.traits {
		if t == nil {
			continue
		}
		if t.Author != 0 {
			r.tiredA.add(uint64(t.Author), r.floats[i])
		}
		for _, tag := range t.Tags {
			r.tiredT.add(uint64(tag), r.floats[i])
		}
	}
	if len(r.Served) > 0 {
		if t := r.traits[len(r.traits)-1]; t != nil {
			r.last = t.Author
		}
	}
}

// sessionFatigue is how many of the session's last items tire; a quarter of it is the half-life.
const sessionFatigue = 60

// history turns the viewer's actions into liked items and affinities.
func (r *run) history() {
	r.liked = r.liked[:0]
	r.authors.reset(256)
	r.tags.reset(256)
	acts := r.Knowledge.Actions
	r.ids = r.ids[:0]
	for i := range acts {
		r.ids = append(r.ids, acts[i].Item)
	}
	ords := r.locate(r.ids)
	r.traits = sized(r.traits, len(ords))
	r.view.Describe(ords, r.traits)
	var topA, topT float32
	known := &r.steered // borrowed: decisions resets it afterwards
	known.reset(len(acts))
	for i := range acts {
		t := r.traits[i]
		if t == nil {
			continue
		}
		worth := r.Worth(acts[i])
		if worth == 0 || takenBack(acts[:i], acts[i]) {
			continue
		}
		recency := float32(math.Pow(0.97, float64(i)))
		if t.Author != 0 {
			topA = max(topA, grow(r.authors.at(uint64(t.Author)), worth*recency))
		}
		for _, tag := range t.Tags {
			topT = max(topT, grow(r.tags.at(uint64(tag)), worth*recency/float32(len(t.Tags))))
		}
		if seen := known.at(uint64(ords[i])); worth > 0 && *seen == 0 && len(r.liked) < historyLength {
			*seen = 1
			r.liked = append(r.liked, past{ords[i], t, min(worth, 2)})
		}
	}
	scale(&r.authors, topA)
	scale(&r.tags, topT)
}

// takenBack reports whether one of the newer acts reverses the act.
func takenBack(newer []audience.Action, a audience.Action) bool {
	var reversal audience.Act
	switch a.Act {
	case audience.Like:
		reversal = audience.Unlike
	case audience.Favorite:
		reversal = audience.Unfavorite
	default:
		return false
	}
	for i := range newer {
		if newer[i].Act == reversal && newer[i].Item == a.Item {
			return true
		}
	}
	return false
}

// grow adds v and returns how large the sum is, either way.
func grow(at *float32, v float32) float32 {
	*at += v
	if *at < 0 {
		return -*at
	}
	return *at
}

// scale divides every value by top, so that the strongest is 1 or -1.
func scale(t *table, top float32) {
	if top <= 0 {
		return
	}
	for i := range t.slots {
		if t.slots[i].stamp == t.stamp {
			t.slots[i].val /= top
		}
	}
}

// sized returns s with length n; what it holds is undefined.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}
