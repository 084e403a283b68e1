package load

import (
	"math"
	"strconv"
	"time"
)

// act is one event about an item of the page just served.
type act struct {
	id            string
	kind          string
	item, context string
	watched, of   time.Duration
}

// fade is how fast attention goes down a page: what stands at place p is acted upon 1/p^fade as often as the first.
// With what a feed prefers, it gives items a popularity like Zipf's.
const fade = 0.7

// react is what the viewer does with the page just served: they see it from the top down to where they lose
// interest, and do something with some of what they see.
func (a *audience) react(s *session, into []act) []act {
	depth := len(s.shown)
	if s.rng.Float64() < 0.3 {
		depth = 1 + s.rng.IntN(depth)
	}
	total := 0.0
	for i := range depth {
		total += math.Pow(float64(i+1), -fade)
	}
	most := a.o.Acting * float64(depth) / total // so that Acting is the mean
	for i, it := range s.shown[:depth] {
		add := func(kind string, watched, of time.Duration) {
			s.events++
			into = append(into, act{
				id:   a.run + "-" + s.id + "-" + strconv.FormatUint(s.events, 10),
				kind: kind, item: it.ID, context: it.Context, watched: watched, of: of,
			})
		}
		add("seen", 0, 0)
		if s.rng.Float64() >= most*math.Pow(float64(i+1), -fade) {
			continue
		}
		length := time.Duration(5+s.rng.IntN(55)) * time.Second
		watched := time.Duration(s.rng.Float64() * float64(length)).Truncate(time.Millisecond)
		if s.rng.Float64() < 0.25 {
			add("skip", 0, 0)
			continue
		}
		add("open", 0, 0)
		add("play_progress", watched, length)
		if s.rng.Float64() < 0.2 {
			add("like", 0, 0)
		}
	}
	return into
}
