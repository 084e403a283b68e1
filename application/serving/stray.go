package serving

import (
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// While the shared store comes and goes, two requests for one page may each be answered, with different
// pages, and only one of these is in the session held. A cursor knows all the pages it goes on from: what
// the session lacks of them is taken from it, so that nothing repeats along a chain of cursors.

// gather returns the session with all that it or the cursor knows, to serve the cursor's page from.
func gather(s *feed.RecommendationSession, c *feed.Cursor) *feed.RecommendationSession {
	if s.Pages() != c.Page-1 || s.Past().Covers(c.Served) {
		return s
	}
	both := *c
	both.Served = c.Served.With(c.Seed, s.Served())
	again := feed.Begin(s.Visit())
	again.Resume(&both)
	return again
}

// onward is the cursor after page p of the session, which was asked for with c; c is nil for the first.
func onward(s *feed.RecommendationSession, p feed.Page, c *feed.Cursor) (feed.Cursor, bool) {
	next, ok := s.Next(p)
	if !ok || c == nil || next.Served.Covers(c.Served) {
		return next, ok
	}
	items := make([]catalog.Number, len(p.Items))
	for i := range p.Items {
		items[i] = p.Items[i].Number
	}
	next.Served = c.Served.With(c.Seed, items)
	return next, true
}

// standIn is a session to answer cursor c from while its page, which was served, is not to be found: it may lie in a store that
// does not answer, or be on its way to the archive. Its page is for this answer only and not to be stored: the page that was
// served stays the cursor's. The query is told of all that held, the session as far as it is known, has served.
func standIn(held *feed.RecommendationSession, c *feed.Cursor, q *recommend.Query) *feed.RecommendationSession {
	s := feed.Begin(held.Visit())
	s.Resume(c)
	q.Lost = func(n catalog.Number) bool { return held.HasServed(n) || s.HasServed(n) }
	return s
}
