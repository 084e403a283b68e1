package feedtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// Exposures is the contract of feed.Exposures, together with the commits that feed it. open gives
// empty stores.
func Exposures(t *testing.T, open func(t *testing.T) Stores) {
	for name, clause := range map[string]func(*testing.T, Stores){
		"nothing waiting is no work and no error":                   nothingWaits,
		"what was committed comes out whole":                        comesOutWhole,
		"what was kept does not come again":                         keptOnce,
		"a drain hands on no more than its limit":                   drainLimit,
		"what could not be kept comes again":                        notKeptComesAgain,
		"what a consumer abandoned is taken over after idle":        abandoned,
		"what another consumer is keeping is left to it":            leftAlone,
		"concurrent consumers lose nothing":                         losesNothing,
		"a failure to keep is told, and what it was of stays whole": toldWhole,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

// drain keeps all that comes within limit and returns it.
func drain(t *testing.T, x feed.Exposures, consumer string, limit int, idle time.Duration) []feed.Exposure {
	t.Helper()
	var got []feed.Exposure
	n, err := x.Drain(t.Context(), consumer, limit, idle, func(all []feed.Exposure) error {
		got = append(got, all...)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, got, n)
	return got
}

// places are the pages of exposures, in no order.
func places(all []feed.Exposure) map[place]int {
	found := map[place]int{}
	for _, e := range all {
		found[place{e.Visit.ID, e.Page.Number}]++
	}
	return found
}

type place struct {
	session feed.SessionID
	page    int
}

// commitMany stores count sessions of one page each, of as many viewers.
func commitMany(t *testing.T, s Stores, count int) map[place]int {
	t.Helper()
	want := map[place]int{}
	for range count {
		v := visit(newViewer())
		commitPages(t, s.Sessions, v, 1)
		want[place{v.ID, 1}] = 1
	}
	return want
}

func nothingWaits(t *testing.T, s Stores) {
	n, err := s.Exposures.Drain(t.Context(), "c", 10, 0, func(all []feed.Exposure) error {
		if len(all) > 0 {
			t.Error("kept something")
		}
		return nil
	})
	require.NoError(t, err)
	require.Zero(t, n)
}

func comesOutWhole(t *testing.T, s Stores) {
	v := visit(newViewer())
	pages := commitPages(t, s.Sessions, v, 3, 2)
	var want []feed.Exposure
	for _, p := range pages {
		want = append(want, feed.Exposure{Visit: v, Page: p})
	}
	require.ElementsMatch(t, want, drain(t, s.Exposures, "c", 10, time.Hour))
}

func keptOnce(t *testing.T, s Stores) {
	want := commitMany(t, s, 20)
	require.Equal(t, want, places(drain(t, s.Exposures, "c", 100, 0)))
	for _, consumer := range []string{"c", "d"} {
		require.Empty(t, drain(t, s.Exposures, consumer, 100, 0))
	}
	more := commitMany(t, s, 3)
	require.Equal(t, more, places(drain(t, s.Exposures, "c", 100, 0)))
}

func drainLimit(t *testing.T, s Stores) {
	want := commitMany(t, s, 25)
	var got []feed.Exposure
	for len(got) < 25 {
		some := drain(t, s.Exposures, "c", 10, time.Hour)
		require.NotEmpty(t, some)
		require.LessOrEqual(t, len(some), 10)
		got = append(got, some...)
	}
	require.Equal(t, want, places(got))
}

func notKeptComesAgain(t *testing.T, s Stores) {
	want := commitMany(t, s, 5)
	for range 2 {
		n, err := s.Exposures.Drain(t.Context(), "c", 100, 20*time.Millisecond, func([]feed.Exposure) error { return errNotKept })
		require.ErrorIs(t, err, errNotKept)
		require.Zero(t, n)
		time.Sleep(40 * time.Millisecond)
	}
	got := drain(t, s.Exposures, "c", 2, 20*time.Millisecond)
	require.LessOrEqual(t, len(got), 2, "the limit holds for them, too")
	time.Sleep(40 * time.Millisecond)
	got = append(got, drain(t, s.Exposures, "c", 100, 20*time.Millisecond)...)
	require.Equal(t, want, places(got))
	require.Empty(t, drain(t, s.Exposures, "c", 100, 0))
}

func abandoned(t *testing.T, s Stores) {
	want := commitMany(t, s, 5)
	const idle = 300 * time.Millisecond
	_, err := s.Exposures.Drain(t.Context(), "killed", 3, idle, func([]feed.Exposure) error { return errNotKept })
	require.ErrorIs(t, err, errNotKept)

	got := drain(t, s.Exposures, "heir", 100, time.Hour)
	require.Len(t, got, 2, "what was taken a moment ago is not abandoned yet")
	time.Sleep(idle + 50*time.Millisecond)
	got = append(got, drain(t, s.Exposures, "heir", 100, idle)...)
	require.Equal(t, want, places(got))
}

func leftAlone(t *testing.T, s Stores) {
	commitMany(t, s, 4)
	n, err := s.Exposures.Drain(t.Context(), "slow", 100, time.Hour, func(all []feed.Exposure) error {
		if len(all) != 4 {
			t.Errorf("took %d", len(all))
		}
		if others := drain(t, s.Exposures, "other", 100, time.Hour); len(others) > 0 {
			t.Errorf("%d were taken twice", len(others))
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

func losesNothing(t *testing.T, s Stores) {
	want := commitMany(t, s, 60)
	got := map[place]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for c := range 3 {
		all.Go(func() {
			for round := 0; ctx.Err() == nil; round++ {
				_, err := s.Exposures.Drain(ctx, string(rune('a'+c)), 7, 50*time.Millisecond, func(some []feed.Exposure) error {
					if round%3 == 1 {
						return errNotKept
					}
					mu.Lock()
					defer mu.Unlock()
					for p := range places(some) {
						got[p] = 1
					}
					if len(got) == len(want) {
						cancel()
					}
					return nil
				})
				_ = err
			}
		})
	}
	all.Wait()
	require.Equal(t, want, got)
}

func toldWhole(t *testing.T, s Stores) {
	v := visit(newViewer())
	want := commitPages(t, s.Sessions, v, 2)[0]
	_, err := s.Exposures.Drain(t.Context(), "c", 10, 0, func(all []feed.Exposure) error {
		all[0].Page.Items[0].Item = "changed by who failed to keep it"
		all[0].Visit.Feed = "other"
		return errNotKept
	})
	require.ErrorIs(t, err, errNotKept)
	got := drain(t, s.Exposures, "c", 10, 0)
	require.Equal(t, []feed.Exposure{{Visit: v, Page: want}}, got)
	require.Equal(t, catalog.ItemID("item 1 é"), got[0].Page.Items[0].Item)
}
