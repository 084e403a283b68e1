package recommend

import "time"

// regrets are what the viewer's acts said against and for authors and tags, fading with time.
type regrets struct {
	authors, tags [2]table // against, for
}

func (g *regrets) reset() {
	for way := range 2 {
		g.authors[way].reset(64)
		g.tags[way].reset(64)
	}
}

// note takes in an act that was worth so much so long ago.
func (g *regrets) note(t *Traits, worth float32, ago, half time.Duration) {
	if half <= 0 {
		return
	}
	worth *= float32(Exp2(-float64(max(0, ago)) / float64(half)))
	way := 1
	if worth < 0 {
		way, worth = 0, -worth
	}
	if t.Author != 0 {
		g.authors[way].add(uint64(t.Author), worth)
	}
	for _, tag := range t.Tags {
		g.tags[way].add(uint64(tag), worth)
	}
}

// of is how much of what was said of the item's author and tags was said against them: 0 to 2, nothing at first and
// again when weeks have passed.
func (g *regrets) of(t *Traits) float32 {
	against := func(on *[2]table, term Term) float32 {
		no := on[0].get(uint64(term))
		return no / (1 + no + on[1].get(uint64(term)))
	}
	if g.authors[0].n == 0 && g.tags[0].n == 0 {
		return 0
	}
	var v, sum float32
	if t.Author != 0 {
		v = against(&g.authors, t.Author)
	}
	if len(t.Tags) == 0 {
		return v
	}
	for _, tag := range t.Tags {
		sum += against(&g.tags, tag)
	}
	return v + sum/float32(len(t.Tags))
}
