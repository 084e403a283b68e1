package feed_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func visit() feed.Visit {
	return feed.Visit{
		ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Viewer: "v", Feed: "for-you", Definition: "for-you", Seed: 7,
		StartedAt: noon, ExpiresAt: noon.Add(feed.DefaultLife),
	}
}

func page(want int, numbers ...catalog.Number) feed.Page {
	p := feed.Page{Want: want, Rung: feed.Full}
	for _, n := range numbers {
		p.Items = append(p.Items, feed.Placement{Item: catalog.ItemID(rune('a' + n)), Number: n})
	}
	return p
}

func TestSessionServes(t *testing.T) {
	for _, c := range []struct {
		name   string
		number int
		page   feed.Page
		at     time.Time
		want   error
	}{
		{"the first page", 1, page(2, 1, 2), noon, nil},
		{"the last moment still counts", 1, page(2, 1, 2), noon.Add(feed.DefaultLife - 1), nil},
		{"one tick later does not", 1, page(2, 1, 2), noon.Add(feed.DefaultLife), feed.ErrExpired},
		{"pages in order only", 2, page(2, 1, 2), noon, feed.ErrAhead},
		{"no item twice on a page", 1, page(2, 1, 1), noon, feed.ErrRepeats},
		{"no more items than asked for", 1, page(1, 1, 2), noon, feed.ErrPageSize},
		{"no page larger than a page can be", 1, page(feed.MaxPageSize + 1), noon, feed.ErrPageSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := feed.Begin(visit())
			_, err := s.Serve(c.number, c.page, c.at)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.Zero(t, s.Pages(), "a failed Serve changes nothing")
				require.Empty(t, s.Served())
				require.Empty(t, s.Fresh())
			}
		})
	}
}

func TestSessionNeverRepeatsAnItem(t *testing.T) {
	s := feed.Begin(visit())
	_, err := s.Serve(1, page(2, 1, 2), noon)
	require.NoError(t, err)
	_, err = s.Serve(2, page(2, 3, 1), noon)
	require.ErrorIs(t, err, feed.ErrRepeats)
	require.Equal(t, 1, s.Pages())
}

func TestShortPageEndsTheSession(t *testing.T) {
	s := feed.Begin(visit())
	p, err := s.Serve(1, page(3, 1, 2), noon)
	require.NoError(t, err)
	require.True(t, p.Last)
	_, ok := s.Next(p)
	require.False(t, ok)
}

func TestPositionsRunThroughTheSession(t *testing.T) {
	s := feed.Begin(visit())
	first, _ := s.Serve(1, page(2, 1, 2), noon)
	second, err := s.Serve(2, page(2, 3, 4), noon)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, []int{first.First, second.First})
	require.Equal(t, "aaaaaaaaaaaaaaaaaaaaaaaaaa.2.4", second.Context("aaaaaaaaaaaaaaaaaaaaaaaaaa", 1))
}

// A session is served from a model of stores that may lose any suffix of it, or all of it, between two
// pages; the cursor goes on all the same, and nothing is ever repeated.
func TestNothingRepeatsHoweverMuchTheStoreLoses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sealer := feed.NewSealer([]byte("0123456789abcdef"))
		v := visit()
		v.Seed = rapid.Uint64().Draw(t, "seed")
		s := feed.Begin(v)
		given := map[catalog.Number]bool{}
		var kept []feed.Page // what an archive holds
		next := catalog.Number(1)
		size := rapid.IntRange(1, 20).Draw(t, "size")
		total := 0
		for n := 1; n <= rapid.IntRange(1, 30).Draw(t, "pages"); n++ {
			p := feed.Page{Want: size}
			for len(p.Items) < size {
				candidate := catalog.Number(rapid.Uint64Range(1, uint64(next)+30).Draw(t, "item"))
				if rapid.Bool().Draw(t, "new") {
					next++
					candidate = next + 1000
				}
				if !s.HasServed(candidate) && !onPage(p, candidate) {
					p.Items = append(p.Items, feed.Placement{Number: candidate})
				}
			}
			served, err := s.Serve(n, p, noon)
			if err != nil {
				t.Fatalf("page %d: %v", n, err)
			}
			if served.First != total+1 {
				t.Fatalf("page %d begins at %d, want %d", n, served.First, total+1)
			}
			for _, it := range served.Items {
				if given[it.Number] {
					t.Fatalf("item %d served twice", it.Number)
				}
				given[it.Number] = true
			}
			total += len(served.Items)
			kept = append(kept, served)
			c, ok := s.Next(served)
			if !ok {
				return
			}
			opened, err := sealer.Open(sealer.Seal(c))
			if err != nil {
				t.Fatalf("cursor: %v", err)
			}
			switch rapid.SampledFrom([]string{"keep", "lose all", "lose some"}).Draw(t, "store") {
			case "lose all":
				s = feed.Begin(v)
			case "lose some":
				kept = kept[:rapid.IntRange(0, len(kept)).Draw(t, "held")]
				s = feed.Rebuild(v, kept, 0)
			}
			s.Resume(opened)
			for n := range given {
				if !s.HasServed(n) {
					t.Fatalf("item %d forgotten", n)
				}
			}
		}
	})
}

func onPage(p feed.Page, n catalog.Number) bool {
	for _, it := range p.Items {
		if it.Number == n {
			return true
		}
	}
	return false
}

func TestRebuildStopsAtAGapButForThePageAsked(t *testing.T) {
	s := feed.Begin(visit())
	one, _ := s.Serve(1, page(1, 1), noon)
	two, _ := s.Serve(2, page(1, 2), noon)
	to3, _ := s.Next(two)
	three, _ := s.Serve(3, page(1, 3), noon)
	to4, _ := s.Next(three)
	four, _ := s.Serve(4, page(1, 4), noon)

	again := feed.Rebuild(visit(), []feed.Page{one, three, four}, 3)
	require.Equal(t, 1, again.Pages())
	again.Resume(&to3)
	require.Equal(t, 3, again.Pages())
	kept, asked := again.Asked(3)
	require.True(t, asked, "it is a bookmark, whatever became of the page before")
	require.Equal(t, three, kept)
	next, ok := again.Next(kept)
	require.True(t, ok)
	require.Equal(t, to4, next, "and leads on to the same page as before")
	for n := range catalog.Number(3) {
		require.True(t, again.HasServed(n+1), "item %d", n+1)
	}
	require.False(t, again.HasServed(4))

	_, asked = feed.Rebuild(visit(), []feed.Page{one, three, four}, 2).Asked(2)
	require.False(t, asked)
}
