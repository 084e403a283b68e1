package recommend

import (
	"math"
	"sync"
	"sync/atomic"
)

// weights are what each feature adds to an item's value.
type weights [numFeatures]float32

// digest tells weights apart.
func (w *weights) digest() uint64 {
	h := uint64(14695981039346656037)
	for _, x := range w {
		h = (h ^ uint64(math.Float32bits(x))) * 1099511628211
	}
	return h ^ h>>32
}

// How fast a blend learns, what pulls it back to its prior, and how far from it a weight may get; then how fast leanings
// are learned, and what pulls them back to nothing.
const (
	blendRate  = 0.3
	blendPull  = 1e-4
	blendReach = 4

	leaningRate  = 0.1
	leaningPull  = 1e-3
	leaningStart = 100 // as if so much had been learned before: leanings move when many choices say so
)

// Blend is a feed's weights, learned from what viewers went on to: it raises the likelihood of their choice
// among all candidates, softmax(weights · standings), by AdaGrad (Duchi, Hazan and Singer 2011), one choice at a
// time, pulled back to the configured weights and never far from them. Viewers of each acquaintance have weights of
// their own: those of all, and a leaning that is learned besides. It is safe for concurrent use.
type Blend struct {
	prior   weights
	learned []feature

	mu      sync.Mutex
	all     slope
	apart   [numAcquaintances]slope
	steps   uint64
	chances []float64
	now     [numAcquaintances]atomic.Pointer[weights]
}

// slope is what AdaGrad knows: where it is, and the sum of the squares of the gradients so far.
type slope struct{ at, squares [numFeatures]float64 }

func newBlend(prior weights, learned []feature) *Blend {
	b := &Blend{prior: prior, learned: learned}
	for f, w := range prior {
		b.all.at[f], b.all.squares[f] = float64(w), 1
		for a := range b.apart {
			b.apart[a].squares[f] = leaningStart
		}
	}
	b.publish()
	return b
}

// of are the weights for a viewer.
func (b *Blend) of(a Acquaintance) *weights { return b.now[a].Load() }

// Weight is what a feature is worth for viewers of an acquaintance, 0 where there is no such feature.
func (b *Blend) Weight(a Acquaintance, name string) float64 {
	f, known := featureByName(name)
	if !known {
		return 0
	}
	return float64(b.of(a)[f])
}

// choose is told that of the candidates a viewer chose one.
func (b *Blend) choose(list []candidate, s *standings, chosen int, a Acquaintance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.chances = sized(b.chances, len(list))
	now := b.of(a)
	top := math.Inf(-1)
	for i := range list {
		if list[i].dropped != kept {
			continue
		}
		var v float32
		for _, f := range b.learned {
			v += now[f] * s.of(&list[i], f)
		}
		b.chances[i] = float64(v)
		top = max(top, float64(v))
	}
	sum := 0.0
	for i := range list {
		if list[i].dropped == kept {
			b.chances[i] = math.Exp(b.chances[i] - top)
			sum += b.chances[i]
		}
	}
	var expected [numFeatures]float64
	for i := range list {
		if list[i].dropped != kept || b.chances[i] < 1e-6*sum {
			continue
		}
		p := b.chances[i] / sum
		for _, f := range b.learned {
			expected[f] += p * float64(s.of(&list[i], f))
		}
	}
	for _, f := range b.learned {
		g := float64(s.of(&list[chosen], f)) - expected[f]
		prior := float64(b.prior[f])
		b.all.step(f, g, blendRate, blendPull, prior)
		b.all.at[f] = near(prior, b.all.at[f])
		b.apart[a].step(f, g, leaningRate, leaningPull, 0)
	}
	b.steps++
	b.publish()
}

func (s *slope) step(f feature, gradient, rate, pull, home float64) {
	s.squares[f] += gradient * gradient
	s.at[f] += rate*gradient/math.Sqrt(s.squares[f]) - pull*(s.at[f]-home)
}

// near keeps a weight within reach of its prior.
func near(prior, w float64) float64 { return max(prior-blendReach, min(prior+blendReach, w)) }

func (b *Blend) publish() {
	for a := range b.now {
		w := b.prior
		for _, f := range b.learned {
			w[f] = float32(near(float64(b.prior[f]), b.all.at[f]+b.apart[a].at[f]))
		}
		b.now[a].Store(&w)
	}
}
