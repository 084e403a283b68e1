package kafkastore

import (
	"hash/maphash"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// mostBehind bounds of how many events the viewers are remembered.
const mostBehind = 1 << 20

// behind tells which viewers have events that are not copied. It takes about 60 bytes an event.
type behind struct {
	seed  maphash.Seed
	queue []deed
	last  map[uint64]engagement.Offset // of each viewer in queue
	// forgotten is the last event whose viewer was forgotten for lack of room: it may be anybody.
	forgotten engagement.Offset
}

type deed struct {
	viewer uint64
	offset engagement.Offset
}

func (b *behind) begin() { b.queue, b.last, b.forgotten = nil, make(map[uint64]engagement.Offset), 0 }

func (b *behind) add(viewer audience.ViewerID, at engagement.Offset) {
	if len(b.queue) == mostBehind {
		b.forgotten = b.queue[0].offset
		b.drop(b.forgotten)
	}
	d := deed{maphash.String(b.seed, string(viewer)), at}
	b.queue = append(b.queue, d)
	b.last[d.viewer] = at
}

// drop forgets what is copied.
func (b *behind) drop(upTo engagement.Offset) {
	n := 0
	for n < len(b.queue) && b.queue[n].offset <= upTo {
		if d := b.queue[n]; b.last[d.viewer] == d.offset {
			delete(b.last, d.viewer)
		}
		n++
	}
	b.queue = b.queue[n:]
}

// of is the offset up to which events must be copied for the viewer to miss none.
func (b *behind) of(viewer audience.ViewerID) engagement.Offset {
	return max(b.forgotten, b.last[maphash.String(b.seed, string(viewer))])
}
