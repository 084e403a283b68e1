package demo

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/engagement"
)

// The history that is there before anybody looks.
const (
	viewerCount = 200
	metEach     = 50
	ago         = 48 * time.Hour // when it began
)

// history is what viewers did before: they found half of what they met by their taste, the rest by chance.
func history(c *catalogue, viewers []*viewer, now time.Time) []engagement.Event {
	var all []engagement.Event
	for _, v := range viewers {
		at := now.Add(-ago + time.Duration(v.rng.Int64N(int64(ago/4))))
		step := (now.Sub(at) - 10*time.Minute) / metEach
		for range metEach {
			place := v.rng.IntN(len(c.items))
			if v.rng.Float64() < 0.5 {
				shelf := c.byTopic[v.loved[v.rng.IntN(len(v.loved))]]
				place = shelf[v.rng.IntN(len(shelf))]
			}
			if v.met[place] || c.items[place].draft.Details.PublishedAt.After(at) {
				continue
			}
			v.met[place] = true
			events, _ := v.react(&c.items[place], at, engagement.Event{ID: "demo-before"})
			all = append(all, events...)
			at = at.Add(step)
		}
	}
	slices.SortStableFunc(all, func(a, b engagement.Event) int { return a.At.Compare(b.At) })
	return all
}
