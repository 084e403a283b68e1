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

// How fast a blend learns, what pulls it back to its prior, and how far from it a weight may get.
const (
	blendRate  = 0.3
	blendPull  = 1e-4
	blendReach = 4
)

// Blend is a feed's weights, learned from what viewers went on to: it raises the likelihood of their choice
// among all candidates, softmax(weights · standings), by AdaGrad (Duchi, Hazan and Singer 2011), one choice at a
// time, pulled back to the configured weights and never far from them. It is safe for concurrent use.
type Blend struct {
	prior   weights
	learned []feature

	mu      sync.Mutex
	exact   [numFeatures]float64
	squares [numFeatures]float64 // of the gradients so far, AdaGrad's memory
	steps   uint64
	chances []float64
	now     atomic.Pointer[weights]
}

func newBlend(prior weights, learned []feature) *Blend {
	b := &Blend{prior: prior, learned: learned}
	for f, w := range prior {
		b.exact[f], b.squares[f] = float64(w), 1
	}
	b.publish()
	return b
}

// Learned is a blend's state: what Restore goes on from.
type Learned struct {
	Steps uint64 // choices it was learned from
	// Weights and Squares are by feature name: the weight, and the sum of squared gradients behind it.
	Weights, Squares map[string]float64
}

// Learned is what was learned so far.
func (b *Blend) Learned() Learned {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := Learned{Steps: b.steps, Weights: make(map[string]float64, len(b.learned)), Squares: make(map[string]float64, len(b.learned))}
	for _, f := range b.learned {
		l.Weights[featureNames[f]], l.Squares[featureNames[f]] = b.exact[f], b.squares[f]
	}
	return l
}

// Restore goes on from what was learned before; features that are not learned any more are left alone, those that
// were not yet begin as configured.
func (b *Blend) Restore(l Learned) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps = l.Steps
	for _, f := range b.learned {
		w, known := l.Weights[featureNames[f]]
		if s := l.Squares[featureNames[f]]; known && s >= 1 {
			b.set(f, w)
			b.squares[f] = s
		}
	}
	b.publish()
}

// choose is told that of the candidates the viewer chose one.
func (b *Blend) choose(list []candidate, s *standings, chosen int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.chances = sized(b.chances, len(list))
	now := b.now.Load()
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
		b.squares[f] += g * g
		step := blendRate * g / math.Sqrt(b.squares[f])
		b.set(f, b.exact[f]+step-blendPull*(b.exact[f]-float64(b.prior[f])))
	}
	b.steps++
	b.publish()
}

// set keeps a weight within reach of its prior.
func (b *Blend) set(f feature, w float64) {
	prior := float64(b.prior[f])
	b.exact[f] = max(prior-blendReach, min(prior+blendReach, w))
}

func (b *Blend) publish() {
	var w weights
	for f := range w {
		w[f] = float32(b.exact[f])
	}
	b.now.Store(&w)
}
