package memindex

import "unsafe"

// bucketLen is how many places a neighbour may have in a tail; leastTop how long a row starts.
const (
	bucketLen = 8
	leastTop  = 4
)

// Up to freeLinks places are for whoever comes; beyond, there are linksEach for every item.
const (
	freeLinks = 4_000_000
	linksEach = 128
)

// turnovers is how often a full row is replaced before its counts are halved: so that what is new can
// rise, and what is lasting stays.
const turnovers = 16

// link counts how often one item came after another; to is one higher than the slot, 0 is none.
type link struct {
	to    uint32
	count float32
}

// row is what came after one item: the strongest in order, and a tail of others in small hash
// buckets, from which a neighbour rises once it counts more than the last of the top.
type row struct {
	sum     float32   // of all counts ever, also of those forgotten
	evicted uint32    // since counts were halved
	touched bool      // since the row was last asked to give up room
	tos     []uint32  // the top, strongest first: whom, as in link,
	counts  []float32 // and how often
	tail    []link    // in buckets of bucketLen; nil until the top is full
}

// rows keeps all rows within one budget.
type rows struct {
	o     Options
	links int    // places allocated
	hand  uint32 // the slot that gives up room next
	n     int
	sink  uint32 // means nothing
}

// follow adds to what came after each of the items, of which the first is the latest.
func (x *rows) follow(of *items, before *[lags]uint32, to uint32, gain float32) {
	// The rows lie far apart: touching them all before working on any makes their cache misses
	// overlap, which halves the time.
	var found [lags]*row
	for lag, from := range before {
		if from != nobody {
			found[lag] = of.at(from).row
		}
	}
	for _, r := range found {
		if r != nil {
			x.sink += r.tos[0] + r.tos[len(r.tos)/2] + r.tos[len(r.tos)-1]
			if at := r.find(to + 1); at != nil {
				x.sink += at.to
			}
		}
	}
	for lag, from := range before {
		if from != nobody {
			x.strengthen(of, from, to, gain*lagWorth[lag])
		}
	}
}

// strengthen adds to what came after an item.
func (x *rows) strengthen(of *items, from, to uint32, by float32) {
	record := of.at(from)
	if record.row == nil {
		if !x.afford(of, from, leastTop) {
			return
		}
		record.row = &row{tos: make([]uint32, 0, leastTop), counts: make([]float32, 0, leastTop)}
		x.n++
	}
	r := record.row
	r.touched = true
	r.sum += by
	to++
	at := r.find(to)
	if at != nil && at.to == to {
		x.raise(r, at, by)
		return
	}
	for i, t := range r.tos {
		if t == to {
			r.counts[i] += by
			r.rise(i)
			return
		}
	}
	switch {
	case len(r.tos) < x.o.Neighbours && (len(r.tos) < cap(r.tos) || x.extend(of, from, r)):
		r.tos, r.counts = append(r.tos, to), append(r.counts, by)
		r.rise(len(r.tos) - 1)
	case len(r.tos) < x.o.Neighbours:
		r.squeeze(to, by) // no room anywhere
	default:
		x.count(of, from, r, at, link{to, by})
	}
	if int(r.evicted) >= turnovers*max(1, len(r.tos)+len(r.tail)) {
		r.halve()
	}
}

// rise moves a link of the top up to where its count belongs.
func (r *row) rise(at int) {
	to, count := r.tos[at], r.counts[at]
	low, high := 0, at
	for low < high {
		if mid := int(uint(low+high) >> 1); r.counts[mid] >= count {
			low = mid + 1
		} else {
			high = mid
		}
	}
	copy(r.tos[low+1:at+1], r.tos[low:at])
	copy(r.counts[low+1:at+1], r.counts[low:at])
	r.tos[low], r.counts[low] = to, count
}

// squeeze lets a newcomer take the place of the weakest, if it is as strong.
func (r *row) squeeze(to uint32, by float32) {
	r.evicted++
	if last := len(r.tos) - 1; last >= 0 && r.counts[last] <= by {
		r.tos[last], r.counts[last] = to, by
		r.rise(last)
	}
}

