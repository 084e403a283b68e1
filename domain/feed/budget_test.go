//go:build !race

// The race detector empties pools at random.

package feed

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

func aServed(items int) (*RecommendationSession, Page) {
	s := Begin(Visit{ID: "abcdefghijklmnopqrstuvwxyz", Viewer: "v", Feed: "for-you", Definition: "for-you", Seed: 7, StartedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
	for i := range items - 20 {
		s.served = append(s.served, catalog.Number(i+1))
	}
	s.served, s.pages = append(make([]catalog.Number, 0, items), s.served...), 1
	p := Page{Want: 20}
	for i := range p.Want {
		p.Items = append(p.Items, Placement{Number: catalog.Number(items + i + 1)})
	}
	return s, p
}

func TestAServedPageAllocatesNothing(t *testing.T) {
	s, p := aServed(500)
	again := *s
	allocs := testing.AllocsPerRun(100, func() {
		*s = again
		if _, err := s.Serve(2, p, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	require.Zero(t, allocs)
}

func TestACursorIsWrittenInOneAllocationAndReadInThree(t *testing.T) {
	s, p := aServed(200)
	p, err := s.Serve(2, p, time.Now())
	require.NoError(t, err)
	sealer := NewSealer([]byte("sixteen bytes and a few"))
	c, ok := s.Next(p)
	require.True(t, ok)
	text := sealer.Seal(c)
	require.Less(t, testing.AllocsPerRun(1000, func() { sealer.Seal(c) }), 2.0, "its text; a collection may empty the pool")
	require.Less(t, testing.AllocsPerRun(1000, func() { _, _ = sealer.Open(text) }), 4.0, "itself, its texts and its filter")
}
