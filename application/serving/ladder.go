package serving

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Look is what the stores gave for a page, and from which rung.
type Look struct {
	Session   *feed.RecommendationSession // nil: not held, or a new session
	Knowledge audience.Knowledge
	Rung      feed.Rung
	Free      func() // as of feed.Opened; may be nil

	wait *wait // for the shared store; nil: it was not asked
}

// End is called once the page was committed, or will not be, and nobody reads the session and the knowledge any more.
func (l *Look) End() {
	if l.Free != nil {
		l.Free()
	}
	if l.wait != nil {
		l.wait.end()
	}
}

// Ladder reads and writes sessions and what is known of viewers, stepping down where a store is out
// of reach: from the shared store to this process's own sessions and the durable records, and from
// those to nothing known. It never fails for lack of a store.
type Ladder struct {
	shared  feed.SessionRepository
	local   feed.SessionRepository // in this process, for pages served while shared is out of reach
	viewers *remembering.Viewers
	patience,
	pause time.Duration
	clock   func() time.Time
	shunned atomic.Int64 // Unix ms until which shared is not asked
	parted  atomic.Int64 // Unix ms when shared failed last; 0: never
	told    func(from, to feed.Rung)
	last    atomic.Pointer[feed.Rung]
}

// NewLadder waits at most patience for one answer of a store, and does not ask the shared store
// again for pause after it failed. told hears when pages come from another rung than the page before; it
// must be quick, and it may be nil.
func NewLadder(shared, local feed.SessionRepository, viewers *remembering.Viewers, patience, pause time.Duration, clock func() time.Time,
	told func(from, to feed.Rung)) *Ladder {
	l := &Ladder{shared: shared, local: local, viewers: viewers, patience: patience, pause: pause, clock: clock, told: told}
	whole := feed.Full
	l.last.Store(&whole)
	return l
}

// tell reports a change of rung.
func (l *Ladder) tell(rung feed.Rung) feed.Rung {
	if *l.last.Load() == rung {
		return rung
	}
	told := rung
	if from := *l.last.Swap(&told); from != rung && l.told != nil {
		l.told(from, rung)
	}
	return rung
}

// Look reads what a page needs.
func (l *Ladder) Look(ctx context.Context, viewer audience.ViewerID, session feed.SessionID, page int) Look {
	alone, decided := l.lookLocal(ctx, session, viewer, page)
	if l.shuns() {
		if decided {
			return alone
		}
		return l.lookBelow(ctx, viewer, session, page)
	}
	wait := newWait(ctx, l.patience)
	opened, err := l.shared.Open(wait, viewer, session, page)
	wait.pause()
	switch {
	case err != nil:
		wait.end()
		l.shun()
		if decided {
			return alone
		}
		return l.lookBelow(ctx, viewer, session, page)
	case decided && !holds(opened.Session, page):
		wait.end()
		return alone
	}
	look := Look{Session: opened.Session, Knowledge: opened.Knowledge, Rung: feed.Full, Free: opened.Free, wait: wait}
	switch {
	case !opened.Known || !l.viewers.Trusted(viewer):
		look.Knowledge, look.Rung = l.recollect(ctx, l.viewers.Fill, viewer, feed.Full)
	case !l.viewers.Sure():
		look.Rung = feed.StaleViewer
		if k, rung := l.recollect(ctx, l.viewers.Fill, viewer, feed.Full); rung == feed.Full {
			look.Knowledge, look.Rung = k, rung
		}
	}
	return look
}

// holds reports whether the session, nil when it is not held, has the page at hand.
func holds(s *feed.RecommendationSession, page int) bool {
	if s == nil {
		return false
	}
	_, ok := s.Asked(page)
	return ok
}

// lookLocal finds a page that this process decided alone while the shared store was out of reach:
// that page stands, also after the store is back, unless others were answered another one meanwhile.
func (l *Ladder) lookLocal(ctx context.Context, session feed.SessionID, viewer audience.ViewerID, page int) (Look, bool) {
	if session == "" {
		return Look{}, false
	}
	opened, err := l.local.Open(ctx, viewer, session, page)
	if err != nil || opened.Session == nil {
		return Look{}, false
	}
	p, served := opened.Session.Asked(page)
	return Look{Session: opened.Session, Rung: lower(p.Rung, feed.CursorOnly), Free: opened.Free}, served
}

func (l *Ladder) lookBelow(ctx context.Context, viewer audience.ViewerID, session feed.SessionID, page int) Look {
	look := Look{Rung: feed.CursorOnly}
	if opened, err := l.local.Open(ctx, viewer, session, page); err == nil {
		look.Session, look.Free = opened.Session, opened.Free
	}
	look.Knowledge, look.Rung = l.recollect(ctx, l.viewers.Recollect, viewer, feed.CursorOnly)
	return look
}

func (l *Ladder) recollect(ctx context.Context, from func(context.Context, audience.ViewerID) (audience.Knowledge, error),
	viewer audience.ViewerID, rung feed.Rung) (audience.Knowledge, feed.Rung) {
	ctx, cancel := l.within(ctx)
	defer cancel()
	k, err := from(ctx, viewer)
	if err != nil {
		return audience.Knowledge{Viewer: audience.NewViewer(viewer, nil, nil)}, feed.Popular
	}
	return k, rung
}

// Commit stores the page just served after the look, and returns the rung it came to, which is that of the look or below. It fails
// only with feed.ErrPageTaken.
func (l *Ladder) Commit(ctx context.Context, s *feed.RecommendationSession, look *Look) (feed.Rung, error) {
	rung := look.Rung
	if !l.shuns() {
		// Once begun, a commit is not given up because the client went away: half the fleet would
		// know the page and half would not.
		if look.wait == nil || !look.wait.again(l.patience) {
			look.wait = newWait(ctx, l.patience)
		}
		err := l.shared.Commit(look.wait, s)
		look.wait.pause()
		switch {
		case err == nil:
			return l.tell(rung), nil
		case errors.Is(err, feed.ErrPageTaken):
			return rung, feed.ErrPageTaken
		case errors.Is(err, ErrNotArchived):
			return l.tell(lower(rung, feed.NoArchive)), nil
		}
		l.shun()
	}
	if err := l.local.Commit(ctx, s); errors.Is(err, feed.ErrPageTaken) {
		l.parted.Store(l.clock().UnixMilli()) // where that page is, is in the archive
		return rung, feed.ErrPageTaken
	}
	return l.tell(lower(rung, feed.CursorOnly)), nil
}

var depth = map[feed.Rung]int{feed.Full: 0, feed.NoArchive: 1, feed.CursorOnly: 2, feed.StaleViewer: 3, feed.Popular: 4}

// lower is the more degraded of two rungs.
func lower(a, b feed.Rung) feed.Rung {
	if depth[b] > depth[a] {
		return b
	}
	return a
}

func (l *Ladder) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.patience)
}

func (l *Ladder) shuns() bool { return l.clock().UnixMilli() < l.shunned.Load() }

func (l *Ladder) shun() {
	now := l.clock()
	l.shunned.Store(now.Add(l.pause).UnixMilli())
	l.parted.Store(now.UnixMilli())
	l.viewers.Part()
}

// Parted reports whether the shared store failed since then, as far as this process noticed: meanwhile another may
// have served pages that only the archive knows.
func (l *Ladder) Parted(since time.Time) bool { return l.parted.Load() >= since.UnixMilli() }
