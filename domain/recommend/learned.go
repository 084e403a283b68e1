package recommend

// Learned is a blend's state: what Restore goes on from.
type Learned struct {
	Steps   uint64 // choices it was learned from
	Leaning        // of all viewers
	// Apart is what is added for viewers of an acquaintance, by its name.
	Apart map[string]Leaning
}

// Leaning is, by feature name, a weight and the sum of squared gradients behind it.
type Leaning struct{ Weights, Squares map[string]float64 }

// Learned is what was learned so far.
func (b *Blend) Learned() Learned {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := Learned{b.steps, b.leaning(&b.all), make(map[string]Leaning, numAcquaintances)}
	for a := range b.apart {
		l.Apart[Acquaintance(a).String()] = b.leaning(&b.apart[a])
	}
	return l
}

func (b *Blend) leaning(s *slope) Leaning {
	l := Leaning{make(map[string]float64, len(b.learned)), make(map[string]float64, len(b.learned))}
	for _, f := range b.learned {
		l.Weights[featureNames[f]], l.Squares[featureNames[f]] = s.at[f], s.squares[f]
	}
	return l
}

// Restore goes on from what was learned before; features that are not learned any more are left alone, those that
// were not yet begin as configured.
func (b *Blend) Restore(l Learned) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps = l.Steps
	b.restore(&b.all, l.Leaning, b.prior)
	for a := range b.apart {
		b.restore(&b.apart[a], l.Apart[Acquaintance(a).String()], weights{})
	}
	b.publish()
}

func (b *Blend) restore(s *slope, l Leaning, home weights) {
	for _, f := range b.learned {
		w, known := l.Weights[featureNames[f]]
		if squares := l.Squares[featureNames[f]]; known && squares >= 1 {
			s.at[f], s.squares[f] = near(float64(home[f]), w), squares
		}
	}
}
