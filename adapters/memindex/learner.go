package memindex

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// turn is how many events are learned before readers get their turn.
const turn = 32

// Options bound what a Learner keeps; a zero field takes its default. Beside them it keeps some 240
// bytes for each item that somebody did something with, and 40 for each of their authors.
type Options struct {
	Viewers    int // whose last acts are remembered; the longest idle is forgotten first. 200,000
	Neighbours int // what After can answer for one item. 256
	Tail       int // weaker neighbours of one item that are counted, so that they can rise. 512
	Links      int // places for neighbours of all items together, 8 bytes each; see rows. 16 million
	Top        int // items in each trending list, by each half-life. 300
	PerMinute  int // events of one viewer that count in a minute of the viewer's clock. 120
}

func (o Options) filled() Options {
	set := func(field *int, to int) {
		if *field <= 0 {
			*field = to
		}
	}
	set(&o.Viewers, 200_000)
	set(&o.Neighbours, 256)
	set(&o.Tail, 512)
	set(&o.Links, 16_000_000)
	set(&o.Top, 300)
	set(&o.PerMinute, 120)
	return o
}

// Learner learns from the event log: recommend.Signals. What it knows follows from the events, their
// order and the items known when each was learned: not from the clock, nor from how events were
// batched. Time is that of the events: past the newest one it stands still, so that an idle system,
// or one that replays the past, does not forget what is popular.
//
// Learn and Late take turns with readers, a few dozen events at a time.
type Learner struct {
	index   *Index
	weights engagement.Weights
	o       Options
	model   atomic.Uint64

	learning sync.Mutex // held by Learn and Late throughout
	mu       sync.RWMutex
	items    items
	viewers  viewers
	rows     rows
	fame     fame
	charts   charts
	authors  authors
	came     outcomes[float64] // of all meetings
	stats    LearnerStats
	turns    uint64 // grows when what is known changes
	answers  answers
}

// LearnerStats says what became of the events and what is kept.
type LearnerStats struct {
	Learned uint64 // events that were counted
	Unknown uint64 // events on items the index did not hold: dropped
	Authors uint64 // events on an author alone: nothing to learn here
	Capped  uint64 // events past what one viewer may say in a minute: dropped
	Items   int    // items somebody did something with
	Viewers int
	Links   int // places for neighbours, of at most Options.Links
	Bytes   int // an estimate
}

// NewLearner knows nothing yet. Weights say which acts are good.
func NewLearner(index *Index, weights engagement.Weights, o Options) *Learner {
	o = o.filled()
	return &Learner{index: index, weights: maps.Clone(weights), o: o,
		viewers: newViewers(o.Viewers), rows: rows{o: o}, fame: newFame(), charts: charts{most: o.Top}}
}

// Model implements recommend.Signals.
func (l *Learner) Model() uint64 { return l.model.Load() }

// Stats tells how learning went so far.
func (l *Learner) Stats() LearnerStats {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := l.stats
	s.Items, s.Viewers, s.Links = l.items.n, len(l.viewers.at), l.rows.links
	s.Bytes = l.items.bytes() + l.viewers.bytes() + l.rows.bytes() + l.charts.bytes() + l.authors.bytes()
	return s
}

// Forget drops what is remembered of one viewer alone and reports whether there was anything. What was counted of their
// acts, together with those of others, stays.
func (l *Learner) Forget(id audience.ViewerID) bool {
	l.learning.Lock()
	defer l.learning.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.viewers.forget(id)
}

// Learn takes the next events of the log, in order. Events up to Model are ignored. An event on an
// item that the index does not hold is dropped, and counted in Stats.
func (l *Learner) Learn(events []engagement.Logged) {
	l.inTurns(events, func(v *view, e *engagement.Logged) {
		if uint64(e.Offset) > l.model.Load() {
			l.learn(v, &e.Event)
			l.model.Store(uint64(e.Offset))
		}
	})
}

