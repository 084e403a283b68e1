package kafkastore

import (
	"hash/maphash"

	"github.com/freshet/freshet/domain/audience"
)

// mostBehind bounds of how many events the viewers are remembered.
const mostBehind = 1 << 20

// behind tells which viewers have events that are not copied. It takes about 60 bytes an event.
type behind struct {
	seed  maphash.Seed
	queue []deed
	last  map[uint64]int64 // of each viewer in queue
	// forgotten is the last place whose viewer was forgotten for lack of room: it may be anybody.
	forgotten int64
}

// deed is an event by its viewer and the record after its own.
type deed struct {
	viewer uint64
	after  int64
}

func (b *behind) begin() { b.queue, b.last, b.forgotten = nil, make(map[uint64]int64), 0 }

func (b *behind) add(viewer audience.ViewerID, at int64) {
	if len(b.queue) == mostBehind {
		b.forgotten = b.queue[0].after
		b.drop(b.forgotten)
	}
	d := deed{maphash.String(b.seed, string(viewer)), at}
	b.queue = append(b.queue, d)
	b.last[d.viewer] = at
}

// drop forgets what is copied.
func (b *behind) drop(upTo int64) {
	n := 0
	for n < len(b.queue) && b.queue[n].after <= upTo {
		if d := b.queue[n]; b.last[d.viewer] == d.after {
			delete(b.last, d.viewer)
		}
		n++
	}
	b.queue = b.queue[n:]
}

// of is the record before which all must be copied for the viewer to miss none.
func (b *behind) of(viewer audience.ViewerID) int64 {
	return max(b.forgotten, b.last[maphash.String(b.seed, string(viewer))])
}
