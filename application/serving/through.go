package serving

import (
	"context"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
)

// ErrNotArchived says that a page was served and could not be archived.
var ErrNotArchived = fault.New(fault.Unavailable, "not_archived", "the page was served but could not be archived")

// Through archives every page before it is answered. The embedded default serves through it, because
// its session store is lost with the process.
type Through struct {
	feed.SessionRepository
	Archive feed.PageArchive
}

// Commit stores the page, then archives it. With ErrNotArchived the page is stored all the same.
func (t Through) Commit(ctx context.Context, s *feed.RecommendationSession) error {
	if err := t.SessionRepository.Commit(ctx, s); err != nil {
		return err
	}
	if err := t.Archive.Keep(ctx, exposuresOf(s)); err != nil {
		return ErrNotArchived.Because(err)
	}
	return nil
}

func exposuresOf(s *feed.RecommendationSession) []feed.Exposure {
	pages := s.Fresh()
	exposures := make([]feed.Exposure, len(pages))
	for i, p := range pages {
		exposures[i] = feed.Exposure{Visit: s.Visit(), Page: p}
	}
	return exposures
}
