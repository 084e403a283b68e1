package feed

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// SessionID names a session: 26 characters of lower-case base 32, random.
type SessionID string

// The limits of a session.
const (
	MaxPages    = 1000
	MaxServed   = 5000
	MaxPageSize = 100
	DefaultSize = 20
	MaxExclude  = 1000
	DefaultLife = 6 * time.Hour
)

// What a session refuses.
var (
	ErrSessionNotFound = fault.New(fault.NotFound, "session_not_found", "there is no such session")
	ErrNotYours        = fault.New(fault.Invalid, "cursor_not_yours", "this cursor was given to another viewer")
	ErrOtherFeed       = fault.New(fault.Invalid, "cursor_of_other_feed", "this cursor belongs to another feed")
	ErrNarrowing       = fault.New(fault.Invalid, "cursor_narrowing", "a session keeps the tag, lang and region it began with")
	ErrExpired         = fault.New(fault.Gone, "cursor_expired", "the session this cursor belongs to has ended; start a new one")
	ErrAhead           = fault.New(fault.Conflict, "page_out_of_order", "the pages before this one have not been served")
	ErrPageLost        = fault.New(fault.Gone, "page_lost", "this page was served and is not kept any more; go on from a later cursor")
	ErrPageTaken       = fault.New(fault.Conflict, "page_taken", "another request served this page first")
	ErrRepeats         = fault.New(fault.Internal, "repeated_item", "a page may not repeat an item of its session")
	ErrPageSize        = fault.New(fault.Internal, "page_too_long", "a page holds more items than were asked for")
)

// RecommendationSession is one visit of one viewer to one feed. It serves each item at most once,
// and each page once: asked again for a page it has served, it returns that page unchanged.
//
// A session may know some of its past only as a filter: Resume takes over from a cursor what the
// store has lost. The filter may hold back a few items that were not served; it never lets one
// through that was.
type RecommendationSession struct {
	visit  Visit
	served []catalog.Number
	sorted []catalog.Number // served, sorted, as far as HasServed needed it
	pages  int              // how many pages have been served, those known only from a cursor included
	lost   Filter
	past   Filter // lost and the first pastOf of served
	pastOf int
	asked  *Page
	fresh  []Page
	room   [1]Page // of fresh: most sessions serve one page before they are stored
}

// Begin starts a session that has served nothing.
func Begin(v Visit) *RecommendationSession {
	v.StartedAt, v.ExpiresAt = millis(v.StartedAt), millis(v.ExpiresAt)
	return &RecommendationSession{visit: v}
}

// Recall rebuilds a session from what a store kept: the items of all pages in order, how many pages
// they were, what was known only as a filter, and the page asked for, when it was served before.
func Recall(v Visit, served []catalog.Number, pages int, lost Filter, asked *Page) *RecommendationSession {
	return &RecommendationSession{visit: v, served: served, pages: pages, lost: lost, asked: asked}
}

// Visit returns what never changes.
func (s *RecommendationSession) Visit() Visit { return s.visit }

// Pages is how many pages have been served.
func (s *RecommendationSession) Pages() int { return s.pages }

// Served returns the items served so far as far as they are known one by one, oldest first. Read-only.
func (s *RecommendationSession) Served() []catalog.Number { return s.served }

// Past returns all that was served, as a filter.
func (s *RecommendationSession) Past() Filter { return s.filter(len(s.served)) }

// filter holds what is lost, and the first n that are not.
func (s *RecommendationSession) filter(n int) Filter {
	switch {
	case s.pastOf > n:
		return s.lost.With(s.visit.Seed, s.served[:n])
	case s.pastOf == 0:
		s.past = s.lost
	}
	s.past = s.past.withAll(s.lost, s.visit.Seed, s.served[s.pastOf:n])
	s.pastOf = n
	return s.past
}

// Lost returns what is known of earlier pages only as a filter.
func (s *RecommendationSession) Lost() Filter { return s.lost }

// Fresh returns the pages served since the session was loaded.
func (s *RecommendationSession) Fresh() []Page { return s.fresh }

// HasServed reports whether the session may have served the item; it never wrongly says no.
func (s *RecommendationSession) HasServed(n catalog.Number) bool {
	if len(s.sorted) != len(s.served) {
		s.sorted = append(s.sorted[:0], s.served...)
		slices.Sort(s.sorted)
	}
	_, ok := slices.BinarySearch(s.sorted, n)
	return ok || s.lost.MayHold(s.visit.Seed, n)
}

// Admit checks that the viewer may go on from the cursor at now: ErrNotYours, ErrOtherFeed,
// ErrNarrowing, ErrExpired.
func (c *Cursor) Admit(to audience.ViewerID, feed string, n Narrowing, now time.Time) error {
	switch {
	case c.Viewer != ViewerDigest(to):
		return ErrNotYours.On("cursor")
	case c.Feed != feed || c.Narrowing.Anchor != n.Anchor:
		return ErrOtherFeed.On("cursor")
	case !now.Before(c.ExpiresAt):
		return ErrExpired.On("cursor")
	case n.Tag != "" && n.Tag != c.Narrowing.Tag:
		return ErrNarrowing.On("tag")
	case n.Lang != "" && n.Lang != c.Narrowing.Lang:
		return ErrNarrowing.On("lang")
	case n.Region != "" && n.Region != c.Narrowing.Region:
		return ErrNarrowing.On("region")
	}
	return nil
}

