package feedtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// Stores are the ports that a session's commit touches, over one and the same store.
type Stores struct {
	Sessions    feed.SessionRepository
	Remembrance audience.Remembrance // nil: the store knows nothing of viewers
	Exposures   feed.Exposures
}

// Sessions is the contract of feed.SessionRepository. open gives stores that may hold what others put there.
func Sessions(t *testing.T, open func(t *testing.T) Stores) {
	for name, clause := range map[string]func(*testing.T, Stores){
		"a session that is not held is nil, not an error":               notHeld,
		"a session comes back whole, page by page":                      comesBackWhole,
		"a page comes back byte for byte however often it is asked for": pageStays,
		"of concurrent commits of one page exactly one wins":            oneWins,
		"a commit of a page that was served leaves no trace":            lostCommitLeavesNoTrace,
		"a session of another viewer is not found":                      ofAnother,
		"no memory is shared with the caller":                           noSharedMemory,
		"a session ends when it expires":                                expires,
		"a session carried by a cursor is stored as it is":              carriedByCursor,
		"a session that knows more replaces one that is behind":         replacesBehind,
		"what a session served is known in the next":                    servedIsRemembered,
		"nothing is known of a viewer whom nothing is held of":          unknownViewer,
		"a page without items is a page":                                emptyPage,
		"a long session comes back whole":                               longSession,
		"what is read stays as it is until it is freed":                 staysUntilFreed,
		"what was freed does not shine through what is read next":       freedIsGone,
		"what a freed session served stays good":                        servedOutlivesFree,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func notHeld(t *testing.T, s Stores) {
	for _, id := range []feed.SessionID{"", feed.SessionID(unique())} {
		opened, err := s.Sessions.Open(t.Context(), newViewer(), id, 2)
		require.NoError(t, err)
		require.Nil(t, opened.Session)
	}
}

func comesBackWhole(t *testing.T, s Stores) {
	v := visit(newViewer())
	pages := commitPages(t, s.Sessions, v, 3, 2, 4)
	again := open(t, s.Sessions, v, 4)
	require.Equal(t, v, again.Visit())
	require.Equal(t, 3, again.Pages())
	require.Equal(t, numbers(1, 9), again.Served())
	require.Zero(t, again.Lost().Len())
	require.Empty(t, again.Fresh())
	_, ok := again.Asked(4)
	require.False(t, ok, "page 4 was not served")
	for n := range pages {
		got, ok := open(t, s.Sessions, v, n+1).Asked(n + 1)
		require.True(t, ok)
		require.Equal(t, pages[n], got)
	}
}

func pageStays(t *testing.T, s Stores) {
	v := visit(newViewer())
	first := commitPages(t, s.Sessions, v, 5, 5, 5)[0]
	for range 3 {
		got, ok := open(t, s.Sessions, v, 1).Asked(1)
		require.True(t, ok)
		require.Equal(t, first, got)
	}
}

func oneWins(t *testing.T, s Stores) {
	const rivals = 8
	v := visit(newViewer())
	for number := 1; number <= 4; number++ {
		var begin, done sync.WaitGroup
		begin.Add(1)
		errs, served := make([]error, rivals), make([]feed.Page, rivals)
		for i := range rivals {
			session := feed.Begin(v)
			if number > 1 {
				session = open(t, s.Sessions, v, number)
			}
			served[i] = serve(t, session, page(3, numbers(catalog.Number(1000*number+10*i), 3)...))
			done.Go(func() {
				begin.Wait()
				errs[i] = s.Sessions.Commit(t.Context(), session)
			})
		}
		begin.Done()
		done.Wait()

		winner := slices.IndexFunc(errs, func(err error) bool { return err == nil })
		require.GreaterOrEqual(t, winner, 0, "somebody wins: %v", errs)
		for i, err := range errs {
			if i != winner {
				require.ErrorIs(t, err, feed.ErrPageTaken)
			}
		}
		got, ok := open(t, s.Sessions, v, number).Asked(number)
		require.True(t, ok)
		require.Equal(t, served[winner], got, "all others then open the winner's page")
	}
	again := open(t, s.Sessions, v, 5)
	require.Equal(t, 4, again.Pages())
	require.Len(t, again.Served(), 12)
}

func lostCommitLeavesNoTrace(t *testing.T, s Stores) {
	v := visit(newViewer())
	fill(t, s, v.Viewer)
	commitPages(t, s.Sessions, v, 2)
	late := open(t, s.Sessions, v, 2)
	commitSecond := open(t, s.Sessions, v, 2)
	second := serve(t, commitSecond, page(2, 11, 12))
	require.NoError(t, s.Sessions.Commit(t.Context(), commitSecond))

	serve(t, late, page(2, 666, 667))
	require.ErrorIs(t, s.Sessions.Commit(t.Context(), late), feed.ErrPageTaken)

	opened, err := s.Sessions.Open(t.Context(), v.Viewer, v.ID, 2)
	require.NoError(t, err)
	got, _ := opened.Session.Asked(2)
	require.Equal(t, second, got)
	require.Equal(t, []catalog.Number{1, 2, 11, 12}, opened.Session.Served())
	if s.Remembrance != nil {
		require.Equal(t, []catalog.Number{1, 2, 11, 12}, items(opened.Knowledge.Memory.Served))
	}
	for _, e := range exposuresOf(t, s.Exposures, v.ID) {
		for _, it := range e.Page.Items {
			require.NotContains(t, []catalog.Number{666, 667}, it.Number, "no exposure of what was not served")
		}
	}
}

func ofAnother(t *testing.T, s Stores) {
	v := visit(newViewer())
	commitPages(t, s.Sessions, v, 2)
	for range 100 { // many, so that some share whatever the store divides viewers by
		opened, err := s.Sessions.Open(t.Context(), newViewer(), v.ID, 1)
		require.NoError(t, err)
		require.Nil(t, opened.Session)
	}
}

func noSharedMemory(t *testing.T, s Stores) {
	v := visit(newViewer())
	session := feed.Begin(v)
	served := serve(t, session, page(3, 1, 2, 3))
	want := served
	want.Items = slices.Clone(served.Items)
	require.NoError(t, s.Sessions.Commit(t.Context(), session))

	served.Items[0].Item, served.Items[0].Number = "changed after the commit", 99
	one := open(t, s.Sessions, v, 1)
	got, _ := one.Asked(1)
	require.Equal(t, want, got)
	got.Items[1].Author = "changed after the open"
	one.Served()[0] = 77
	two := open(t, s.Sessions, v, 1)
	got, _ = two.Asked(1)
	require.Equal(t, want, got)
	require.Equal(t, []catalog.Number{1, 2, 3}, two.Served())
}

func expires(t *testing.T, s Stores) {
	v := visit(newViewer())
	v.ExpiresAt = now().Add(1500 * time.Millisecond)
	commitPages(t, s.Sessions, v, 2)
	if opened, err := s.Sessions.Open(t.Context(), v.Viewer, v.ID, 1); time.Until(v.ExpiresAt) > 500*time.Millisecond {
		require.NoError(t, err)
		require.NotNil(t, opened.Session, "a session is held until it expires")
	}
	time.Sleep(time.Until(v.ExpiresAt))
	require.Eventually(t, func() bool {
		opened, err := s.Sessions.Open(t.Context(), v.Viewer, v.ID, 1)
		return err == nil && opened.Session == nil
	}, 5*time.Second, 20*time.Millisecond)
}

func carriedByCursor(t *testing.T, s Stores) {
	v := visit(newViewer())
	session := carried(t, v, 30) // pages 1 to 3 of 10 items, in no store
	four := serve(t, session, page(10, numbers(31, 10)...))
	require.NoError(t, s.Sessions.Commit(t.Context(), session))

	again := open(t, s.Sessions, v, 4)
	require.Equal(t, 4, again.Pages())
	require.Equal(t, append([]catalog.Number{30}, numbers(31, 10)...), again.Served())
	require.Equal(t, session.Lost(), again.Lost())
	got, ok := again.Asked(4)
	require.True(t, ok)
	require.Equal(t, four, got)
	for n := range catalog.Number(40) {
		require.True(t, again.HasServed(n+1), "item %d was served", n+1)
	}
	rival := carried(t, v, 30)
	serve(t, rival, page(10, numbers(91, 10)...))
	require.ErrorIs(t, s.Sessions.Commit(t.Context(), rival), feed.ErrPageTaken)

	five := serve(t, again, page(10, numbers(41, 10)...))
	require.NoError(t, s.Sessions.Commit(t.Context(), again))
	require.Equal(t, 41, five.First)
	last := open(t, s.Sessions, v, 5)
	require.Len(t, last.Served(), 21)
	require.Equal(t, session.Lost(), last.Lost())
}

func replacesBehind(t *testing.T, s Stores) {
	v := visit(newViewer())
	one := commitPages(t, s.Sessions, v, 10)[0] // the store lost pages 2 and 3
	session := open(t, s.Sessions, v, 4)
	c, ok := carried(t, v, 30).Next(page(10, numbers(21, 10)...))
	require.True(t, ok)
	c.Page = 4
	session.Resume(&c)
	serve(t, session, page(10, numbers(31, 10)...))
	require.NoError(t, s.Sessions.Commit(t.Context(), session))

	again := open(t, s.Sessions, v, 5)
	require.Equal(t, 4, again.Pages())
	for n := range catalog.Number(40) {
		require.True(t, again.HasServed(n+1), "item %d was served", n+1)
	}
	if got, ok := open(t, s.Sessions, v, 1).Asked(1); ok {
		require.Equal(t, one, got, "what is still held of earlier pages is right")
	}
}

// carried is a session that knows its first pages of 10 items only from a cursor.
func carried(t *testing.T, v feed.Visit, served int) *feed.RecommendationSession {
	t.Helper()
	elsewhere := feed.Begin(v)
	var p feed.Page
	for first := 1; first <= served; first += 10 {
		p = serve(t, elsewhere, page(10, numbers(catalog.Number(first), 10)...))
	}
	c, ok := elsewhere.Next(p)
	require.True(t, ok)
	session := feed.Begin(v)
	session.Resume(&c)
	return session
}

func servedIsRemembered(t *testing.T, s Stores) {
	if s.Remembrance == nil {
		t.Skip("the store knows nothing of viewers")
	}
	viewer := newViewer()
	fill(t, s, viewer)
	commitPages(t, s.Sessions, visit(viewer), 3, 2)
	opened, err := s.Sessions.Open(t.Context(), viewer, "", 0)
	require.NoError(t, err)
	require.True(t, opened.Known)
	require.Equal(t, numbers(1, 5), items(opened.Knowledge.Memory.Served))
	for _, m := range opened.Knowledge.Memory.Served {
		require.WithinDuration(t, now(), m.At, time.Minute)
	}
	opened, err = s.Sessions.Open(t.Context(), newViewer(), "", 0)
	require.NoError(t, err)
	require.Empty(t, opened.Knowledge.Memory.Served, "another viewer's memory is their own")
}

func unknownViewer(t *testing.T, s Stores) {
	v := visit(newViewer())
	for range 2 {
		opened, err := s.Sessions.Open(t.Context(), v.Viewer, v.ID, 1)
		require.NoError(t, err)
		require.False(t, opened.Known)
		require.NotNil(t, opened.Knowledge.Viewer)
		require.Equal(t, v.Viewer, opened.Knowledge.Viewer.ID())
		require.Empty(t, opened.Knowledge.Actions)
		require.Empty(t, opened.Knowledge.Memory)
		if opened.Session == nil {
			commitPages(t, s.Sessions, v, 2) // serving alone does not make a viewer known
		}
	}
}

func emptyPage(t *testing.T, s Stores) {
	v := visit(newViewer())
	session := feed.Begin(v)
	want := serve(t, session, feed.Page{Want: 20, Rung: feed.Full})
	require.True(t, want.Last)
	require.NoError(t, s.Sessions.Commit(t.Context(), session))
	again := open(t, s.Sessions, v, 1)
	got, ok := again.Asked(1)
	require.True(t, ok)
	require.Equal(t, want, got)
	require.Empty(t, again.Served())
}

func longSession(t *testing.T, s Stores) {
	v := visit(newViewer())
	sizes := make([]int, 30)
	for i := range sizes {
		sizes[i] = feed.MaxPageSize
	}
	commitPages(t, s.Sessions, v, sizes...)
	require.Equal(t, numbers(1, 3000), open(t, s.Sessions, v, 31).Served())
}

// fill makes the viewer known.
func fill(t *testing.T, s Stores, viewer audience.ViewerID) {
	t.Helper()
	if s.Remembrance == nil {
		return
	}
	version, err := s.Remembrance.Version(t.Context(), viewer)
	require.NoError(t, err)
	k := audience.Knowledge{Viewer: audience.NewViewer(viewer, nil, nil)}
	require.NoError(t, s.Remembrance.Restore(t.Context(), viewer, version, k))
}

func items(marks []audience.Mark) []catalog.Number {
	var all []catalog.Number
	for _, m := range marks {
		all = append(all, m.Item)
	}
	return all
}

var errNotKept = errors.New("not kept")

// exposuresOf looks at what waits for one session without keeping it.
func exposuresOf(t *testing.T, x feed.Exposures, id feed.SessionID) []feed.Exposure {
	t.Helper()
	var found []feed.Exposure
	_, err := x.Drain(t.Context(), fmt.Sprintf("looking on %s", unique()), 100_000, 0, func(all []feed.Exposure) error {
		for _, e := range all {
			if e.Visit.ID == id {
				found = append(found, e)
			}
		}
		return errNotKept
	})
	if err != nil {
		require.ErrorIs(t, err, errNotKept)
	}
	return found
}
