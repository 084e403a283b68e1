package serving

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// ErrNoFeed refuses a feed that the configuration does not name.
var ErrNoFeed = fault.New(fault.NotFound, "feed_not_found", "there is no such feed")

// RelatedFeed is the definition that related items are served by.
const RelatedFeed = "related"

// Plan is one version of what to serve; it is immutable.
type Plan struct {
	Version   string
	Lifetime  time.Duration // of a session
	Weights   engagement.Weights
	Layers    []experiment.Layer
	pipelines map[string]*recommend.Pipeline
	worth     func(audience.Action) float32
}

// NewPlan checks everything and fails with the first fault, naming the field.
func NewPlan(version string, lifetime time.Duration, w engagement.Weights, layers []experiment.Layer,
	feeds []recommend.Definition, index recommend.Index, signals recommend.Signals, models recommend.Models) (*Plan, error) {
	p := &Plan{Version: version, Lifetime: lifetime, Weights: w, Layers: layers, pipelines: make(map[string]*recommend.Pipeline, len(feeds))}
	p.worth = func(a audience.Action) float32 { return w.Worth(a.Act, a.Watched, a.Duration) }
	for i, l := range layers {
		if err := l.Check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(layers[:i], func(o experiment.Layer) bool { return o.Name == l.Name }) {
			return nil, experiment.ErrLayerName.On("experiments").Saying("there are two experiments named %q", l.Name)
		}
	}
	for _, d := range feeds {
		pl, err := recommend.NewPipeline(d, index, signals, models)
		if err != nil {
			return nil, err
		}
		p.pipelines[d.Name] = pl
	}
	if _, ok := p.pipelines[RelatedFeed]; !ok {
		return nil, recommend.ErrDefinition.On("feeds").Saying("a feed named %q is needed for related items", RelatedFeed)
	}
	for _, l := range layers {
		for _, v := range l.Variants {
			for from, to := range v.Feeds {
				if p.pipelines[from] == nil || p.pipelines[to] == nil {
					return nil, recommend.ErrDefinition.On("experiments").Saying("variant %q of %q serves %q for %q; both must be feeds", v.Name, l.Name, to, from)
				}
			}
		}
	}
	return p, nil
}

// Feeds names what the plan can serve.
func (p *Plan) Feeds() []string {
	names := make([]string, 0, len(p.pipelines))
	for n := range p.pipelines {
		names = append(names, n)
	}
	return names
}

// Learning gives the pipelines whose weights are learned, by name.
func (p *Plan) Learning() []*recommend.Pipeline {
	var learn []*recommend.Pipeline
	for _, name := range slices.Sorted(maps.Keys(p.pipelines)) {
		if pl := p.pipelines[name]; len(pl.Definition().Learned) > 0 {
			learn = append(learn, pl)
		}
	}
	return learn
}

func (p *Plan) pipeline(definition string) (*recommend.Pipeline, error) {
	if pl, ok := p.pipelines[definition]; ok {
		return pl, nil
	}
	return nil, ErrNoFeed.On("feed")
}

// query is what a page of the session is chosen from at now.
func (p *Plan) query(session *feed.RecommendationSession, known audience.Knowledge, want int, exclude []catalog.ItemID, now time.Time) *recommend.Query {
	v := session.Visit()
	q := &recommend.Query{
		Now: now, Seed: v.Seed, Want: want, Knowledge: known, Worth: p.worth,
		Tag: v.Narrowing.Tag, Lang: v.Narrowing.Lang, Region: v.Narrowing.Region, Anchor: v.Narrowing.Anchor,
		Exclude: exclude, Served: session.Served(),
	}
	if session.Lost().Len() > 0 {
		q.Lost = session.HasServed
	}
	return q
}

func (p *Plan) inputs(index recommend.Index, signals recommend.Signals, known audience.Knowledge, slate recommend.Slate) feed.Inputs {
	return feed.Inputs{
		Config: p.Version, Catalogue: index.View().Version(), Model: signals.Model(), Trained: slate.Trained, Weights: slate.Weights,
		Viewer: known.Digest(),
	}
}

// Plans holds the plan in force. It is safe for concurrent use.
type Plans struct{ now atomic.Pointer[Plan] }

// NewPlans starts with p.
func NewPlans(p *Plan) *Plans {
	ps := &Plans{}
	ps.now.Store(p)
	return ps
}

// Current is the plan in force.
func (ps *Plans) Current() *Plan { return ps.now.Load() }
