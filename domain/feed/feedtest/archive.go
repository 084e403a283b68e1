package feedtest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// Archive is the contract of feed.PageArchive. open gives an archive that may hold what others put there.
func Archive(t *testing.T, open func(t *testing.T) feed.PageArchive) {
	for name, clause := range map[string]func(*testing.T, feed.PageArchive){
		"a session comes back whole, its pages in order":             archivedWhole,
		"a session that was never kept is not found":                 neverArchived,
		"a page that was kept stays as it is":                        archivedStays,
		"a page below full gives way to a full one":                  archivedGivesWay,
		"keeping nothing is no error":                                keepNothing,
		"concurrent keepers of one page keep one":                    oneKept,
		"pages that come late take their place":                      lateArchived,
		"a viewer's sessions are listed newest first, page by page":  listed,
		"sessions that began in one moment are all listed":           listedTogether,
		"a list is of one viewer":                                    listedOfOne,
		"a summary counts what was kept":                             summed,
		"no memory is shared with who keeps and who asks":            archiveSharesNothing,
		"one batch may hold many sessions, and one exposure twice":   manyAtOnce,
		"a page without items, relaxations or assignments is a page": plainPage,
		"what was served is listed by time, from one until another":  servedBetween,
		"pages of one moment are all listed, each once":              servedTogether,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

// exposuresFor are what serving pages of these sizes would hand to the archive.
func exposuresFor(t *testing.T, v feed.Visit, sizes ...int) []feed.Exposure {
	t.Helper()
	session := feed.Begin(v)
	var all []feed.Exposure
	next := catalog.Number(1)
	for _, size := range sizes {
		all = append(all, feed.Exposure{Visit: v, Page: serve(t, session, page(size, numbers(next, size)...))})
		next += catalog.Number(size)
	}
	return all
}

func pagesOf(exposures []feed.Exposure) []feed.Page {
	var pages []feed.Page
	for _, e := range exposures {
		pages = append(pages, e.Page)
	}
	return pages
}

func archive(t *testing.T, a feed.PageArchive, exposures ...feed.Exposure) {
	t.Helper()
	require.NoError(t, a.Keep(t.Context(), exposures))
}

func requireArchived(t *testing.T, a feed.PageArchive, want []feed.Exposure) {
	t.Helper()
	v, pages, err := a.Session(t.Context(), want[0].Visit.ID)
	require.NoError(t, err)
	require.Equal(t, want[0].Visit, v)
	require.Equal(t, pagesOf(want), pages)
}

func archivedWhole(t *testing.T, a feed.PageArchive) {
	want := exposuresFor(t, visit(newViewer()), 3, 1, 20, 5, 1, 1, 1, 1, 1, 1, 2) // 11 pages: no order by text
	archive(t, a, want...)
	requireArchived(t, a, want)
}

func neverArchived(t *testing.T, a feed.PageArchive) {
	_, _, err := a.Session(t.Context(), feed.SessionID(unique()))
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
	list, err := a.Sessions(t.Context(), newViewer(), time.Time{}, 10)
	require.NoError(t, err)
	require.Empty(t, list)
}

func archivedStays(t *testing.T, a feed.PageArchive) {
	want := exposuresFor(t, visit(newViewer()), 3, 2)
	archive(t, a, want...)
	archive(t, a, want...)
	other := exposuresFor(t, want[0].Visit, 1)
	other[0].Page.Items[0].Item, other[0].Page.Rung = "another", feed.Popular
	archive(t, a, other...)
	requireArchived(t, a, want)
	list, err := a.Sessions(t.Context(), want[0].Visit.Viewer, time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, 2, list[0].Pages)
	require.Equal(t, 5, list[0].Items)
}

func archivedGivesWay(t *testing.T, a feed.PageArchive) {
	v := visit(newViewer())
	alone, full, later := exposuresFor(t, v, 3, 2), exposuresFor(t, v, 5), exposuresFor(t, v, 4)
	full[0].Page.Rung, later[0].Page.Rung = feed.Full, feed.Full
	full[0].Page.Items[0].Item, later[0].Page.Items[0].Item = "of all", "another"
	full[0].Page.ServedAt = alone[0].Page.ServedAt.Add(time.Second)
	archive(t, a, alone...)
	archive(t, a, full...)
	want := []feed.Exposure{full[0], alone[1]}
	requireArchived(t, a, want)
	archive(t, a, append(later, alone...)...)
	requireArchived(t, a, want)
	list, err := a.Sessions(t.Context(), v.Viewer, time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, 7, list[0].Items)
	require.Equal(t, full[0].Page.ServedAt, list[0].LastAt)
}

func keepNothing(t *testing.T, a feed.PageArchive) { archive(t, a) }

func oneKept(t *testing.T, a feed.PageArchive) {
	want := exposuresFor(t, visit(newViewer()), 2, 2, 2)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() { errs[i] = a.Keep(t.Context(), want) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	requireArchived(t, a, want)
	list, err := a.Sessions(t.Context(), want[0].Visit.Viewer, time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, 3, list[0].Pages)
	require.Equal(t, 6, list[0].Items)
}

func lateArchived(t *testing.T, a feed.PageArchive) {
	want := exposuresFor(t, visit(newViewer()), 2, 2, 2)
	archive(t, a, want[2])
	archive(t, a, want[1], want[0])
	requireArchived(t, a, want)
}

func listed(t *testing.T, a feed.PageArchive) {
	viewer := newViewer()
	var want []feed.SessionID // newest first
	for i := range 7 {
		v := visit(viewer)
		v.StartedAt = now().Add(time.Duration(i-60) * time.Minute)
		archive(t, a, exposuresFor(t, v, 1)...)
		want = append([]feed.SessionID{v.ID}, want...)
	}
	requireListed(t, a, viewer, want, 3)
	requireListed(t, a, viewer, want, 7)
	requireListed(t, a, viewer, want, 100)
}

// requireListed pages through the list by the start of the last session seen.
func requireListed(t *testing.T, a feed.PageArchive, viewer audience.ViewerID, want []feed.SessionID, limit int) {
	t.Helper()
	var got []feed.SessionID
	var before time.Time
	for {
		list, err := a.Sessions(t.Context(), viewer, before, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(list), limit)
		if len(list) == 0 {
			break
		}
		for _, s := range list {
			got = append(got, s.Visit.ID)
			before = s.Visit.StartedAt
		}
	}
	require.Equal(t, want, got)
}

func listedTogether(t *testing.T, a feed.PageArchive) {
	viewer, at := newViewer(), now().Add(-time.Hour)
	var want []feed.SessionID
	for range 3 {
		v := visit(viewer)
		v.StartedAt = at
		archive(t, a, exposuresFor(t, v, 1)...)
		want = append(want, v.ID)
	}
	list, err := a.Sessions(t.Context(), viewer, time.Time{}, 10)
	require.NoError(t, err)
	var got []feed.SessionID
	for _, s := range list {
		got = append(got, s.Visit.ID)
	}
	require.ElementsMatch(t, want, got)
}

func listedOfOne(t *testing.T, a feed.PageArchive) {
	mine, theirs := visit(newViewer()), visit(newViewer())
	archive(t, a, append(exposuresFor(t, mine, 1), exposuresFor(t, theirs, 1)...)...)
	list, err := a.Sessions(t.Context(), mine.Viewer, time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, mine, list[0].Visit)
}

func summed(t *testing.T, a feed.PageArchive) {
	want := exposuresFor(t, visit(newViewer()), 3, 2)
	want[1].Page.ServedAt = want[0].Page.ServedAt.Add(time.Minute)
	archive(t, a, want[1])
	archive(t, a, want[0])
	list, err := a.Sessions(t.Context(), want[0].Visit.Viewer, time.Time{}, 10)
	require.NoError(t, err)
	require.Equal(t, []feed.Summary{{Visit: want[0].Visit, Pages: 2, Items: 5, LastAt: want[1].Page.ServedAt}}, list)
}

func archiveSharesNothing(t *testing.T, a feed.PageArchive) {
	v := visit(newViewer())
	want, given := exposuresFor(t, v, 2), exposuresFor(t, v, 2)
	given[0].Page.ServedAt = want[0].Page.ServedAt
	archive(t, a, given...)
	given[0].Page.Items[0].Item, given[0].Page.Relaxed[0] = "changed after the keep", "changed"
	for range 2 {
		requireArchived(t, a, want)
		got, pages, err := a.Session(t.Context(), v.ID)
		require.NoError(t, err)
		pages[0].Items[0].Item, got.Assignments[0].Layer = "changed after the look", "changed"
	}
}

func manyAtOnce(t *testing.T, a feed.PageArchive) {
	var all []feed.Exposure
	var sessions [][]feed.Exposure
	for range 50 {
		one := exposuresFor(t, visit(newViewer()), 2, 3)
		sessions = append(sessions, one)
		all = append(all, one[1], one[0], one[1])
	}
	archive(t, a, all...)
	for _, one := range sessions {
		requireArchived(t, a, one)
	}
}

func plainPage(t *testing.T, a feed.PageArchive) {
	v := visit(newViewer())
	v.Assignments, v.Narrowing = nil, feed.Narrowing{}
	session := feed.Begin(v)
	p := serve(t, session, feed.Page{Want: 20, Rung: feed.Full})
	archive(t, a, feed.Exposure{Visit: v, Page: p})
	got, pages, err := a.Session(t.Context(), v.ID)
	require.NoError(t, err)
	require.Equal(t, v, got)
	require.Len(t, pages, 1)
	require.Empty(t, pages[0].Items)
	require.True(t, pages[0].Last)
}
