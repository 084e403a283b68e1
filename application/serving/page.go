package serving

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// What a request for a page may not ask.
var (
	ErrSize    = fault.New(fault.Invalid, "bad_limit", "a page holds 1 to 100 items")
	ErrExclude = fault.New(fault.Invalid, "too_many", "at most 1000 items are excluded")
)

// Request asks for a page.
type Request struct {
	Feed      string
	Viewer    audience.ViewerID
	Size      int    // 0: feed.DefaultSize
	Cursor    string // empty: a new session
	Exclude   []catalog.ItemID
	Narrowing feed.Narrowing
	Within    time.Duration // for computing the page: sources not asked by then are left out; 0: no limit
	Debug     bool          // fill Shown.Terms, Shown.Actions and Answer.Dropped when the page is computed now
}

// Answer is a page with what is needed to show it.
type Answer struct {
	Visit     feed.Visit
	Page      feed.Page
	Items     []Shown          // in order; items withdrawn since the page was served are left out
	Withdrawn []catalog.ItemID // those
	Cursor    string           // empty: the session ends here
	Rung      feed.Rung
	Dropped   map[string]int // filter → how many it dropped; only with Debug
}

// Shown is one item of a page as clients see it.
type Shown struct {
	*feed.Placement     // of the answer's page
	Position        int // in the session, from 1
	Context         string
	Details         *catalog.Snapshot // read-only
	Counts          engagement.Counts
	Terms           []recommend.ScoreTerm
	Actions         []recommend.ActionTerm
}

// Counting tells what happened to items and who is followed, from memory.
type Counting interface {
	// CountsOf fills into, which has the length of items.
	CountsOf(items []catalog.ItemID, into []engagement.Counts)
	// FollowersOf fills into, which has the length of authors, with how many follow each.
	FollowersOf(authors []catalog.AuthorID, into []int64)
}

// ServePage answers requests for pages of feeds.
type ServePage struct {
	plans    *Plans
	stores   *Ladder
	viewers  *remembering.Viewers
	archive  feed.PageArchive
	sealer   *feed.Sealer
	index    recommend.Index
	signals  recommend.Signals
	counting Counting
	clock    func() time.Time
	ids      Identities
}

// Identities draws what must not be guessed or repeat.
type Identities interface {
	Session() feed.SessionID
	Seed() uint64
}

// NewServePage wires the recipe.
func NewServePage(plans *Plans, stores *Ladder, viewers *remembering.Viewers, archive feed.PageArchive, sealer *feed.Sealer,
	index recommend.Index, signals recommend.Signals, counting Counting, clock func() time.Time, ids Identities) *ServePage {
	return &ServePage{plans, stores, viewers, archive, sealer, index, signals, counting, clock, ids}
}

// Serve returns the page. It fails with the faults of the request (ErrSize, ErrExclude, ErrNoFeed,
// feed.ErrCursor and what Cursor.Admit refuses), never because a store is out of reach.
func (s *ServePage) Serve(ctx context.Context, q Request) (Answer, error) {
	now := s.clock()
	plan := s.plans.Current()
	if q.Size == 0 {
		q.Size = feed.DefaultSize
	}
	if q.Size < 1 || q.Size > feed.MaxPageSize {
		return Answer{}, ErrSize.On("limit")
	}
	if len(q.Exclude) > feed.MaxExclude {
		return Answer{}, ErrExclude.On("exclude")
	}
	if _, err := plan.pipeline(q.Feed); err != nil {
		return Answer{}, err
	}
	if q.Narrowing.Anchor != "" {
		if err := s.checkAnchor(q.Narrowing.Anchor, now); err != nil {
			return Answer{}, err
		}
	}
	cursor, err := s.open(q, now)
	if err != nil {
		return Answer{}, err
	}

	// Losing the race for a page means that another request decided it: then that is the page.
	for range 4 {
		var a Answer
		a, err = s.once(ctx, plan, q, cursor, now, true)
		if !errors.Is(err, feed.ErrPageTaken) {
			return a, err
		}
	}
	if cursor == nil {
		return Answer{}, err
	}
	return s.once(ctx, plan, q, cursor, now, false) // that page is where this process cannot find it
}

// Walk returns a cursor's session id and the start of its session, for ports that keep bookmarks.
func (s *ServePage) Walk(text string) (*feed.Cursor, error) { return s.sealer.Open(text) }

