package evaluating

import (
	"slices"
	"time"
)

// popular ranks items by how many viewers liked them. A rank costs the logarithm of the counts and the length of the
// viewer's history.
type popular struct {
	counts []int32 // by item
	below  []int32 // a binary indexed tree over counts: how many items of the catalogue have one
	items  int32   // in the catalogue
}

func newPopular(items int) *popular {
	return &popular{counts: make([]int32, items), below: make([]int32, 1025)}
}

func (p *popular) enter(item int32) {
	p.items++
	p.shift(p.counts[item], 1)
}

func (p *popular) count(item, by int32) {
	p.shift(p.counts[item], -1)
	p.counts[item] += by
	p.shift(p.counts[item], 1)
}

// shift adds to the number of items that have a count.
func (p *popular) shift(count, by int32) {
	for int(count)+1 >= len(p.below) {
		p.grow()
	}
	for i := int(count) + 1; i < len(p.below); i += i & -i {
		p.below[i] += by
	}
}

// grow doubles the tree: its new root holds everything.
func (p *popular) grow() {
	size := len(p.below) - 1
	p.below = slices.Concat(p.below, make([]int32, size))
	p.below[2*size] = p.below[size]
}

// atMost is how many items have at most that count.
func (p *popular) atMost(count int32) (n int32) {
	for i := min(int(count)+1, len(p.below)-1); i > 0; i -= i & -i {
		n += p.below[i]
	}
	return n
}

// rank is how many items that were not met rank above the item, and how many tie with it, itself among them.
func (p *popular) rank(met []int32, item int32) (better, ties int) {
	c := p.counts[item]
	upTo := p.atMost(c)
	above, same := p.items-upTo, upTo
	if c > 0 {
		same -= p.atMost(c - 1)
	}
	for _, m := range met {
		switch {
		case p.counts[m] > c:
			above--
		case p.counts[m] == c:
			same--
		}
	}
	return int(above), int(same)
}

// latest is popular over a window of time.
type latest struct {
	*popular
	window time.Duration
	queue  []happened
}

type happened struct {
	item int32
	at   time.Time
}

func (l *latest) add(item int32, at time.Time) {
	l.count(item, 1)
	l.queue = append(l.queue, happened{item, at})
}

func (l *latest) expire(now time.Time) {
	since := now.Add(-l.window)
	for len(l.queue) > 0 && l.queue[0].at.Before(since) {
		l.count(l.queue[0].item, -1)
		l.queue = l.queue[1:]
	}
}