// count begins a link outside the top, at the place that was found for it.
func (x *rows) count(of *items, from uint32, r *row, at *link, l link) {
	for (at == nil || at.to != 0) && x.widen(of, from, r) {
		at = r.find(l.to)
	}
	if at == nil {
		r.squeeze(l.to, l.count)
		return
	}
	if at.to != 0 {
		r.evicted++
	}
	*at = link{to: l.to}
	x.raise(r, at, l.count)
}

// raise adds to a link of the tail, which rises into the top once it counts more than the last there.
func (x *rows) raise(r *row, at *link, by float32) {
	at.count += by
	if last := len(r.tos) - 1; at.count > r.counts[last] {
		risen, fallen := *at, link{r.tos[last], r.counts[last]}
		*at = link{}
		r.tos[last], r.counts[last] = risen.to, risen.count
		r.rise(last)
		*r.find(fallen.to) = fallen
	}
}

// find returns the place of a neighbour in the tail: its own, an empty one, or that of the weakest
// it could replace. Without a tail it is nil.
func (r *row) find(to uint32) *link {
	if len(r.tail) == 0 {
		return nil
	}
	at := int(to*2654435761>>8) & (len(r.tail)/bucketLen - 1) * bucketLen
	bucket := r.tail[at : at+bucketLen]
	best := &bucket[0]
	for i := range bucket {
		switch l := &bucket[i]; {
		case l.to == to:
			return l
		case best.to != 0 && (l.to == 0 || l.count < best.count):
			best = l
		}
	}
	return best
}

// halve makes room for what is new: old counts weigh half from now on.
func (r *row) halve() {
	r.sum, r.evicted = r.sum/2, 0
	for i := range r.counts {
		r.counts[i] /= 2
	}
	for i := range r.tail {
		r.tail[i].count /= 2
	}
}

// extend doubles the room of a row's top, if the budget allows.
func (x *rows) extend(of *items, from uint32, r *row) bool {
	room := min(x.o.Neighbours, 2*cap(r.tos))
	if !x.afford(of, from, room-cap(r.tos)) {
		return false
	}
	r.refit(room)
	return true
}

// refit gives the top its room; what does not fit is forgotten.
func (r *row) refit(room int) {
	n := min(room, len(r.tos))
	r.tos = append(make([]uint32, 0, room), r.tos[:n]...)
	r.counts = append(make([]float32, 0, room), r.counts[:n]...)
}

// widen doubles a row's tail, if it may and the budget allows.
func (x *rows) widen(of *items, from uint32, r *row) bool {
	room := max(2*bucketLen, 2*len(r.tail))
	if room > x.o.Tail || !x.afford(of, from, room-len(r.tail)) {
		return false
	}
	old := r.tail
	r.tail = make([]link, room)
	for _, l := range old {
		if l.to != 0 {
			*r.find(l.to) = l
		}
	}
	return true
}

// afford takes places from the budget for a row; where there are not enough left, rows that nothing
// was added to of late give up some of theirs.
func (x *rows) afford(of *items, but uint32, places int) bool {
	for tries := 0; x.links+places > x.budget(of.n); tries++ {
		if tries == 64 {
			return false
		}
		if x.hand++; int(x.hand) >= of.n {
			x.hand = 0
		}
		if record := of.at(x.hand); record.row != nil && x.hand != but {
			x.shrink(record)
		}
	}
	x.links += places
	return true
}

// budget is how many places rows may take, with so many items learned of.
func (x *rows) budget(items int) int { return min(x.o.Links, max(freeLinks, linksEach*items)) }

// shrink takes the weaker half from a row, once it was spared before; at the end the row goes.
func (x *rows) shrink(of *record) {
	r := of.row
	switch {
	case r.touched:
		r.touched = false
	case r.tail != nil:
		x.links -= len(r.tail)
		r.tail = nil
	case cap(r.tos) > leastTop:
		keep := cap(r.tos) / 2
		x.links -= cap(r.tos) - keep
		r.refit(keep)
	default:
		x.links -= cap(r.tos)
		x.n--
		of.row = nil
	}
}

func (x *rows) bytes() int { return x.links*int(unsafe.Sizeof(link{})) + x.n*int(unsafe.Sizeof(row{})) }
