package comparing

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// drawn is an explored pick whose outcome is awaited.
type drawn struct {
	encounter
	from, until time.Time
	logged      float64
	chances     [2]float64
	good        bool
}

type encounter struct {
	viewer audience.ViewerID
	item   catalog.ItemID
}

// ledger waits for what becomes of explored picks. It holds those of one window.
type ledger struct {
	sums
	worth   func(audience.Action) float32
	waiting []*drawn // in the order of their pages
	by      map[encounter][]*drawn
	open    int // picks that cannot be waited for
}

// enter begins to wait for a pick's outcome.
func (l *ledger) enter(d *drawn) {
	l.waiting = append(l.waiting, d)
	l.by[d.encounter] = append(l.by[d.encounter], d)
}

// take hears an event, and settles what its time has passed. The server's clock decides, as it did for the page.
func (l *ledger) take(e *engagement.Logged) {
	for len(l.waiting) > 0 && l.waiting[0].until.Before(e.Received) {
		l.settle()
	}
	if e.Item == "" || len(l.by) == 0 {
		return
	}
	for _, d := range l.by[encounter{e.Viewer, e.Item}] {
		if !d.good && !e.Received.Before(d.from) && !e.Received.After(d.until) {
			d.good = l.isGood(&e.Event)
		}
	}
}

func (l *ledger) isGood(e *engagement.Event) bool {
	if e.Act == audience.PlayStart && e.AutoPresented {
		return false
	}
	return l.worth(audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration, Session: e.Session}) > 0
}

// settle books the pick that waits longest.
func (l *ledger) settle() {
	d := l.waiting[0]
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	if rest := slices.DeleteFunc(l.by[d.encounter], func(o *drawn) bool { return o == d }); len(rest) > 0 {
		l.by[d.encounter] = rest
	} else {
		delete(l.by, d.encounter)
	}
	l.add(d.logged, d.chances, d.good)
}

// close books all that still waits.
func (l *ledger) close() {
	for len(l.waiting) > 0 {
		l.settle()
	}
}