func (s *ServePage) open(q Request, now time.Time) (*feed.Cursor, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	c, err := s.sealer.Open(q.Cursor)
	if err != nil {
		return nil, err
	}
	return c, c.Admit(q.Viewer, q.Feed, q.Narrowing, now)
}

// checkAnchor refuses related items of an item nobody may see.
func (s *ServePage) checkAnchor(id catalog.ItemID, now time.Time) error {
	at := []recommend.Ordinal{0}
	items := []*catalog.Snapshot{nil}
	view := s.index.View()
	view.Locate([]catalog.ItemID{id}, at)
	view.Items(at, items)
	if items[0] == nil || !items[0].Live(now) {
		return catalog.ErrItemNotFound.On("id")
	}
	return nil
}

func (s *ServePage) once(ctx context.Context, plan *Plan, q Request, c *feed.Cursor, now time.Time, keep bool) (Answer, error) {
	number := 1
	var id feed.SessionID
	if c != nil {
		number, id = c.Page, c.Session
	}
	look := s.stores.Look(ctx, q.Viewer, id, number)
	defer look.End()
	session, told := s.session(ctx, plan, q, c, look, now)
	if !told {
		look.Rung = lower(look.Rung, feed.CursorOnly)
	}
	if p, ok := session.Asked(number); ok { // no more whole than when it was made
		return s.answer(session, c, p, nil, 0, lower(look.Rung, p.Rung), now), nil
	}
	pl, err := plan.pipeline(session.Visit().Definition)
	if err != nil { // the configuration dropped the definition while the session lived
		if pl, err = plan.pipeline(q.Feed); err != nil {
			return Answer{}, err
		}
	}
	query := plan.query(session, look.Knowledge, q.Size, q.Exclude, now)
	unfound := !keep || number <= session.Pages()
	if unfound {
		session, look.Rung = standIn(session, c, query), lower(look.Rung, feed.CursorOnly)
	}
	query.Debug = q.Debug
	within, clock := q.Within, s.clock
	query.Spent = func() bool { return ctx.Err() != nil || within > 0 && clock().Sub(now) >= within }
	version := s.index.View().Version()
	slate := pl.Recommend(query)
	page := s.page(plan, look, slate, q)
	page, err = session.Serve(number, page, now)
	if err != nil {
		return Answer{}, err
	}
	rung := look.Rung
	if !unfound {
		if rung, err = s.stores.Commit(ctx, session, &look); err != nil {
			return Answer{}, err
		}
	}
	a := s.answer(session, c, page, slate.Picks, version, rung, now)
	a.Dropped = slate.Dropped
	return a, nil
}

// session is the one to serve from: held, rebuilt from the archive, or begun, and brought up to
// what the cursor knows. It is not told all when the archive was needed and did not answer.
func (s *ServePage) session(ctx context.Context, plan *Plan, q Request, c *feed.Cursor, look Look, now time.Time) (_ *feed.RecommendationSession, told bool) {
	if c == nil {
		as, definition := experiment.AssignAll(plan.Layers, string(q.Viewer), q.Feed)
		return feed.Begin(feed.Visit{
			ID: s.ids.Session(), Viewer: q.Viewer, Feed: q.Feed, Definition: definition, Narrowing: q.Narrowing,
			Seed: s.ids.Seed(), StartedAt: now, ExpiresAt: now.Add(plan.Lifetime), Assignments: as,
		}), true
	}
	session, told := look.Session, true
	if session == nil || session.Pages() < c.Page-1 || s.mayHaveLost(session, c) {
		var kept *feed.RecommendationSession
		if kept, told = s.fromArchive(ctx, q.Viewer, c); better(kept, session, c.Page) {
			session = kept
		}
	}
	if session == nil {
		session = feed.Begin(feed.Visit{
			ID: c.Session, Viewer: q.Viewer, Feed: c.Feed, Definition: c.Definition, Narrowing: c.Narrowing,
			Seed: c.Seed, StartedAt: c.StartedAt, ExpiresAt: c.ExpiresAt,
		})
	}
	session.Resume(c)
	return gather(session, c), told
}

// better reports that the archived session knows more than the one held.
func better(kept, held *feed.RecommendationSession, page int) bool {
	if kept == nil || held == nil {
		return kept != nil
	}
	_, asked := kept.Asked(page)
	return asked || kept.Pages() > held.Pages()
}