// Resume takes over from the cursor what the session does not know itself: when its store lost
// pages, or all of it. It changes nothing when the session knows at least as much.
func (s *RecommendationSession) Resume(c *Cursor) {
	if c.Page-1 <= s.pages {
		return
	}
	s.pages = c.Page - 1
	s.lost = c.Served
	s.served = []catalog.Number{c.Last}
	s.sorted, s.past, s.pastOf = s.sorted[:0], Filter{}, 0
	if p, ok := s.Asked(c.Page); ok { // held beyond a gap
		s.take(&p)
	}
}

func (s *RecommendationSession) take(p *Page) {
	for _, it := range p.Items {
		s.served = append(s.served, it.Number)
	}
	s.pages = p.Number
}

// before is how many items were served before the first that is known one by one.
func (s *RecommendationSession) before() int {
	if s.lost.Len() == 0 {
		return 0
	}
	return s.lost.Len() - 1 // the last of them is known
}

// Asked returns the page of that number if it was served before and is held.
func (s *RecommendationSession) Asked(page int) (Page, bool) {
	if s.asked != nil && s.asked.Number == page {
		return *s.asked, true
	}
	return Page{}, false
}

// Serve appends the page made of what p names; p.Number and p.First are set here.
//
// It fails with ErrExpired past the session's life, ErrPageLost and ErrAhead unless number is the next
// page, ErrPageSize and ErrRepeats when the items break the session's rules. A failed Serve changes
// nothing. A page with fewer items than were asked for is the last.
func (s *RecommendationSession) Serve(number int, p Page, now time.Time) (Page, error) {
	if !now.Before(s.visit.ExpiresAt) {
		return Page{}, ErrExpired.On("cursor")
	}
	if number <= s.pages {
		return Page{}, ErrPageLost.On("cursor")
	}
	if number != s.pages+1 {
		return Page{}, ErrAhead.On("cursor")
	}
	if len(p.Items) > p.Want || p.Want > MaxPageSize {
		return Page{}, ErrPageSize
	}
	if err := s.checkNew(p.Items); err != nil {
		return Page{}, err
	}

	p.Number, p.First, p.ServedAt = number, s.before()+len(s.served)+1, millis(now)
	p.Last = len(p.Items) < p.Want || number >= MaxPages || p.First+len(p.Items) > MaxServed
	s.served = slices.Grow(s.served, len(p.Items))
	for _, it := range p.Items {
		s.served = append(s.served, it.Number)
	}
	s.pages = number
	if s.fresh == nil {
		s.fresh = s.room[:0]
	}
	s.fresh = append(s.fresh, p)
	s.asked = &s.fresh[len(s.fresh)-1]
	return p, nil
}

// Next is the cursor that follows the page; ok is false at the session's end. The page must be the
// newest, or one that this session served before.
func (s *RecommendationSession) Next(p Page) (c Cursor, ok bool) {
	if p.Last {
		return Cursor{}, false
	}
	upTo := min(len(s.served), max(0, p.First-1+len(p.Items)-s.before()))
	c = Cursor{
		Session: s.visit.ID, Page: p.Number + 1, Feed: s.visit.Feed, Definition: s.visit.Definition,
		Viewer: ViewerDigest(s.visit.Viewer), Narrowing: s.visit.Narrowing, Seed: s.visit.Seed,
		StartedAt: s.visit.StartedAt, ExpiresAt: s.visit.ExpiresAt,
		Served: s.filter(upTo),
	}
	if n := len(p.Items); n > 0 {
		c.Last = p.Items[n-1].Number
	}
	return c, true
}

func (s *RecommendationSession) checkNew(items []Placement) error {
	var room [MaxPageSize]catalog.Number
	fresh := room[:0]
	for i := range items {
		fresh = append(fresh, items[i].Number)
	}
	slices.Sort(fresh)
	again := func(n catalog.Number) bool { _, found := slices.BinarySearch(fresh, n); return found }
	repeats := slices.ContainsFunc(s.served, again)
	for i := 1; i < len(fresh); i++ {
		repeats = repeats || fresh[i] == fresh[i-1]
	}
	for i := 0; i < len(fresh) && s.lost.Len() > 0; i++ {
		repeats = repeats || s.lost.MayHold(s.visit.Seed, fresh[i])
	}
	if !repeats {
		return nil
	}
	for i, it := range items { // which one, the first first
		if s.HasServed(it.Number) {
			return ErrRepeats.Saying("item %q was served before in this session", it.Item)
		}
		for _, other := range items[:i] {
			if other.Number == it.Number {
				return ErrRepeats.Saying("item %q stands twice on a page", it.Item)
			}
		}
	}
	return ErrRepeats
}

func millis(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Rebuild makes a session from its archived pages, with the page of number asked at hand. Pages after
// the first that is missing are not known, but for the page asked: Resume with its cursor closes the gap before it.
func Rebuild(v Visit, pages []Page, asked int) *RecommendationSession {
	s := Begin(v)
	for i := range pages {
		p := pages[i]
		if p.Number == s.pages+1 {
			s.take(&p)
		}
		if p.Number == asked {
			s.asked = &p
		}
	}
	return s
}
