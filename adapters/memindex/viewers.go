package memindex

import (
	"math"
	"unsafe"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/recommend"
)

// How many good acts and how many meetings of a viewer are remembered.
const (
	lags     = 20
	meetings = 24
)

// lagWorth is what a good act counts after another, by how many good acts lie between them.
var lagWorth = func() (w [lags]float32) {
	for lag := range w {
		w[lag] = float32(math.Pow(0.9, float64(lag)))
	}
	return w
}()

// viewer is what is remembered of one viewer.
type viewer struct {
	key          uint64
	newer, older uint32 // neighbours in the order of visits
	minute       int64  // of the viewer's clock, since 1970; only grows
	events       int    // in that minute
	praisedNext  uint32 // where the next good act goes
	metNext      uint32
	praised      [lags]mark
	met          [meetings]mark
	did          [meetings]recommend.Response // in step with met
}

// mark is an item and the best that was counted of it; slots are one higher, so that 0 is no item.
type mark struct {
	slot  uint32
	liked float32
}

// admit counts an event against what a viewer may say in a minute. A clock that runs back does not
// gain a new minute.
func (v *viewer) admit(now int64, most int) bool {
	if minute := now / 60_000; minute > v.minute {
		v.minute, v.events = minute, 0
	}
	v.events++
	return v.events <= most
}

// meeting finds the place of a remembered meeting, -1 if there is none.
func (v *viewer) meeting(item uint32) int {
	for i := range v.met {
		if v.met[i].slot == item+1 {
			return i
		}
	}
	return -1
}

// meet remembers a meeting in place of the oldest.
func (v *viewer) meet(item uint32) int {
	at := v.metNext
	v.metNext = (at + 1) % meetings
	v.met[at], v.did[at] = mark{slot: item + 1}, 0
	return int(at)
}

// praise remembers a good act and returns what it adds to what was counted for the item, and the
// items praised before that one, the latest first, nobody where there are no more.
func (v *viewer) praise(item uint32, worth float32) (gain float32, before [lags]uint32) {
	at, known := v.praisedNext, 0 // known: how many marks are older than the item's
	if v.praised[at].slot != item+1 {
		known = lags
		for i := range v.praised {
			if v.praised[i].slot == item+1 {
				at = uint32(i)
				known = int((at + lags - v.praisedNext) % lags)
				break
			}
		}
	}
	gain = worth
	if m := &v.praised[at]; m.slot == item+1 {
		gain -= m.liked
	}
	if gain <= 0 {
		return 0, before
	}
	for lag := range before {
		before[lag] = nobody
		if lag < known {
			before[lag] = v.praised[(at+2*lags-1-uint32(lag))%lags].slot - 1
		}
	}
	if m := &v.praised[at]; m.slot == item+1 {
		m.liked = worth
		return gain, before
	}
	v.praised[at] = mark{item + 1, worth}
	v.praisedNext = (at + 1) % lags
	return gain, before
}

const viewersPage = 256

// viewers remembers the viewers who came last, by a hash of their id.
type viewers struct {
	most           int
	at             map[uint64]uint32 // is never iterated
	pages          []*[viewersPage]viewer
	newest, oldest uint32
}

func newViewers(most int) viewers {
	return viewers{most: most, at: make(map[uint64]uint32), newest: nobody, oldest: nobody}
}

func (x *viewers) get(i uint32) *viewer { return &x.pages[i/viewersPage][i%viewersPage] }

// visit finds the viewer or makes room for them, and makes them the newest.
func (x *viewers) visit(id audience.ViewerID) *viewer { return x.visitKey(digest(string(id))) }

func (x *viewers) visitKey(key uint64) *viewer {
	i, known := x.at[key]
	switch {
	case known:
		x.unlink(i)
	case len(x.at) < x.most:
		i = uint32(len(x.at))
		if int(i/viewersPage) == len(x.pages) {
			x.pages = append(x.pages, new([viewersPage]viewer))
		}
	default:
		i = x.oldest
		x.unlink(i)
		delete(x.at, x.get(i).key)
	}
	v := x.get(i)
	if !known {
		*v = viewer{key: key}
		x.at[key] = i
	}
	v.older, v.newer = x.newest, nobody
	if x.newest != nobody {
		x.get(x.newest).newer = i
	} else {
		x.oldest = i
	}
	x.newest = i
	return v
}

func (x *viewers) unlink(i uint32) {
	v := x.get(i)
	if v.newer != nobody {
		x.get(v.newer).older = v.older
	} else {
		x.newest = v.older
	}
	if v.older != nobody {
		x.get(v.older).newer = v.newer
	} else {
		x.oldest = v.newer
	}
}

// forget drops a viewer; the last takes the place.
func (x *viewers) forget(id audience.ViewerID) bool {
	key := digest(string(id))
	i, known := x.at[key]
	if !known {
		return false
	}
	x.unlink(i)
	delete(x.at, key)
	last := uint32(len(x.at))
	if i != last {
		moved := x.get(i)
		*moved = *x.get(last)
		x.at[moved.key] = i
		if moved.newer != nobody {
			x.get(moved.newer).older = i
		} else {
			x.newest = i
		}
		if moved.older != nobody {
			x.get(moved.older).newer = i
		} else {
			x.oldest = i
		}
	}
	*x.get(last) = viewer{}
	return true
}

func (x *viewers) bytes() int {
	return len(x.pages)*viewersPage*int(unsafe.Sizeof(viewer{})) + len(x.at)*28
}

// digest is FNV-1a, the same in every process.
func digest(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
