package evaluating

import (
	"math"
	"time"

	"github.com/freshet/freshet/domain/recommend"
)

// coldBelow is how many lines an item has had that is not cold any more.
const coldBelow = 5

// meter looks at the pages of one feed.
type meter struct {
	score
	variant
	authorOf []int32 // by item; 0: none

	viewers, unseen, repeats int
	cold                     score
	hits                     []float32 // by question
	shown                    []bool    // by item
	distance, novelty        mean
	authors                  []int // slots, by author
	slots                    int   // with an author
	proposed, named          map[string]int
	times                    []time.Duration
}

// mean is one in the making.
type mean struct{ sum, n float64 }

func (m *mean) add(v float64) { m.sum, m.n = m.sum+v, m.n+1 }

// value is not a number where nothing was added.
func (m *mean) value() float64 { return m.sum / m.n }

func newMeter(v variant, k int, authorOf []int32, authors int) *meter {
	return &meter{
		variant: v, score: score{k: k}, cold: score{k: k}, authorOf: authorOf, shown: make([]bool, len(authorOf)), authors: make([]int, authors),
		proposed: map[string]int{}, named: map[string]int{},
	}
}

// miss is a question for an item that is not in the catalogue.
func (m *meter) miss() {
	m.unseen++
	m.tested++
	m.hits = append(m.hits, 0)
}

// note takes in a page that was served for an item, and returns the item's place on it, from 1. It fails with ErrAhead.
func (m *meter) note(r *run, slate recommend.Slate, target int32, cold bool, took time.Duration) (int, error) {
	m.times = append(m.times, took)
	place, ties := m.k, 0
	for i := range slate.Picks {
		p := &slate.Picks[i]
		item, known := r.catalogue(p.Item)
		if !known {
			return 0, ErrAhead.Saying("the feed %q showed the item %q, which is not in the catalogue yet", m.feed.Name, p.Item.ID)
		}
		m.shown[item] = true
		m.novelty.add(-math.Log2(float64(r.counts[item]+1) / float64(r.total+len(r.byNumber)-1)))
		if a := m.authorOf[item]; a != 0 {
			m.authors[a]++
			m.slots++
		}
		if item == target {
			place, ties = i, 1
			m.named[p.Reason.Source]++
			for _, s := range p.Sources {
				m.proposed[s]++
			}
		}
	}
	if d, ok := recommend.Diversity(slate.Picks); ok {
		m.distance.add(d)
	}
	m.hits = append(m.hits, float32(m.place(place, ties)))
	if cold {
		m.cold.place(place, ties)
	}
	return (place + 1) * ties, nil
}
