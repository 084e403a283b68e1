package learning

import (
	"context"
	"slices"
	"sync"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// waitingShare is the part of a WaitingRoom that one viewer may fill: a twentieth.
const waitingShare = 20

// WaitingRoom is a Model that keeps events whose item the index does not hold, and learns them once it does. Everything
// else is learned at its turn: what is known then is what follows from the events in the order in which they could be
// learned. It is safe for concurrent use.
type WaitingRoom struct {
	student *Student
	index   recommend.Index
	most    int

	mu     sync.Mutex
	held   []engagement.Logged // in the order of the log
	items  map[catalog.ItemID]int
	guests map[audience.ViewerID]int
	looked uint64 // the version of the index that was looked at last
	stats  WaitingStats
	one    [1]engagement.Logged
	id     [1]catalog.ItemID
	at     [1]recommend.Ordinal
}

// WaitingStats says what became of events on items that the index did not hold.
type WaitingStats struct {
	Waiting int
	Late    uint64 // learned when their item had come
	Dropped uint64 // pushed out by newer ones, or past what one viewer may have wait
}

// NewWaitingRoom has at most so many events wait, of one viewer a twentieth of them; at 0 none waits, and the student is
// given all. The index is the student's.
func NewWaitingRoom(student *Student, index recommend.Index, most int) *WaitingRoom {
	return &WaitingRoom{student: student, index: index, most: most, items: map[catalog.ItemID]int{}, guests: map[audience.ViewerID]int{}}
}

// Model is the offset up to which everything was learned, or waits.
func (w *WaitingRoom) Model() uint64 { return w.student.Model() }

// Stats tells what waits and what became of the rest.
func (w *WaitingRoom) Stats() WaitingStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	s.Waiting = len(w.held)
	return s
}

// Learn takes the next events of the log, in order. Those up to Model are ignored.
func (w *WaitingRoom) Learn(events []engagement.Logged) {
	if w.most == 0 {
		w.student.Learn(events)
		return
	}
	for i := range events {
		w.take(events[i : i+1])
	}
}

func (w *WaitingRoom) take(one []engagement.Logged) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &one[0]
	if uint64(e.Offset) <= w.student.Model() {
		return
	}
	switch {
	case e.Item == "":
	case !w.holds(e.Item):
		w.keep(e)
		// The student goes on. It is not told the item, for which the index may hold it by now.
		w.one[0] = *e
		w.one[0].Item = ""
		one = w.one[:]
	case w.items[e.Item] > 0: // of one item the events stay in order
		w.admit()
	}
	w.student.Learn(one)
}

func (w *WaitingRoom) holds(item catalog.ItemID) bool {
	w.id[0] = item
	w.index.View().Locate(w.id[:], w.at[:])
	return w.at[0] != recommend.Nowhere
}

func (w *WaitingRoom) keep(e *engagement.Logged) {
	if w.guests[e.Viewer] >= max(1, w.most/waitingShare) {
		w.stats.Dropped++
		return
	}
	w.sit(*e)
	for len(w.held) > w.most {
		w.left(&w.held[0])
		w.held[0] = engagement.Logged{}
		w.held = w.held[1:]
		w.stats.Dropped++
	}
}

func (w *WaitingRoom) sit(e engagement.Logged) {
	e.Author, e.Context = "", "" // nothing is learned from them
	w.held = append(w.held, e)
	w.items[e.Item]++
	w.guests[e.Viewer]++
}

func (w *WaitingRoom) left(e *engagement.Logged) {
	if w.items[e.Item]--; w.items[e.Item] == 0 {
		delete(w.items, e.Item)
	}
	if w.guests[e.Viewer]--; w.guests[e.Viewer] == 0 {
		delete(w.guests, e.Viewer)
	}
}

// Admit learns what waited for items that are in the index now, and returns how many events that were.
func (w *WaitingRoom) Admit(context.Context) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.admit(), nil
}

func (w *WaitingRoom) admit() int {
	view := w.index.View()
	if len(w.held) == 0 || view.Version() == w.looked {
		return 0
	}
	w.looked = view.Version()
	ids := make([]catalog.ItemID, 0, len(w.items))
	for id := range w.items {
		ids = append(ids, id)
	}
	at := make([]recommend.Ordinal, len(ids))
	view.Locate(ids, at)
	come := make(map[catalog.ItemID]bool)
	for i, id := range ids {
		if at[i] != recommend.Nowhere {
			come[id] = true
		}
	}
	if len(come) == 0 {
		return 0
	}
	var late []engagement.Logged
	w.held = slices.DeleteFunc(w.held, func(e engagement.Logged) bool {
		if come[e.Item] {
			late = append(late, e)
			w.left(&e)
		}
		return come[e.Item]
	})
	w.student.Late(late)
	w.stats.Late += uint64(len(late))
	return len(late)
}

// forget drops what waits of a viewer and reports whether there was anything.
func (w *WaitingRoom) forget(viewer audience.ViewerID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.guests[viewer] == 0 {
		return false
	}
	w.held = slices.DeleteFunc(w.held, func(e engagement.Logged) bool {
		if e.Viewer == viewer {
			w.left(&e)
		}
		return e.Viewer == viewer
	})
	return true
}
