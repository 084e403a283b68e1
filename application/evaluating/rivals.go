package evaluating

import "time"

// rivals are the baselines: they learn the same lines and answer the same questions, by the simplest exact means.
type rivals struct {
	popular *popular
	latest  []*latest
	near    *near
	scores  []*score // of popular, of each of latest, of near
}

// windows are how far back what is popular lately looks; the one that does best is reported.
var windows = []time.Duration{30 * time.Minute, 2 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

func newRivals(items, k int) *rivals {
	r := &rivals{popular: newPopular(items), near: newNear(items)}
	for _, w := range windows {
		r.latest = append(r.latest, &latest{popular: newPopular(items), window: w})
	}
	for range len(windows) + 2 {
		r.scores = append(r.scores, &score{k: k})
	}
	return r
}

// enter puts an item into the catalogue.
func (r *rivals) enter(item int32) {
	r.popular.enter(item)
	for _, l := range r.latest {
		l.enter(item)
	}
	r.near.enter(item)
}

// learn is told that a viewer who liked all that liked one item more.
func (r *rivals) learn(liked []int32, item int32) {
	r.popular.count(item, 1)
	r.near.learn(liked, item)
}

// lately is told the same for what is popular lately; times do not go back.
func (r *rivals) lately(item int32, at time.Time) {
	for _, l := range r.latest {
		l.add(item, at)
	}
}

// until forgets what is too long ago at now.
func (r *rivals) until(now time.Time) {
	for _, l := range r.latest {
		l.expire(now)
	}
}

// ask looks how each ranks the item among all in the catalogue that the viewer has not met.
func (r *rivals) ask(met, liked []int32, item int32) {
	r.scores[0].place(r.popular.rank(met, item))
	for i, l := range r.latest {
		r.scores[1+i].place(l.rank(met, item))
	}
	r.scores[len(r.scores)-1].place(r.near.rank(met, liked, item))
}

// miss is a question that nobody can answer.
func (r *rivals) miss() {
	for _, s := range r.scores {
		s.tested++
	}
}

// Baseline is how a simple method did at the same questions.
type Baseline struct {
	Name          string
	Window        time.Duration // of the popular lately
	HR, NDCG, MRR float64
}

func (r *rivals) baselines() []Baseline {
	all := make([]Baseline, len(r.scores))
	for i, s := range r.scores {
		all[i].HR, all[i].NDCG, all[i].MRR = s.means()
	}
	best := 1
	for i := range windows {
		all[1+i].Name, all[1+i].Window = "recent_popular", windows[i]
		if all[1+i].NDCG > all[best].NDCG {
			best = 1 + i
		}
	}
	all[0].Name, all[len(all)-1].Name = "popular", "item_knn"
	return []Baseline{all[0], all[best], all[len(all)-1]}
}