// mayHaveLost reports that the page asked for is not held and was served, or may have been: before the
// fast store was restarted, or elsewhere while it was out of reach.
func (s *ServePage) mayHaveLost(session *feed.RecommendationSession, c *feed.Cursor) bool {
	_, held := session.Asked(c.Page)
	started := session.Visit().StartedAt
	return !held && (session.Pages() >= c.Page || started.Before(s.viewers.LostSince()) || s.stores.Parted(started))
}

// fromArchive is the session as far as the archive has it, or nil; told is false when the archive did not answer.
func (s *ServePage) fromArchive(ctx context.Context, viewer audience.ViewerID, c *feed.Cursor) (_ *feed.RecommendationSession, told bool) {
	ctx, cancel := s.stores.within(ctx)
	defer cancel()
	visit, pages, err := s.archive.Session(ctx, c.Session)
	if err != nil || visit.Viewer != viewer {
		return nil, err == nil || errors.Is(err, feed.ErrSessionNotFound)
	}
	return feed.Rebuild(visit, pages, c.Page), true
}

func (s *ServePage) page(plan *Plan, look Look, slate recommend.Slate, q Request) feed.Page {
	p := feed.Page{
		Rung: look.Rung, Relaxed: slate.Relaxed, Skipped: slate.Skipped, Want: q.Size, Exclude: q.Exclude,
		Inputs: plan.inputs(s.index, s.signals, look.Knowledge, slate),
		Items:  make([]feed.Placement, len(slate.Picks)),
	}
	for i, pick := range slate.Picks {
		p.Items[i] = feed.Placement{
			Item: pick.Item.ID, Number: pick.Item.Number, Author: pick.Item.Details.Author, Score: pick.Score.Value(),
			Reason: pick.Reason, Sources: pick.Sources, RankBefore: pick.RankBefore, Chance: pick.Chance,
		}
	}
	return p
}

// joining is the memory that a page is joined with its items in.
type joining struct {
	ids      []catalog.ItemID
	ords     []recommend.Ordinal
	items    []*catalog.Snapshot
	counts   []engagement.Counts
	contexts []byte
	ends     []int
}

var joinings = sync.Pool{New: func() any { return new(joining) }}

func (j *joining) of(n int) {
	j.ids, j.ords, j.items = slices.Grow(j.ids[:0], n)[:n], slices.Grow(j.ords[:0], n)[:n], slices.Grow(j.items[:0], n)[:n]
	j.counts, j.contexts, j.ends = slices.Grow(j.counts[:0], n)[:n], j.contexts[:0], j.ends[:0]
}

func (j *joining) free() {
	clear(j.items) // the index may drop them
	joinings.Put(j)
}

// answer joins the page with its items as they are now. What was hidden or removed since is left out:
// an item that may not be shown is not shown again because a cursor was kept. The picks, if any, are of an index
// that was of that version before they were made.
func (s *ServePage) answer(session *feed.RecommendationSession, c *feed.Cursor, p feed.Page, picks []recommend.Pick, version uint64, rung feed.Rung, now time.Time) Answer {
	visit := session.Visit()
	a := Answer{Visit: visit, Page: p, Rung: rung, Items: make([]Shown, 0, len(p.Items))}
	j := joinings.Get().(*joining)
	defer j.free()
	j.of(len(p.Items))
	for i := range p.Items {
		j.ids[i] = p.Items[i].Item
		j.contexts = p.AppendContext(j.contexts, visit.ID, i)
		j.ends = append(j.ends, len(j.contexts))
	}
	if view := s.index.View(); picks != nil && view.Version() == version {
		for i := range picks { // nothing has changed since
			j.items[i] = picks[i].Item
		}
	} else {
		view.Locate(j.ids, j.ords)
		view.Items(j.ords, j.items)
	}
	s.counting.CountsOf(j.ids, j.counts)
	contexts, from := string(j.contexts), 0
	for i := range p.Items {
		context := contexts[from:j.ends[i]]
		from = j.ends[i]
		if j.items[i] == nil || j.items[i].State != catalog.Published {
			a.Withdrawn = append(a.Withdrawn, j.ids[i])
			continue
		}
		shown := Shown{Placement: &p.Items[i], Position: p.First + i, Context: context, Details: j.items[i], Counts: j.counts[i]}
		if picks != nil {
			shown.Terms, shown.Actions = picks[i].Terms, picks[i].Actions
		}
		a.Items = append(a.Items, shown)
	}
	if next, ok := onward(session, p, c); ok && now.Before(visit.ExpiresAt) {
		a.Cursor = s.sealer.Seal(next)
	}
	return a
}
