package recommend

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// remember fills what the session served, what rests, and how tired the viewer is of authors and tags.
func (r *run) remember() {
	r.session.reset(len(r.Served))
	for _, n := range r.Served {
		r.session.add(uint64(n), 1)
	}
	m := &r.Knowledge.Memory
	r.resting.reset(len(m.Served) + len(m.Seen) + len(m.Consumed))
	r.rests(m.Served, servedBefore, r.def.Rest.Served)
	r.rests(m.Seen, seenBefore, r.def.Rest.Seen)
	r.rests(m.Consumed, consumedBefore, r.def.Rest.Consumed)
	r.tire(m.Served)
}

func (r *run) rests(marks []audience.Mark, s restState, rest time.Duration) {
	since := r.Now.Add(-rest)
	for i := range marks {
		if marks[i].At.After(since) {
			if v := r.resting.at(uint64(marks[i].Item)); *v < float32(s) {
				*v = float32(s)
			}
		}
	}
}

// tire counts authors and tags over the items served lately, this session's and earlier ones',
// each halved with every FatigueHalf that has passed.
func (r *run) tire(served []audience.Mark) {
	r.tiredA.reset(256)
	r.tiredT.reset(256)
	n := len(served) + len(r.Served)
	r.numbers, r.floats = r.numbers[:0], r.floats[:0]
	for i := range served {
		if r.session.get(uint64(served[i].Item)) != 0 {
			continue // counted below with the session
		}
		age := r.Now.Sub(served[i].At)
		weight := float32(Exp2(-float64(age) / float64(r.def.Arrange.FatigueHalf)))
		if weight < 0.02 {
			continue
		}
		r.numbers = append(r.numbers, served[i].Item)
		r.floats = append(r.floats, min(1, weight))
	}
	for i, item := range r.Served[max(0, len(r.Served)-sessionFatigue):] {
		r.numbers = append(r.numbers, item)
		back := min(len(r.Served), sessionFatigue) - i
		r.floats = append(r.floats, float32(Exp2(-float64(back)/(sessionFatigue/4))))
	}
	if n == 0 {
		return
	}
	r.ords = sized(r.ords, len(r.numbers))
	r.traits = sized(r.traits, len(r.numbers))
	r.view.LocateNumbers(r.numbers, r.ords)
	r.view.Describe(r.ords, r.traits)
	for i, t := range r.traits {
		if t == nil {
			continue
		}
		if t.Author != 0 {
			r.tiredA.add(uint64(t.Author), r.floats[i])
		}
		for _, tag := range t.Tags {
			r.tiredT.add(uint64(tag), r.floats[i])
		}
	}
	if len(r.Served) > 0 {
		if t := r.traits[len(r.traits)-1]; t != nil {
			r.last = t.Author
		}
	}
}

// sessionFatigue is how many of the session's last items tire; a quarter of it is the half-life.
const sessionFatigue = 60
