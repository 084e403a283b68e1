package recommend

import (
	"cmp"
	"sync/atomic"
)

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
		if at := h.places.ordinals[p]; s > 0 && at != Nowhere {
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

// places map a model's items to ordinals and back.
type places struct {
	model    *Linear
	known    int // the length of the view they were made for
	whole    bool
	ordinals []Ordinal
	byItem   []uint32 // by ordinal: place+1
}

func (p *places) of(at Ordinal) (uint32, bool) {
	if int(at) >= len(p.byItem) || p.byItem[at] == 0 {
		return 0, false
	}
	return p.byItem[at] - 1, true
}

// atlas keeps the places of the model in force.
type atlas struct{ now atomic.Pointer[places] }

// places are those of the model, nil when there is none. Items that came after them are placed when they may matter.
func (a *atlas) places(model *Linear, view View) *places {
	if model == nil {
		return nil
	}
	p := a.now.Load()
	if p != nil && p.model == model && (p.whole || p.known == view.Len()) {
		return p
	}
	n := view.Len()
	p = &places{model: model, known: n, whole: true, ordinals: make([]Ordinal, len(model.Items())), byItem: make([]uint32, n)}
	view.Locate(model.Items(), p.ordinals)
	for place, at := range p.ordinals {
		if at == Nowhere {
			p.whole = false
			continue
		}
		p.byItem[at] = uint32(place) + 1
	}
	a.now.Store(p)
	return p
}
