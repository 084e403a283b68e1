package feedtest

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// Servers are shared between runs, so every clause invents names of its own.

func unique() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func newViewer() audience.ViewerID { return audience.ViewerID("viewer:" + unique()) }

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// visit is a session of the viewer with every field set.
func visit(viewer audience.ViewerID) feed.Visit {
	return feed.Visit{
		ID: feed.SessionID(unique()), Viewer: viewer, Feed: "for-you", Definition: "for-you-b",
		Narrowing: feed.Narrowing{Tag: "喜剧", Lang: "en", Region: "DE", Anchor: "item 7"},
		Seed:      1<<64 - 1, StartedAt: now(), ExpiresAt: now().Add(feed.DefaultLife),
		Assignments: []experiment.Assignment{{Layer: "ranking", Variant: "b"}, {Layer: "slots", Variant: "off"}},
	}
}

// page asks for size items and holds the items of these numbers, with every field set.
func page(size int, numbers ...catalog.Number) feed.Page {
	p := feed.Page{
		Want: size, Rung: feed.CursorOnly, Relaxed: []string{"author cap", "seen"}, Skipped: []string{"trending"}, Exclude: []catalog.ItemID{"held", "gehalten é"},
		Inputs: feed.Inputs{Config: "c1", Catalogue: 1<<64 - 1, Model: 12, Trained: 3, Weights: 1<<63 + 1, Viewer: 1 << 63},
	}
	for i, n := range numbers {
		p.Items = append(p.Items, feed.Placement{
			Item: catalog.ItemID(fmt.Sprintf("item %d é", n)), Number: n, Author: catalog.AuthorID(fmt.Sprintf("author %d", n%3)),
			Score: float32(i) - 0.25, Reason: recommend.Reason{Source: "sequence", Because: fmt.Sprintf("item:%d", n+1)},
			Sources: []string{"sequence", fmt.Sprintf("source %d", i)}, RankBefore: i + 1, Chance: 0.125 * float32(i%3),
		})
	}
	return p
}

// numbers are count consecutive numbers from first.
func numbers(first catalog.Number, count int) []catalog.Number {
	all := make([]catalog.Number, count)
	for i := range all {
		all[i] = first + catalog.Number(i)
	}
	return all
}

// serve appends the page to the session, which must accept it.
func serve(t *testing.T, s *feed.RecommendationSession, p feed.Page) feed.Page {
	t.Helper()
	served, err := s.Serve(s.Pages()+1, p, now())
	require.NoError(t, err)
	return served
}

// open must find the session.
func open(t *testing.T, sessions feed.SessionRepository, v feed.Visit, page int) *feed.RecommendationSession {
	t.Helper()
	opened, err := sessions.Open(t.Context(), v.Viewer, v.ID, page)
	require.NoError(t, err)
	require.NotNil(t, opened.Session, "the session is held")
	return opened.Session
}

// commitPages stores a session of pages of the given sizes and returns what was served.
func commitPages(t *testing.T, sessions feed.SessionRepository, v feed.Visit, sizes ...int) []feed.Page {
	t.Helper()
	var pages []feed.Page
	next := catalog.Number(1)
	for i, size := range sizes {
		s := feed.Begin(v)
		if i > 0 {
			s = open(t, sessions, v, i+1)
		}
		pages = append(pages, serve(t, s, page(size, numbers(next, size)...)))
		next += catalog.Number(size)
		require.NoError(t, sessions.Commit(t.Context(), s))
	}
	return pages
}
