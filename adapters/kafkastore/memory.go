package kafkastore

import (
	"crypto/sha256"

	"github.com/freshet/freshet/domain/engagement"
)

// print stands for the id of an event: nobody finds two ids with the same one.
type print [16]byte

func printOf(id engagement.EventID) print {
	sum := sha256.Sum256([]byte(id))
	return print(sum[:16])
}

// memory remembers the last ids. It takes about 60 bytes for each.
type memory struct {
	window int
	ring   []print
	oldest int              // in ring, once it is full
	times  map[print]uint32 // in ring
}

// forget forgets all, and remembers so many from now on.
func (m *memory) forget(window int) { *m = memory{window: window, times: make(map[print]uint32)} }

func (m *memory) knows(p print) bool { return m.times[p] > 0 }

// meets remembers an id, also one that it knows, and reports whether it knew it not.
func (m *memory) meets(p print) (fresh bool) {
	fresh = m.times[p] == 0
	if len(m.ring) < m.window {
		m.ring = append(m.ring, p)
	} else {
		old := m.ring[m.oldest]
		if m.times[old]--; m.times[old] == 0 {
			delete(m.times, old)
		}
		m.ring[m.oldest] = p
		m.oldest = (m.oldest + 1) % m.window
	}
	m.times[p]++
	return fresh
}
