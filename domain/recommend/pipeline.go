package recommend

import (
	"slices"
	"sync"
)

// Pipeline serves one feed definition: sources, filters, scorer and arranger over an index and what
// was learned. It is safe for concurrent use.
type Pipeline struct {
	def                   Definition
	index                 Index
	signals               Signals
	uses                  []use
	models                Models
	atlas                 atlas
	blend                 *Blend
	standing, adjustments []feature
	counted               [numFeatures]bool
	stakes                stakes
	runs                  sync.Pool
}

type use struct {
	f     feature
	limit int
}

// NewPipeline fails with ErrDefinition.
func NewPipeline(def Definition, index Index, signals Signals, models Models) (*Pipeline, error) {
	if err := def.Check(); err != nil {
		return nil, err
	}
	p := &Pipeline{def: def, index: index, signals: signals, models: models, stakes: newStakes(def.Actions)}
	for _, u := range def.Sources {
		f, _ := sourceByName(u.Name)
		p.uses = append(p.uses, use{f, u.Limit})
	}
	p.weigh()
	p.runs.New = func() any { return &arranger{run: &run{}} }
	return p, nil
}

// Definition is what the pipeline serves.
func (p *Pipeline) Definition() Definition { return p.def }

// Recommend chooses at most q.Want items. It holds fewer only when nothing else may be shown.
func (p *Pipeline) Recommend(q *Query) Slate {
	a := p.runs.Get().(*arranger)
	defer p.runs.Put(a)
	p.prepare(a, q)
	a.arrange()
	return a.slate()
}

// prepare gathers, filters and values the candidates.
func (p *Pipeline) prepare(a *arranger, q *Query) {
	view := p.index.View()
	a.uses, a.standingFeatures, a.adjustments = p.uses, p.standing, p.adjustments
	a.stakes, a.counted = &p.stakes, &p.counted
	a.places = p.atlas.places(p.models.Model(), view)
	a.begin(q, &p.def, view, p.signals)
	a.weights = p.blend.of(acquaintanceOf(len(a.liked)))
	a.propose()
	a.topUp()
	a.filter()
	a.score()
}

// weigh takes the weights from the definition: those that are learned begin there.
func (p *Pipeline) weigh() {
	var prior weights
	var learned []feature
	for f, name := range featureNames {
		prior[f] = p.def.Weights[name]
		teachable := slices.Contains(p.def.Learned, name)
		if teachable {
			learned = append(learned, feature(f))
		}
		switch {
		case prior[f] == 0 && !teachable:
		case feature(f).standing():
			p.standing = append(p.standing, feature(f))
		default:
			p.adjustments = append(p.adjustments, feature(f))
		}
		p.counted[f] = prior[f] != 0 || teachable
	}
	for _, u := range p.uses {
		p.counted[u.f] = true
	}
	p.blend = newBlend(prior, learned)
}

// propose asks every source while there is time.
func (r *run) propose() {
	for _, u := range r.uses {
		name := featureNames[u.f]
		if r.Spent != nil && r.Spent() {
			if !slices.Contains(r.skipped, name) {
				r.skipped = append(r.skipped, name)
			}
			continue
		}
		sources[u.f](r, u.limit)
	}
}

func (a *arranger) slate() Slate {
	s := Slate{Relaxed: a.relaxed, Skipped: a.skipped, Picks: make([]Pick, len(a.picks)), Weights: a.weights.digest()}
	if a.places != nil {
		s.Trained = a.places.model.Version()
	}
	before := a.ranksBefore()
	ords := sized(a.ords, len(a.picks))
	items := a.items(ords)
	all := 0.0
	if a.Debug {
		all = a.likelihood()
	}
	a.why = a.reasons(a.why[:0])
	sources := make([]string, 0, 2*len(a.picks)) // those of all picks
	for k := range a.picks {
		p, reason, from := &a.picks[k], a.why[k], len(sources)
		sources = a.sourcesOf(p, reason.Source, sources)
		s.Picks[k] = Pick{
			Item: items[k], Score: NewScore(p.final), Reason: reason,
			Sources: slices.Clip(sources[from:]), RankBefore: before[k], Chance: p.chance,
			Supposed: a.supposed(k),
		}
		if a.Debug {
			s.Picks[k].Terms = a.termsFor(&a.pool.list[p.place])
			s.Picks[k].Actions = a.actionsFor(p.place, all)
		}
	}
	if a.Debug {
		s.Dropped = a.drops()
	}
	return s
}

// ranksBefore gives each pick's rank by value among all that passed the filters; of equals the one first proposed is first.
func (a *arranger) ranksBefore() []int {
	list := a.pool.list
	ranks := sized(a.ranks, len(a.picks))
	a.ranks = ranks
	for k := range a.picks {
		place := a.picks[k].place
		value := list[place].value
		ranks[k] = 1
		for i := range list {
			if c := &list[i]; c.dropped == kept && (c.value > value || c.value == value && i < place) {
				ranks[k]++
			}
		}
	}
	return ranks
}
