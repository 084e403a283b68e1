package snowflake_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

var (
	noon   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	forAll = snowflake.Term{Worker: 3, Reach: noon.AddDate(10, 0, 0), End: noon.AddDate(10, 0, 0)}
)

// at is a generator whose clock the test sets.
func at(l snowflake.Layout, ahead, patience time.Duration, now *time.Time) *snowflake.Generator {
	return snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: ahead, Patience: patience}, func() time.Time { return *now })
}

// burst takes ids until there is none at once, and checks that they increase.
func burst(t *testing.T, g *snowflake.Generator) (ids []uint64, wait time.Duration, err error) {
	t.Helper()
	for {
		id, wait, err := g.Try()
		if wait != 0 || err != nil {
			return ids, wait, err
		}
		if n := len(ids); n > 0 && id <= ids[n-1] {
			t.Fatalf("%d came after %d", id, ids[n-1])
		}
		ids = append(ids, id)
	}
}

func TestWithoutATermNothingIsIssued(t *testing.T) {
	now := noon
	g := at(snowflake.JSON, time.Second, time.Second, &now)
	_, _, err := g.Try()
	require.ErrorIs(t, err, snowflake.ErrNotHeld)
	g.Grant(forAll)
	_, _, err = g.Try()
	require.NoError(t, err)
	g.Revoke()
	_, _, err = g.Try()
	require.ErrorIs(t, err, snowflake.ErrNotHeld)
}

func TestATermEndsAtItsEnd(t *testing.T) {
	now := noon
	g := at(snowflake.Wide, time.Second, time.Second, &now)
	g.Grant(snowflake.Term{Worker: 1, Reach: noon.Add(time.Hour), End: noon.Add(time.Minute)})
	now = noon.Add(time.Minute - 1)
	_, _, err := g.Try()
	require.NoError(t, err, "the last moment is the holder's")
	now = noon.Add(time.Minute)
	_, _, err = g.Try()
	require.ErrorIs(t, err, snowflake.ErrNotHeld, "the end is not")
}

func TestIDsKeepBetweenTheFormerReachAndTheirOwn(t *testing.T) {
	for name, l := range layouts {
		now := noon
		g := at(l, 10*l.Unit, l.Unit, &now)
		g.Grant(snowflake.Term{Worker: 1, After: noon.Add(2 * l.Unit), Reach: noon.Add(4 * l.Unit), End: noon.Add(time.Hour)})
		ids, _, err := burst(t, g)
		require.ErrorIs(t, err, snowflake.ErrNotHeld, name)
		require.Len(t, ids, 2<<l.SequenceBits, name)
		require.Equal(t, noon.Add(3*l.Unit), l.Split(ids[0]).At, name)
		require.Equal(t, noon.Add(4*l.Unit), l.Split(ids[len(ids)-1]).At, name)
		require.Equal(t, noon.Add(4*l.Unit), g.Reached(), name)
	}
}

func TestABurstRunsAheadOfTheClockSoFarAndThenWaits(t *testing.T) {
	for name, l := range layouts {
		now := noon.Add(l.Unit / 4)
		g := at(l, 2*l.Unit, l.Unit, &now)
		g.Grant(forAll)
		ids, wait, err := burst(t, g)
		require.NoError(t, err, name)
		require.Len(t, ids, 3<<l.SequenceBits, "%s: this unit and two ahead", name)
		require.Equal(t, max(time.Millisecond, l.Unit*3/4), wait, name)
		now = noon.Add(l.Unit)
		ids, _, err = burst(t, g)
		require.NoError(t, err, name)
		require.Len(t, ids, 1<<l.SequenceBits, name)
	}
}

func TestAClockSetBack(t *testing.T) {
	now := noon
	g := at(snowflake.JSON, 10*time.Second, 5*time.Second, &now)
	g.Grant(forAll)
	first, _, err := g.Try()
	require.NoError(t, err)

	now = noon.Add(-10 * time.Second)
	second, wait, err := g.Try()
	require.NoError(t, err, "as little as ids may be ahead it does not matter")
	require.Zero(t, wait)
	require.Equal(t, first+1, second)

	now = noon.Add(-10*time.Second - 1)
	_, wait, err = g.Try()
	require.NoError(t, err)
	require.EqualValues(t, 1e6, wait, "a little more is waited out: a nanosecond, and no timer is called for less than a millisecond")
	now = noon.Add(-15 * time.Second)
	_, wait, err = g.Try()
	require.NoError(t, err)
	require.Equal(t, 5*time.Second, wait)

	now = noon.Add(-15*time.Second - 1)
	_, _, err = g.Try()
	require.ErrorIs(t, err, snowflake.ErrClock, "much more is refused")
	require.ErrorContains(t, err, "by 16s")

	now = noon.Add(time.Second)
	third, _, err := g.Try()
	require.NoError(t, err)
	require.Greater(t, third, second)
}

