package recommend

import "cmp"

// How many liked items the trained model is asked of, and what each counts by how many were liked since.
const (
	habitLength = 100
	habitDecay  = 0.97
)

// habits are what the trained model says of every item it knows.
type habits struct {
	places       *places
	recent, flat []float32 // by place
}

// of is what the model says of an item: the newer the liked item the louder, and each as loud as the other.
func (h *habits) of(at Ordinal) (recent, flat float32) {
	if h.places == nil {
		return 0, 0
	}
	if p, ok := h.places.of(at); ok {
		return h.recent[p], h.flat[p]
	}
	return 0, 0
}

// learnHabits folds in what the viewer liked.
func (r *run) learnHabits() {
	h := &r.habits
	h.places = nil
	if r.places == nil || len(r.liked) == 0 {
		return
	}
	model := r.places.model
	n := len(model.Items())
	h.recent, h.flat = sized(h.recent, n), sized(h.flat, n)
	clear(h.recent)
	clear(h.flat)
	weight := float32(1)
	for k := range r.liked[:min(len(r.liked), habitLength)] {
		if p, ok := r.places.of(r.liked[k].at); ok {
			model.add(p, weight, h.recent)
			model.add(p, 1, h.flat)
			h.places = r.places
		}
		weight *= habitDecay
	}
}

// longterm proposes what the trained model expects of a viewer with this history.
func longterm(r *run, limit int) {
	h := &r.habits
	if h.places == nil {
		return
	}
	type found struct {
		at    Ordinal
		score float32
	}
	var all []found
	for p, s := range h.recent {
		if at := h.places.ordinals[p]; s > 0 && int(at) < r.view.Len() {
			all = append(all, found{at, s})
		}
	}
	best := topBy(all, 2*limit, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at))
	})
	ords := make([]Ordinal, len(best))
	for i := range best {
		ords[i] = best[i].at
	}
	r.traits = sized(r.traits, len(ords))
	r.view.Describe(ords, r.traits)
	taken := 0
	for i, f := range best {
		if taken == limit {
			break
		}
		if dropped := r.reject(f.at, r.traits[i]); dropped != kept {
			r.passOver(f.at, dropped)
			continue
		}
		r.pool.add(f.at, fLongTerm, f.score/best[0].score, r.habitOf(f.at))
		taken++
	}
}

// habitOf names the liked item that says most for another.
func (r *run) habitOf(at Ordinal) because {
	to, _ := r.places.of(at)
	var why because
	var most float32
	weight := float32(1)
	for k := range r.liked[:min(len(r.liked), habitLength)] {
		if p, ok := r.places.of(r.liked[k].at); ok {
			if s := weight * r.places.model.weight(p, to); s > most {
				most, why = s, because{becauseItem, uint32(r.liked[k].at)}
			}
		}
		weight *= habitDecay
	}
	return why
}
