package evaluating

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/recommend"
)

// Report is how well it went.
type Report struct {
	Options
	Config, Feed string
	Result
	Viewers   int                                           // who were asked for
	Unseen    int                                           // questions for items that nobody had met before: misses
	Repeats   int                                           // positive lines on items that the viewer had met: no questions
	Strays    int                                           // lines on items that are not in the catalogue: left out
	Lines     int                                           // that were played
	Items     int                                           // in the catalogue at the end
	Weights   map[string]float64                            // those that are learned, at the end, of all viewers
	ByLikes   map[recommend.Acquaintance]map[string]float64 // and of those of whom so many likes are known
	Prior     map[string]float64                            // the same as configured
	Sources   []Contribution
	Baselines []Baseline
	Ablation  []Ablated
	Deciles   []float64     // HR of each tenth of the questions, in their order; Prequential only
	EventTime time.Duration // to learn one event, weights included where they are learned with it
	Trainings int           // of the long-term model
	TrainTime time.Duration // all of them together
	Bytes     int           // what the model and the long-term model take
	Took      time.Duration
}

// Result is how well one feed did. What cannot be said, because nothing has tags or authors, is not a number.
type Result struct {
	Tested        int // questions
	HR, NDCG, MRR float64
	Coverage      float64 // the share of the catalogue that was on any page
	ColdTested    int     // questions for items in the catalogue with less than five lines before
	ColdHR        float64
	Diversity     float64       // the mean over pages of how unlike two of their items are: one minus the Jaccard similarity of tags
	Concentration float64       // the Herfindahl index of authors over all places: 1 is one author, near 0 is many
	Novelty       float64       // the mean over places of -log2 of the item's share of all lines so far, each item counted once more
	Recall        float64       // how often the item that was settled on was among the candidates
	Candidates    float64       // how many there were, on average
	PageTime      time.Duration // mean
	PageTime99    time.Duration // exceeded by one page of a hundred
}

// Contribution is what a source did for the hits.
type Contribution struct {
	Source   string
	Proposed float64 // the share of hits that it proposed
	Named    float64 // the share of hits that it was the reason of
}

// Ablated is how well the feed did without one part.
type Ablated struct {
	Kind, Part string
	Result
}

func (r *run) report(took time.Duration) *Report {
	m := r.meters[0]
	learned := r.class.pipelines[0].Blend().Learned()
	rep := &Report{
		Options: r.o, Config: r.subject.Config, Feed: r.subject.Feed.Name, Result: r.result(0),
		Viewers: m.viewers, Unseen: m.unseen, Repeats: m.repeats, Strays: r.strays, Lines: len(r.lines), Items: len(r.byNumber) - 1,
		Weights: learned.Weights, Prior: map[string]float64{}, ByLikes: map[recommend.Acquaintance]map[string]float64{}, Baselines: r.rivals.baselines(), EventTime: r.learning / time.Duration(max(1, r.learned)),
		Trainings: r.trained.runs, TrainTime: r.trained.took, Bytes: r.engine.Bytes() + r.student.Stats().Bytes + r.trained.bytes(), Took: took,
	}
	for _, a := range recommend.Acquaintances() {
		rep.ByLikes[a] = map[string]float64{}
	}
	for name := range learned.Weights {
		rep.Prior[name] = float64(r.subject.Feed.Weights[name])
		for a, weights := range rep.ByLikes {
			weights[name] = r.class.pipelines[0].Blend().Weight(a, name)
		}
	}
	for _, u := range r.subject.Feed.Sources {
		rep.Sources = append(rep.Sources, m.contribution(u.Name))
	}
	if r.o.Protocol == Prequential {
		rep.Deciles = m.deciles()
	}
	for i, v := range r.meters[1:] {
		rep.Ablation = append(rep.Ablation, Ablated{v.kind, v.part, r.result(i + 1)})
	}
	return rep
}

func (r *run) result(feed int) Result {
	m, l := r.meters[feed], r.class.lessons[feed]
	res := Result{Tested: m.tested, ColdTested: m.cold.tested, Diversity: m.distance.value(), Concentration: m.concentration(), Novelty: m.novelty.value()}
	res.HR, res.NDCG, res.MRR = m.means()
	res.ColdHR, _, _ = m.cold.means()
	shown := 0
	for _, s := range m.shown {
		if s {
			shown++
		}
	}
	res.Coverage = float64(shown) / float64(max(1, len(r.byNumber)-1))
	res.Recall, res.Candidates = float64(l.found)/float64(max(1, l.all)), float64(l.candidates)/float64(max(1, l.all))
	res.PageTime, res.PageTime99 = m.pageTimes()
	return res
}

func (m *meter) contribution(source string) Contribution {
	hits := 0
	for _, h := range m.hits {
		if h > 0 {
			hits++
		}
	}
	n := float64(max(1, hits))
	return Contribution{source, float64(m.proposed[source]) / n, float64(m.named[source]) / n}
}

func (m *meter) deciles() []float64 {
	tenths := make([]float64, 10)
	for d := range tenths {
		part := m.hits[len(m.hits)*d/10 : len(m.hits)*(d+1)/10]
		for _, h := range part {
			tenths[d] += float64(h)
		}
		tenths[d] /= float64(max(1, len(part)))
	}
	return tenths
}

func (m *meter) concentration() float64 {
	sum := 0.0
	for _, n := range m.authors {
		sum += float64(n) * float64(n)
	}
	return sum / (float64(m.slots) * float64(m.slots))
}

func (m *meter) pageTimes() (average, p99 time.Duration) {
	if len(m.times) == 0 {
		return 0, 0
	}
	sorted := slices.Clone(m.times)
	slices.Sort(sorted)
	for _, t := range sorted {
		average += t
	}
	return average / time.Duration(len(sorted)), sorted[len(sorted)*99/100]
}