func TestACallerThatWasHeldUpDoesNotTakeOthersForAClockSetBack(t *testing.T) {
	now := noon
	var meanwhile func()
	g := snowflake.NewGenerator(snowflake.Wide, snowflake.Tolerance{Ahead: time.Millisecond, Patience: time.Millisecond}, func() time.Time {
		read := now
		if do := meanwhile; do != nil { // the caller sleeps, having read the clock, and others go on
			meanwhile = nil
			do()
		}
		return read
	})
	g.Grant(forAll)
	_, _, err := g.Try()
	require.NoError(t, err)
	var others uint64
	meanwhile = func() {
		now = noon.Add(time.Second)
		others, _, err = g.Try()
		require.NoError(t, err)
	}
	id, wait, err := g.Try()
	require.NoError(t, err)
	require.Zero(t, wait)
	require.Greater(t, id, others)
}

func TestTimesThatIDsCannotSayAreRefused(t *testing.T) {
	for name, l := range layouts {
		now := l.Epoch.Add(-1)
		g := at(l, l.Unit, l.Unit, &now)
		ever := snowflake.Term{Reach: l.Ends().AddDate(1, 0, 0), End: l.Ends().AddDate(1, 0, 0)}
		g.Grant(ever)
		_, _, err := g.Try()
		require.ErrorIs(t, err, snowflake.ErrSpent, name)
		now = l.Epoch
		id, _, err := g.Try()
		require.NoError(t, err, name)
		require.EqualValues(t, 1, id, "%s: 0 is no id", name)
		now = l.Ends().Add(-1)
		ids, _, err := burst(t, g)
		require.ErrorIs(t, err, snowflake.ErrSpent, name)
		require.Len(t, ids, 1<<l.SequenceBits, name)
	}
}

// The window between looking at the term and issuing is held open by the clock, which the generator reads in between.
func TestWhoFallsAsleepBetweenLookingAndIssuingTakesNobodysID(t *testing.T) {
	for name, l := range layouts {
		reach := noon.Add(3 * l.Unit)
		now, wake := noon, noon
		var taken []uint64
		sleep := func() {}
		sleeper := snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: l.Unit, Patience: l.Unit}, func() time.Time {
			read := now
			sleep()
			return read
		})
		sleeper.Grant(snowflake.Term{Worker: 1, Reach: reach, End: reach})
		sleep = func() { // the lease ends, another takes the number over and issues all it can
			sleep = func() {}
			now = reach
			other := at(l, 2*l.Unit, l.Unit, &now)
			other.Grant(snowflake.Term{Worker: 1, After: reach, Reach: now.Add(time.Hour), End: now.Add(time.Hour)})
			taken, _, _ = burst(t, other)
		}
		now = wake
		id, _, err := sleeper.Try()
		require.NoError(t, err, "%s: it cannot know", name)
		require.NotEmpty(t, taken, name)
		require.False(t, slices.Contains(taken, id), name)
		require.Less(t, id, slices.Min(taken), name)
		_, _, err = sleeper.Try()
		require.ErrorIs(t, err, snowflake.ErrNotHeld, name)
	}
}

func TestAnotherWorkersNumberNeverMakesIDsSmaller(t *testing.T) {
	now := noon
	g := at(snowflake.JSON, 5*time.Second, time.Second, &now)
	var last uint64
	for _, worker := range []int{9, 3, 200, 0, 255} {
		term := forAll
		term.Worker = worker
		g.Grant(term)
		id, _, err := g.Try()
		require.NoError(t, err)
		require.Greater(t, id, last)
		require.Equal(t, worker, snowflake.JSON.Split(id).Worker)
		last = id
	}
}

func TestNextWaitsForTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := snowflake.JSON
		g := snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: time.Second, Patience: time.Second}, time.Now)
		time.Sleep(time.Until(noon)) // here the clock starts in 2000
		g.Grant(snowflake.Term{Worker: 1, Reach: time.Now().Add(time.Hour), End: time.Now().Add(time.Hour)})
		began := time.Now()
		for range 5 << l.SequenceBits {
			_, err := g.Next(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, 3*time.Second, time.Since(began), "the first second and the one ahead cost nothing")
		require.EqualValues(t, 3, g.Waits())

		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := g.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestCallersAtOnceGetDifferentIDs(t *testing.T) {
	for name, l := range layouts {
		g := snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: 10 * l.Unit, Patience: l.Unit}, time.Now)
		grant := func(worker int) {
			g.Grant(snowflake.Term{Worker: worker, Reach: time.Now().Add(time.Hour), End: time.Now().Add(time.Hour)})
		}
		grant(0)
		const callers, each = 8, 5000
		var all sync.WaitGroup
		got := make([][]uint64, callers)
		for c := range callers {
			all.Go(func() {
				for range each {
					id, err := g.Next(context.Background())
					if err != nil {
						t.Error(err)
						return
					}
					got[c] = append(got[c], id)
				}
			})
		}
		for worker := range 5 { // and the term changes meanwhile
			grant(worker)
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		seen := map[uint64]bool{}
		for _, ids := range got {
			require.True(t, slices.IsSorted(ids), "%s: to each caller they increase", name)
			for _, id := range ids {
				seen[id] = true
			}
		}
		require.Equal(t, callers*each, len(seen), name)
	}
}

func TestAnIDCostsNoMemory(t *testing.T) {
	g := snowflake.NewGenerator(snowflake.JSON, snowflake.Tolerance{Ahead: time.Hour, Patience: time.Second}, time.Now)
	g.Grant(snowflake.Term{Reach: time.Now().Add(2 * time.Hour), End: time.Now().Add(time.Hour)})
	require.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = g.Next(context.Background()) }))
}
