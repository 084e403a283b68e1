package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// viewer has a taste that nobody is told: how much each topic pleases, 0 to 1.
type viewer struct {
	id    audience.ViewerID
	taste []float64
	loved []int // topics, the dearest first
	rng   *rand.Rand
	met   map[int]bool // items
	liked map[string]int
	acts  int // so far
}

// newViewer makes the i-th viewer, always the same for the same seed.
func newViewer(seed uint64, i int) *viewer {
	v := &viewer{
		id: audience.ViewerID(fmt.Sprintf("viewer-%03d", i+1)), taste: make([]float64, len(topics)),
		rng: rand.New(rand.NewPCG(seed, 1000+uint64(i))), met: map[int]bool{}, liked: map[string]int{},
	}
	for t := range v.taste {
		v.taste[t] = 0.15 * v.rng.Float64()
	}
	v.loved = v.rng.Perm(len(topics))[:2+v.rng.IntN(2)]
	for k, t := range v.loved {
		v.taste[t] = 1 - 0.15*float64(k)
	}
	return v
}

// pleasure is how likely the viewer is to enjoy the item.
func (v *viewer) pleasure(it *item) float64 { return v.taste[it.topic] * (0.5 + 0.5*it.quality) }

// react is what the viewer does with an item shown at the moment, and how long that takes. from tells where it
// was shown; it is empty for an item met elsewhere.
func (v *viewer) react(it *item, at time.Time, from engagement.Event) ([]engagement.Event, time.Duration) {
	length := it.draft.Details.Duration
	event := func(act audience.Act, after time.Duration) engagement.Event {
		v.acts++
		e := from
		e.ID = engagement.EventID(fmt.Sprintf("%s-%s-%d", from.ID, v.id, v.acts))
		e.Viewer, e.Act, e.Item, e.At, e.Duration = v.id, act, it.draft.ID, at.Add(after), length
		return e
	}
	if v.rng.Float64() >= v.pleasure(it) {
		watched := time.Duration(float64(length) * 0.1 * v.rng.Float64()).Truncate(time.Millisecond)
		skip := event(audience.Skip, watched)
		skip.Watched = watched
		return []engagement.Event{skip}, watched
	}
	watched := time.Duration(float64(length) * (0.7 + 0.3*v.rng.Float64())).Truncate(time.Millisecond)
	play := event(audience.PlayProgress, watched)
	play.Watched, play.AutoPresented = watched, true
	events := []engagement.Event{play}
	if v.rng.Float64() < 0.4 {
		events = append(events, event(audience.Like, watched))
		author := string(it.draft.Details.Author)
		if v.liked[author]++; v.liked[author] == 3 {
			events = append(events, event(audience.FollowAuthor, watched))
		}
	}
	if v.rng.Float64() < 0.05 {
		events = append(events, event(audience.Share, watched))
	}
	return events, watched
}
