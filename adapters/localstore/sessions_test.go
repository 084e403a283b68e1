package localstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/feed/feedtest"
)

func TestSessions(t *testing.T) {
	feedtest.Sessions(t, func(*testing.T) feedtest.Stores {
		s := localstore.NewSessions(1000, time.Now)
		return feedtest.Stores{Sessions: s, Exposures: s}
	})
}

func served(t *testing.T, s *localstore.Sessions, id string) {
	session := feed.Begin(feed.Visit{ID: feed.SessionID(id), Viewer: "v", StartedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
	_, err := session.Serve(1, feed.Page{Want: 1, Items: []feed.Placement{{Item: "i", Number: catalog.Number(1)}}}, time.Now())
	require.NoError(t, err)
	require.NoError(t, s.Commit(t.Context(), session))
}

func TestTheOldestSessionGoesFirst(t *testing.T) {
	s := localstore.NewSessions(2, time.Now)
	for _, id := range []string{"a", "b", "c"} {
		served(t, s, id)
	}
	for id, held := range map[feed.SessionID]bool{"a": false, "b": true, "c": true} {
		opened, err := s.Open(t.Context(), "v", id, 1)
		require.NoError(t, err)
		require.Equal(t, held, opened.Session != nil, id)
	}
}

func TestExposuresThatDoNotFitAreCounted(t *testing.T) {
	s := localstore.NewSessions(10, time.Now)
	for i := range localstore.MostExposures + 3 {
		served(t, s, fmt.Sprint(i))
	}
	require.Equal(t, 3, s.Lost())
	n, err := s.Drain(t.Context(), "", 10, 0, func(e []feed.Exposure) error {
		require.Equal(t, feed.SessionID("3"), e[0].Visit.ID, "the oldest were given up")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 10, n)
}

func TestErasure(t *testing.T) {
	s := localstore.NewSessions(10, time.Now)
	served(t, s, "a")
	removed, err := s.Erase(t.Context(), "v")
	require.NoError(t, err)
	for _, r := range removed {
		require.EqualValues(t, 1, r.Count, r.What)
	}
	opened, err := s.Open(t.Context(), "v", "a", 1)
	require.NoError(t, err)
	require.Nil(t, opened.Session)
	n, err := s.Drain(t.Context(), "", 10, 0, func([]feed.Exposure) error { return nil })
	require.NoError(t, err)
	require.Zero(t, n)
}
