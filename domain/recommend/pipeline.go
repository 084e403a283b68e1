package recommend

import (
	"cmp"
	"slices"
	"sync"
)

// Pipeline serves one feed definition: sources, filters, scorer and arranger over an index and what
// was learned. It is safe for concurrent use.
type Pipeline struct {
	def     Definition
	index   Index
	signals Signals
	uses    []use
	runs    sync.Pool
}

type use struct {
	f     feature
	limit int
}

// NewPipeline fails with ErrDefinition.
func NewPipeline(def Definition, index Index, signals Signals) (*Pipeline, error) {
	if err := def.Check(); err != nil {
		return nil, err
	}
	p := &Pipeline{def: def, index: index, signals: signals}
	for _, u := range def.Sources {
		f, _ := sourceByName(u.Name)
		p.uses = append(p.uses, use{f, u.Limit})
	}
	p.runs.New = func() any { return &arranger{run: &run{}} }
	return p, nil
}

// Definition is what the pipeline serves.
func (p *Pipeline) Definition() Definition { return p.def }

// Recommend chooses at most q.Want items. It holds fewer only when nothing else may be shown.
func (p *Pipeline) Recommend(q *Query) Slate {
	a := p.runs.Get().(*arranger)
	defer p.runs.Put(a)
	a.begin(q, &p.def, p.index.View(), p.signals)
	a.uses = p.uses
	a.propose()
	a.filter()
	a.score()
	a.arrange()
	return a.slate()
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
	s := Slate{Relaxed: a.relaxed, Skipped: a.skipped, Picks: make([]Pick, len(a.picks))}
	before := a.ranksBefore()
	ords := sized(a.ords, len(a.picks))
	items := a.items(ords)
	for k, i := range a.picks {
		c := &a.pool.list[i]
		s.Picks[k] = Pick{
			Item: items[k], Score: NewScore(a.finals[k]), Reason: a.reason(c),
			Sources: a.sourcesOf(c), RankBefore: before[k],
		}
		if a.Debug {
			s.Picks[k].Terms = a.termsFor(c)
		}
	}
	if a.Debug {
		s.Dropped = a.drops()
	}
	return s
}

// ranksBefore gives each pick's rank by value among all that passed the filters.
func (a *arranger) ranksBefore() []int {
	list := a.pool.list
	a.order = a.order[:0]
	for i := range list {
		if list[i].dropped == kept {
			a.order = append(a.order, i)
		}
	}
	slices.SortStableFunc(a.order, func(i, j int) int { return cmp.Compare(list[j].value, list[i].value) })
	ranks := make([]int, len(a.picks))
	for k, i := range a.picks {
		ranks[k] = slices.Index(a.order, i) + 1
	}
	return ranks
}
