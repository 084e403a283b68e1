package memindex

import (
	"math"
	"time"
	"unsafe"

	"github.com/freshet/freshet/domain/recommend"
)

// nobody is the slot of no item.
const nobody = ^uint32(0)

// trialHalf is the half-life of meetings, in milliseconds.
const trialHalf = 30 * 24 * 3600 * 1000

// record is what was learned of one item.
type record struct {
	praisedAt int64 // the event time of good, Unix milliseconds
	triedAt   int64 // the event time of met and liked
	bornAt    int64 // the event time of the first good act
	row       *row  // nil: nothing followed it yet
	good      [windows]float32
	total     float32 // good acts of all time
	met       float32
	liked     float32
	came      outcomes[float32]
}

// face is what is read of an item that is somebody's neighbour.
type face struct {
	item recommend.Ordinal
	damp float32
}

// praised counts a good act; what is older than the newest counts as decayed until then.
func (r *record) praised(gain float32, now int64) {
	if now > r.praisedAt {
		for w, d := range decays(now - r.praisedAt) {
			r.good[w] *= float32(d)
		}
		r.praisedAt = now
	}
	for w, d := range decays(r.praisedAt - now) {
		r.good[w] += gain * float32(d)
	}
	r.total += gain
}

// tried counts meetings, and what came of them.
func (r *record) tried(met, liked float32, now int64) {
	if now > r.triedAt {
		d := trialDecay(now - r.triedAt)
		r.met, r.liked, r.triedAt = r.met*d, r.liked*d, now
	}
	d := trialDecay(r.triedAt - now)
	r.met += met * d
	r.liked = max(0, r.liked+liked*d)
}

// trial is the record of meetings at now.
func (r *record) trial(now int64) recommend.Trial {
	d := trialFade(max(0, now-r.triedAt))
	return recommend.Trial{Met: r.met * d, Liked: min(r.met, r.liked) * d}
}

// trialDecay is what is left of 1 meeting after a time.
func trialDecay(after int64) float32 { return float32(math.Exp2(-float64(after) / trialHalf)) }

// trialFade is trialDecay for what is told and not kept.
func trialFade(after int64) float32 { return float32(recommend.Exp2(-float64(after) / trialHalf)) }

// damp takes from links to what is popular anyway: 1 for the unknown, half at some 150 good acts.
func damp(total float32) float32 { return float32(math.Pow(5/(5+float64(total)), 0.2)) }

func timeSpan(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

const itemsPage = 1024

// items numbers what events speak of by slots, in the order in which the log first names them: so
// that what is learned does not depend on the order in which the items themselves came.
type items struct {
	n       int
	slots   []*[itemsPage]uint32 // by ordinal, slot+1
	records []*[itemsPage]record
	faces   []*[itemsPage]face
	pages   int
}

func (x *items) at(slot uint32) *record { return &x.records[slot/itemsPage][slot%itemsPage] }

func (x *items) face(slot uint32) *face { return &x.faces[slot/itemsPage][slot%itemsPage] }

// known finds the slot of an item, nobody if nothing was ever done with it.
func (x *items) known(at recommend.Ordinal) uint32 {
	if page := int(at / itemsPage); page < len(x.slots) && x.slots[page] != nil {
		return x.slots[page][at%itemsPage] - 1
	}
	return nobody
}

// slot finds or makes the slot of an item.
func (x *items) slot(at recommend.Ordinal) uint32 {
	if s := x.known(at); s != nobody {
		return s
	}
	page := int(at / itemsPage)
	for len(x.slots) <= page {
		x.slots = append(x.slots, nil)
	}
	if x.slots[page] == nil {
		x.slots[page] = new([itemsPage]uint32)
		x.pages++
	}
	if x.n%itemsPage == 0 {
		x.records = append(x.records, new([itemsPage]record))
		x.faces = append(x.faces, new([itemsPage]face))
	}
	s := uint32(x.n)
	x.n++
	x.slots[page][at%itemsPage] = s + 1
	*x.face(s) = face{item: at, damp: 1}
	return s
}

func (x *items) bytes() int {
	return 4*itemsPage*x.pages + len(x.records)*itemsPage*int(unsafe.Sizeof(record{})+unsafe.Sizeof(face{}))
}
