package learning_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// script is a tally in front of which events wait, and a board.
type script struct {
	began    time.Time
	waiting  int64
	broken   error
	advanced []time.Duration // when
	shown    int
}

func (s *script) Lag(context.Context) (int64, time.Time, error) {
	if s.waiting == 0 {
		return 0, time.Time{}, s.broken
	}
	return s.waiting, s.began, s.broken
}

func (s *script) Advance(_ context.Context, limit int) (map[catalog.ItemID]engagement.Counts, int, error) {
	s.advanced = append(s.advanced, time.Since(s.began))
	n := min(s.waiting, int64(limit))
	s.waiting -= n
	return nil, int(n), nil
}

func (s *script) Counts(context.Context, []catalog.ItemID) (map[catalog.ItemID]engagement.Counts, error) {
	return nil, nil
}

func (s *script) Changed(context.Context, string, int) (map[catalog.ItemID]engagement.Counts, string, error) {
	return nil, "", nil
}

func (s *script) SetCounts(map[catalog.ItemID]engagement.Counts) { s.shown++ }

func TestWhatIsFewIsCountedEveryFiftyMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{began: time.Now(), waiting: 1}
		c := learning.NewCounter(s, s)
		for range 3 {
			n, err := c.Follow(t.Context())
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.Zero(t, c.Lag())
			s.waiting = 1
		}
		require.Equal(t, []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond}, s.advanced)
		require.Equal(t, 3, s.shown)
	})
}

func TestNothingIsLockedWhileThereIsNothingToCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{began: time.Now()}
		c := learning.NewCounter(s, s)
		for range 5 {
			n, err := c.Follow(t.Context())
			require.NoError(t, err)
			require.Zero(t, n)
		}
		require.Empty(t, s.advanced)
		require.Equal(t, 5, s.shown, "others count too")
		require.Equal(t, 200*time.Millisecond, time.Since(s.began))
	})
}

func TestAThousandEventsAreCountedAtOnce(t *testing.T) {
	for left, want := range map[int64]time.Duration{999: 50 * time.Millisecond, 1000: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := &refilled{script: script{began: time.Now(), waiting: 1}, with: left}
			c := learning.NewCounter(s, s)
			for range 2 {
				_, err := c.Follow(t.Context())
				require.NoError(t, err)
			}
			require.Equal(t, want, s.advanced[len(s.advanced)-1])
		})
	}
}

// refilled has more events come while the first are counted.
type refilled struct {
	script
	with int64
}

func (r *refilled) Advance(ctx context.Context, limit int) (map[catalog.ItemID]engagement.Counts, int, error) {
	changed, n, err := r.script.Advance(ctx, limit)
	r.waiting, r.with = r.waiting+r.with, 0
	return changed, n, err
}

func TestTheLagStaysWhileTheDatabaseDoesNotAnswer(t *testing.T) {
	s := &script{began: time.Now(), waiting: 3}
	c := learning.NewCounter(s, s)
	s.broken = errors.New("gone")
	_, err := c.CatchUp(t.Context())
	require.ErrorIs(t, err, s.broken)
	require.Zero(t, c.Lag(), "it never saw any")
	require.Empty(t, s.advanced)

	ctx, cancel := context.WithCancel(t.Context())
	s.broken = nil
	_, err = c.Follow(ctx)
	require.NoError(t, err)
	cancel()
	_, err = c.Follow(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhereNothingCameForAWhileItIsLookedForLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{began: time.Now()}
		c := learning.NewCounter(s, s)
		for range 41 {
			_, err := c.Follow(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, 39*50*time.Millisecond+200*time.Millisecond, time.Since(s.began))
		for range 2 {
			_, err := c.Follow(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, 2550*time.Millisecond, time.Since(s.began))
		s.waiting = 1
		n, err := c.Follow(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = c.Follow(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2800*time.Millisecond, time.Since(s.began), "something came: soon again")
	})
}
