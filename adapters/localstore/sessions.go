package localstore

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// Sessions is a feed.SessionRepository and feed.Exposures in memory. It knows nothing of viewers.
type Sessions struct {
	clock func() time.Time
	most  int

	mu    sync.Mutex
	held  map[feed.SessionID]*list.Element // of *session
	order *list.List                       // least recently used first
	queue []feed.Exposure                  // not yet archived, oldest first
	taken int                              // in the hands of a Drain
	lost  int
}

type session struct {
	visit  feed.Visit
	served []catalog.Number
	lost   feed.Filter
	count  int
	pages  map[int]feed.Page
}

// MostExposures is how many exposures wait for the archive at most; the oldest are given up first.
const MostExposures = 20_000

// NewSessions holds at most most sessions.
func NewSessions(most int, clock func() time.Time) *Sessions {
	return &Sessions{clock: clock, most: most, held: make(map[feed.SessionID]*list.Element), order: list.New()}
}

// Open implements feed.SessionRepository; Known is always false.
func (s *Sessions) Open(_ context.Context, viewer audience.ViewerID, id feed.SessionID, page int) (feed.Opened, error) {
	opened := feed.Opened{Knowledge: audience.Knowledge{Viewer: audience.NewViewer(viewer, nil, nil)}}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.held[id]
	if !ok {
		return opened, nil
	}
	h := e.Value.(*session)
	if h.visit.Viewer != viewer {
		return opened, nil
	}
	if !s.clock().Before(h.visit.ExpiresAt) {
		s.drop(e)
		return opened, nil
	}
	s.order.MoveToBack(e)
	var asked *feed.Page
	if p, ok := h.pages[page]; ok {
		p = p.Clone()
		asked = &p
	}
	opened.Session = feed.Recall(h.visit, slices.Clone(h.served), h.count, h.lost, asked)
	return opened, nil
}

// Commit implements feed.SessionRepository.
func (s *Sessions) Commit(_ context.Context, from *feed.RecommendationSession) error {
	visit, fresh := from.Visit(), from.Fresh()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.held[visit.ID]
	if ok && e.Value.(*session).count >= from.Pages() {
		return feed.ErrPageTaken
	}
	if !ok {
		e = s.order.PushBack(&session{visit: visit, pages: make(map[int]feed.Page)})
		s.held[visit.ID] = e
	}
	h := e.Value.(*session)
	h.served, h.count, h.lost = slices.Clone(from.Served()), from.Pages(), from.Lost()
	for _, p := range fresh {
		h.pages[p.Number] = p.Clone()
		s.queue = append(s.queue, feed.Exposure{Visit: visit, Page: alone(p.Clone())})
	}
	if over := len(s.queue) - MostExposures; over > 0 {
		s.lost += over
		s.queue = slices.Delete(s.queue, 0, over)
	}
	s.order.MoveToBack(e)
	for s.order.Len() > s.most {
		s.drop(s.order.Front())
	}
	return nil
}

// alone is the page as it was answered: this process decided it by itself, even where all answered while it was computed.
func alone(p feed.Page) feed.Page {
	if p.Rung == feed.Full {
		p.Rung = feed.CursorOnly
	}
	return p
}

// Drain implements feed.Exposures; consumer and idle do not matter in one process.
func (s *Sessions) Drain(_ context.Context, _ string, limit int, _ time.Duration, keep func([]feed.Exposure) error) (int, error) {
	s.mu.Lock()
	taken := slices.Clone(s.queue[:min(limit, len(s.queue))])
	s.queue = slices.Delete(s.queue, 0, len(taken))
	s.taken += len(taken)
	s.mu.Unlock()
	if len(taken) == 0 {
		return 0, nil
	}
	err := keep(taken)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= len(taken)
	if err != nil {
		s.queue = append(taken, s.queue...)
		return 0, err
	}
	return len(taken), nil
}

// Waiting implements feed.Exposures.
func (s *Sessions) Waiting(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.queue) + s.taken), nil
}

// Lost is how many exposures were given up for lack of room.
func (s *Sessions) Lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Erase implements erasing.Store: it drops the viewer's sessions and waiting exposures.
func (s *Sessions) Erase(_ context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, waiting := s.order.Len(), len(s.queue)
	for e := s.order.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*session).visit.Viewer == viewer {
			s.drop(e)
		}
		e = next
	}
	s.queue = slices.DeleteFunc(s.queue, func(x feed.Exposure) bool { return x.Visit.Viewer == viewer })
	return []erasing.Removed{
		{Store: "process", What: "sessions", Count: int64(before - s.order.Len())},
		{Store: "process", What: "exposures", Count: int64(waiting - len(s.queue))},
	}, nil
}

func (s *Sessions) drop(e *list.Element) {
	delete(s.held, e.Value.(*session).visit.ID)
	s.order.Remove(e)
}
