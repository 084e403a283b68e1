package recommend

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// historyLength is how many of the viewer's good actions the sources look back on.
const historyLength = 100

// What an act counts by how many came after it: for what the viewer is fond of, and for the last few alone.
var recencyOf, latenessOf = fallingBy(0.97), fallingBy(0.7)

// history turns the viewer's actions into liked items and affinities.
func (r *run) history() {
	r.liked = r.liked[:0]
	r.authors.reset(256)
	r.tags.reset(256)
	r.tagsLate.reset(64)
	r.regrets.reset()
	acts := r.Knowledge.Actions
	r.ids = r.ids[:0]
	for i := range acts {
		r.ids = append(r.ids, acts[i].Item)
	}
	ords := r.locate(r.ids)
	r.traits = sized(r.traits, len(ords))
	r.view.Describe(ords, r.traits)
	var topA, topT float32
	known := &r.steered // borrowed: decisions resets it afterwards
	known.reset(len(acts))
	reversals := slices.ContainsFunc(acts, func(a audience.Action) bool { return a.Act == audience.Unlike || a.Act == audience.Unfavorite })
	for i := range acts {
		t := r.traits[i]
		if t == nil {
			continue
		}
		worth := r.Worth(acts[i])
		if worth == 0 || reversals && takenBack(acts[:i], acts[i]) {
			continue
		}
		r.regrets.note(t, worth, r.Now.Sub(acts[i].At), r.def.RegretHalf)
		recency, late := recencyOf.at(i), latenessOf.at(i)
		if late > 0.01 {
			for _, tag := range t.Tags {
				grow(r.tagsLate.at(uint64(tag)), worth*late/float32(len(t.Tags)))
			}
		}
		if t.Author != 0 {
			topA = max(topA, grow(r.authors.at(uint64(t.Author)), worth*recency))
		}
		for _, tag := range t.Tags {
			topT = max(topT, grow(r.tags.at(uint64(tag)), worth*recency/float32(len(t.Tags))))
		}
		if seen := known.at(uint64(ords[i])); worth > 0 && *seen == 0 && len(r.liked) < historyLength {
			*seen = 1
			r.liked = append(r.liked, past{ords[i], t, min(worth, 2)})
		}
	}
	scale(&r.authors, topA)
	scale(&r.tags, topT)
	r.behaved(acts, ords)
}

// behaved counts what came of the viewer's own meetings, one for each item.
func (r *run) behaved(acts []audience.Action, ords []Ordinal) {
	r.manner = Outcomes{}
	if len(r.stakes.counts) == 0 {
		return
	}
	did := &r.steered // borrowed, as above
	did.reset(len(acts))
	for i := len(acts) - 1; i >= 0; i-- {
		a, t := &acts[i], r.traits[i]
		if t == nil {
			continue
		}
		length := a.Duration
		if length == 0 {
			length = time.Duration(t.Duration) * time.Millisecond
		}
		at := did.at(uint64(ords[i]))
		was := Response(*at)
		is := was.After(a.Act, a.Watched, length)
		*at = float32(is)
		r.manner.move(was, is, 1)
	}
}

// takenBack reports whether one of the newer acts reverses the act.
func takenBack(newer []audience.Action, a audience.Action) bool {
	var reversal audience.Act
	switch a.Act {
	case audience.Like:
		reversal = audience.Unlike
	case audience.Favorite:
		reversal = audience.Unfavorite
	default:
		return false
	}
	for i := range newer {
		if newer[i].Act == reversal && newer[i].Item == a.Item {
			return true
		}
	}
	return false
}

// grow adds v and returns how large the sum is, either way.
func grow(at *float32, v float32) float32 {
	*at += v
	if *at < 0 {
		return -*at
	}
	return *at
}

// scale divides every value by top, so that the strongest is 1 or -1.
func scale(t *table, top float32) {
	if top <= 0 {
		return
	}
	for i := range t.slots {
		if t.slots[i].stamp == t.stamp {
			t.slots[i].val /= top
		}
	}
}