// Late learns events that were left out at their turn, as Learn does otherwise, and Model stays.
func (l *Learner) Late(events []engagement.Logged) {
	l.inTurns(events, func(v *view, e *engagement.Logged) { l.learn(v, &e.Event) })
}

func (l *Learner) inTurns(events []engagement.Logged, each func(*view, *engagement.Logged)) {
	l.learning.Lock()
	defer l.learning.Unlock()
	for some := range slices.Chunk(events, turn) {
		l.take(some, each)
	}
}

func (l *Learner) take(events []engagement.Logged, each func(*view, *engagement.Logged)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns++
	v := l.index.view.Load()
	for i := range events {
		each(v, &events[i])
	}
}

func (l *Learner) learn(v *view, e *engagement.Event) {
	if e.Item == "" {
		l.stats.Authors++
		return
	}
	at := v.find(e.Item)
	if at == recommend.Nowhere {
		l.stats.Unknown++
		return
	}
	now := e.At.UnixMilli()
	viewer := l.viewers.visit(e.Viewer)
	if !viewer.admit(now, l.o.PerMinute) {
		l.stats.Capped++
		return
	}
	l.stats.Learned++
	l.fame.advance(now)
	known := v.entries.get(uint32(at))
	item := l.items.slot(at)
	worth := l.worth(e, &known.Traits)
	l.try(viewer, item, e, known, worth, now)
	if worth > 0 {
		l.credit(viewer, item, known, min(1, worth), now)
	}
}

func (l *Learner) worth(e *engagement.Event, t *recommend.Traits) float32 {
	if e.Act == audience.PlayStart && e.AutoPresented {
		return 0 // not the viewer's choice
	}
	return l.weights.Worth(e.Act, e.Watched, lasting(e, t))
}

// lasting is how long the item is, 0 if nobody says.
func lasting(e *engagement.Event, t *recommend.Traits) time.Duration {
	if e.Duration != 0 {
		return e.Duration
	}
	return timeSpan(t.Duration)
}

// try counts a meeting once, with what came of it, and the best of that, until the viewer takes it back.
func (l *Learner) try(viewer *viewer, item uint32, e *engagement.Event, known *entry, worth float32, now int64) {
	at := viewer.meeting(item)
	if at < 0 {
		if !e.Met() {
			return
		}
		at = viewer.meet(item)
		l.items.at(item).tried(1, 0, now)
	}
	m, was := &viewer.met[at], viewer.did[at]
	if is := was.After(e.Act, e.Watched, lasting(e, &known.Traits)); is != was {
		viewer.did[at] = is
		l.items.at(item).came.move(was, is, now)
		l.came.move(was, is, now)
		if known.Author != 0 {
			l.authors.at(known.Author).move(was, is, now)
		}
	}
	switch better := min(1, worth) - m.liked; {
	case worth > 0 && better > 0:
		l.items.at(item).tried(0, better, now)
		m.liked += better
	case worth < 0 && e.Act != audience.PlayProgress && m.liked > 0:
		l.items.at(item).tried(0, -m.liked, now)
		m.liked = 0
	}
}

// credit counts a good act: towards what is popular, and after what the viewer did well before.
// While the viewer remembers the item, only what a better act adds counts.
func (l *Learner) credit(viewer *viewer, item uint32, e *entry, worth float32, now int64) {
	gain, before := viewer.praise(item, worth)
	if gain <= 0 {
		return
	}
	r := l.items.at(item)
	if gain == worth && r.total > 0 {
		l.fame.learn(r, l.items.n)
	}
	if r.total == 0 {
		r.bornAt = now
	}
	was := r.keys()
	r.praised(gain, now)
	l.fame.add(gain, now)
	l.items.face(item).damp = damp(r.total)
	l.charts.moved(&e.Traits, climb{item, was, r.keys()})
	l.rows.follow(&l.items, &before, item, gain)
}

var _ recommend.Signals = (*Learner)(nil)
