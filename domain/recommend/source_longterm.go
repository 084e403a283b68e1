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

// of is what the model says of the item at a place: the newer the liked item the louder, and each as loud as the other.
func (h *habits) of(place uint32, known bool) (recent, flat float32) {
	if h.places == nil || !known {
		return 0, 0
	}
	return h.recent[place], h.flat[place]
}

// learnHabits folds in what the viewer liked.
func (r *run) learnHabits() {
	h := &r.habits
	h.places = nil
	if r.places == nil || len(r.liked) == 0 || !r.counts(fLongTerm, fLongTermFlat) {
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
			model.addBoth(p, weight, h.recent, h.flat)
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
	least, n := float32(0), 2*limit+len(h.places.missing)
	if len(h.recent) > 2*n {
		least = r.sizes.of(h.recent, n)
	}
	r.foundAt = r.foundAt[:0]
	for p, s := range h.recent {
		if s <= 0 || s < least {
			continue
		}
		if at := h.places.ordinals[p]; int(at) < r.view.Len() {
			r.foundAt = append(r.foundAt, found{at, s})
		}
	}
	best := Top(r.foundAt, 2*limit, byScore)
	taken := 0
	r.eachShown(best, func(f found) bool {
		r.pool.add(f.at, fLongTerm, f.score/best[0].score, because{becauseHabit, uint32(f.at)})
		taken++
		return taken < limit
	})
}

// found is an item with a score.
type found struct {
	at    Ordinal
	score float32
}

func byScore(a, b found) int {
	if a.score != b.score {
		return descending(a.score, b.score)
	}
	return cmp.Compare(a.at, b.at)
}

// eachShown calls do with those that may be shown, in order, until it returns false.
func (r *run) eachShown(list []found, do func(found) bool) {
	r.ords = sized(r.ords, len(list))
	for i := range list {
		r.ords[i] = list[i].at
	}
	r.traits = sized(r.traits, len(list))
	r.view.Describe(r.ords, r.traits)
	for i, f := range list {
		if dropped := r.reject(f.at, r.traits[i]); dropped != kept {
			r.passOver(f.at, dropped)
		} else if !do(f) {
			return
		}
	}
}

// place is where the trained model has an item, where it knows it.
func (r *run) place(at Ordinal) (place uint32, known bool) {
	if r.places == nil {
		return 0, false
	}
	return r.places.of(at)
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
