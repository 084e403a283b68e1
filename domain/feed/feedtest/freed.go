package feedtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// acted makes the viewer one whose actions and marks are numbered from first.
func acted(t *testing.T, s Stores, viewer audience.ViewerID, first catalog.Number) {
	t.Helper()
	fill(t, s, viewer)
	var notes []audience.Note
	for i, n := range numbers(first, 5) {
		at := now().Add(-time.Duration(i) * time.Minute)
		a := audience.Action{Item: catalog.ItemID(fmt.Sprint("item ", n)), Act: audience.Like, At: at, Session: fmt.Sprint("session ", n)}
		notes = append(notes, audience.Note{Viewer: viewer, Action: &a, Seen: []audience.Mark{{Item: n, At: at}}})
	}
	require.NoError(t, s.Remembrance.Note(t.Context(), notes))
}

func opened(t *testing.T, s Stores, v feed.Visit, page int) feed.Opened {
	t.Helper()
	o, err := s.Sessions.Open(t.Context(), v.Viewer, v.ID, page)
	require.NoError(t, err)
	require.NotNil(t, o.Session)
	return o
}

func free(o feed.Opened) {
	if o.Free != nil {
		o.Free()
	}
}

func staysUntilFreed(t *testing.T, s Stores) {
	visits := []feed.Visit{visit(newViewer()), visit(newViewer()), visit(newViewer())}
	var all, copies []feed.Opened
	for i, v := range visits {
		if s.Remembrance != nil {
			acted(t, s, v.Viewer, catalog.Number(100*i+1))
		}
		commitPages(t, s.Sessions, v, 3+i)
		all = append(all, opened(t, s, v, 2))
	}
	for i, v := range visits { // of another moment, and not freed
		copies = append(copies, opened(t, s, v, 2))
		require.Equal(t, copies[i].Knowledge, all[i].Knowledge)
		require.Equal(t, numbers(1, 3+i), all[i].Session.Served())
		require.Equal(t, copies[i].Session.Served(), all[i].Session.Served())
	}
}

func freedIsGone(t *testing.T, s Stores) {
	long, short := visit(newViewer()), visit(newViewer())
	if s.Remembrance != nil {
		acted(t, s, long.Viewer, 1)
		fill(t, s, short.Viewer)
	}
	commitPages(t, s.Sessions, long, 5, 5)
	commitPages(t, s.Sessions, short, 1)
	for range 10 {
		free(opened(t, s, long, 2))
		o := opened(t, s, short, 2)
		require.Empty(t, o.Knowledge.Actions)
		require.Empty(t, o.Knowledge.Memory.Seen)
		require.Equal(t, numbers(1, 1), o.Session.Served())
		free(o)
	}
}

func servedOutlivesFree(t *testing.T, s Stores) {
	v, other := visit(newViewer()), visit(newViewer())
	pages := commitPages(t, s.Sessions, v, 3, 2)
	commitPages(t, s.Sessions, other, 4)
	o := opened(t, s, v, 2)
	asked, ok := o.Session.Asked(2)
	require.True(t, ok)
	held := o.Session.Visit()
	free(o)
	for range 10 {
		free(opened(t, s, other, 1))
	}
	require.Equal(t, pages[1], asked)
	require.Equal(t, v, held)
}
