package replaying

import (
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
)

// ErrPageNotFound says that the session has no such page.
var ErrPageNotFound = fault.New(fault.NotFound, "page_not_found", "the session has no such page")

// MaxListed is how many sessions one answer lists.
const MaxListed = 100

// Archivist brings pages that are still on their way into the archive.
type Archivist interface {
	Settle(ctx context.Context, patience time.Duration) error
}

// Sessions looks back on sessions.
type Sessions struct {
	archive   feed.PageArchive
	archivist Archivist
	past      audience.Recollection
	rerun     *serving.Rerun
	sealer    *feed.Sealer
	clock     func() time.Time
}

// NewSessions wires the use cases.
func NewSessions(archive feed.PageArchive, archivist Archivist, past audience.Recollection, rerun *serving.Rerun, sealer *feed.Sealer, clock func() time.Time) *Sessions {
	return &Sessions{archive, archivist, past, rerun, sealer, clock}
}

// Past is one session as it was.
type Past struct {
	Visit  feed.Visit
	Pages  []feed.Page
	Cursor string // to go on from the last page; empty when the session has ended
}

// Find returns a session. With none: feed.ErrSessionNotFound.
func (s *Sessions) Find(ctx context.Context, id feed.SessionID) (Past, error) {
	visit, pages, err := s.load(ctx, id)
	if err != nil {
		return Past{}, err
	}
	p := Past{Visit: visit, Pages: pages}
	if n := len(pages); n > 0 && s.clock().Before(visit.ExpiresAt) {
		session := feed.Rebuild(visit, pages, pages[n-1].Number)
		if next, ok := session.Next(pages[n-1]); ok {
			p.Cursor = s.sealer.Seal(next)
		}
	}
	return p, nil
}

// List returns a viewer's sessions, newest first; before (zero: now) pages on.
func (s *Sessions) List(ctx context.Context, viewer audience.ViewerID, before time.Time, limit int) ([]feed.Summary, error) {
	s.settle(ctx)
	return s.archive.Sessions(ctx, viewer, before, min(limit, MaxListed))
}

// Replay is a page beside what it would be if it were computed again.
type Replay struct {
	Visit    feed.Visit
	Page     feed.Page
	Replayed []catalog.ItemID
	Same     bool
	// Changed names what the page was computed from that is not the same any more: configuration,
	// catalogue, model, viewer.
	Changed []string
}

// Replay computes a page again from what was recorded of it. It fails with feed.ErrSessionNotFound
// and ErrPageNotFound.
func (s *Sessions) Replay(ctx context.Context, id feed.SessionID, number int) (Replay, error) {
	visit, pages, err := s.load(ctx, id)
	if err != nil {
		return Replay{}, err
	}
	i := slices.IndexFunc(pages, func(p feed.Page) bool { return p.Number == number })
	if i < 0 {
		return Replay{}, ErrPageNotFound.On("page")
	}
	page := pages[i]
	known, err := s.past.Recollect(ctx, visit.Viewer, page.ServedAt)
	if err != nil {
		return Replay{}, err
	}
	ids, inputs, err := s.rerun.Page(feed.Rebuild(visit, pages[:i], 0), page, known)
	if err != nil {
		return Replay{}, err
	}
	r := Replay{Visit: visit, Page: page, Replayed: ids, Changed: page.Inputs.Differ(inputs)}
	r.Same = slices.EqualFunc(page.Items, ids, func(p feed.Placement, id catalog.ItemID) bool { return p.Item == id })
	return r, nil
}

func (s *Sessions) load(ctx context.Context, id feed.SessionID) (feed.Visit, []feed.Page, error) {
	s.settle(ctx)
	return s.archive.Session(ctx, id)
}

// patience is how long looking back waits for pages on their way to the archive.
const patience = 300 * time.Millisecond

// settle lets what was served a moment ago be seen; when it cannot, the archive answers what it has.
func (s *Sessions) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = s.archivist.Settle(ctx, patience)
}
