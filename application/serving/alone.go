package serving

import (
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/feed"
)

// Alone keeps sessions in this process while the shared store is out of reach. Each page is archived before it is answered,
// and of several that processes decide for one cursor the one in the archive stands. Where the archive does not
// answer within the patience, each process goes by its own.
type Alone struct {
	feed.SessionRepository
	Archive  feed.PageArchive
	Patience time.Duration
}

// Commit stores the page, or fails with feed.ErrPageTaken where the archive has another one.
func (a Alone) Commit(ctx context.Context, s *feed.RecommendationSession) error {
	if a.taken(context.WithoutCancel(ctx), s) { // begun, it is not given up because the client went away
		return feed.ErrPageTaken
	}
	return a.SessionRepository.Commit(ctx, s)
}

func (a Alone) taken(ctx context.Context, s *feed.RecommendationSession) bool {
	ctx, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	exposures := exposuresOf(s)
	for i := range exposures { // as they are answered: they give way to a page that all others are answered
		exposures[i].Page.Rung = lower(exposures[i].Page.Rung, feed.CursorOnly)
	}
	if err := a.Archive.Keep(ctx, exposures); err != nil {
		return false
	}
	_, kept, err := a.Archive.Session(ctx, s.Visit().ID)
	return err == nil && slices.ContainsFunc(kept, func(k feed.Page) bool {
		return slices.ContainsFunc(s.Fresh(), func(p feed.Page) bool { return p.Number == k.Number && !sameItems(&p, &k) })
	})
}

func sameItems(a, b *feed.Page) bool {
	return slices.EqualFunc(a.Items, b.Items, func(x, y feed.Placement) bool { return x.Number == y.Number })
}
