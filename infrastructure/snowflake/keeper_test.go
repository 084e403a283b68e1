package snowflake_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

const lease = 12 * time.Second

var errBroken = errors.New("the store is gone")

// keeper is one process on the ledger, at noon of a clock that stands still while something runs.
func keeper(t *testing.T, l *ledger, workers int) *snowflake.Keeper {
	t.Helper()
	time.Sleep(time.Until(noon))
	g := snowflake.NewGenerator(snowflake.JSON, snowflake.Tolerance{Ahead: 4 * time.Second, Patience: 2 * time.Second}, time.Now)
	k := snowflake.NewKeeper(g, l, snowflake.KeeperOptions{Workers: workers, Lease: lease})
	t.Cleanup(func() { _ = k.Close(context.Background()) })
	return k
}

func next(t *testing.T, k *snowflake.Keeper) uint64 {
	t.Helper()
	id, err := k.Next(t.Context())
	require.NoError(t, err)
	return id
}

func TestAKeeperHoldsANumberFromTheFirstIDOnUntilItCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		k := keeper(t, l, 0)
		time.Sleep(time.Hour)
		require.Zero(t, l.called(), "who needs no ids takes no number")
		require.Equal(t, -1, k.Stats().Worker)
		for range 100 {
			require.Zero(t, snowflake.JSON.Split(next(t, k)).Worker)
			time.Sleep(time.Minute)
		}
		require.Equal(t, snowflake.KeeperStats{Worker: 0, Issued: 100, Taken: 1}, k.Stats())
		require.NoError(t, k.Close(t.Context()))
		_, err := k.Next(t.Context())
		require.ErrorIs(t, err, snowflake.ErrNotHeld)
		require.Equal(t, -1, k.Stats().Worker)
		worker, _, err := l.Take(t.Context(), "other", 1, lease, noon)
		require.NoError(t, err, "it is given back at once")
		require.Zero(t, worker)
		require.NoError(t, k.Close(t.Context()))
		require.Equal(t, "other", l.rows[0].owner)
	})
}

func TestWithTheStoreGoneIDsGoOnWhileTheLeaseIsKnownToLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		k := keeper(t, l, 0)
		first := next(t, k)
		l.breakWith(errBroken)
		time.Sleep(lease*3/4 - 1)
		next(t, k)
		time.Sleep(time.Nanosecond)
		_, err := k.Next(t.Context())
		require.ErrorIs(t, err, errBroken)
		require.EqualValues(t, 1, k.Stats().Refused)
		time.Sleep(time.Hour)
		_, err = k.Next(t.Context())
		require.ErrorIs(t, err, errBroken)
		l.breakWith(nil)
		require.Greater(t, next(t, k), first)
		require.EqualValues(t, 1, k.Stats().Taken, "nobody had taken the number meanwhile")
	})
}

func TestAKeeperWhoseNumberIsTakenOverTakesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		slept, took := keeper(t, l, 1), keeper(t, l, 1)
		before := next(t, slept)
		l.breakWith(errBroken)
		time.Sleep(lease + 1)
		l.breakWith(nil)
		between := next(t, took)
		require.Greater(t, between, before)
		_, err := slept.Next(t.Context())
		require.ErrorContains(t, err, "all 1 are held")
		require.Equal(t, -1, slept.Stats().Worker)
		require.NoError(t, took.Close(t.Context()))
		_, err = slept.Next(t.Context())
		require.ErrorIs(t, err, snowflake.ErrClock, "the number's ids may have come farther than the clock")
		time.Sleep(lease)
		require.Greater(t, next(t, slept), between)
		require.EqualValues(t, 2, slept.Stats().Taken)
	})
}

func TestALeaseLostBetweenIDsIsReplacedInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		k := keeper(t, l, 2)
		next(t, k)
		l.set(0, row{"other", time.Now().Add(time.Hour), noon.Add(time.Minute)})
		time.Sleep(lease / 3)
		synctest.Wait()
		require.Equal(t, 1, k.Stats().Worker)
	})
}

func TestMoreProcessesThanNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		const workers = 5
		var mu sync.Mutex
		seen := map[uint64]bool{}
		refused := 0
		var all sync.WaitGroup
		for range 3 * workers {
			k := keeper(t, l, workers)
			all.Go(func() {
				for range 1000 {
					id, err := k.Next(t.Context())
					mu.Lock()
					if err != nil {
						refused++
					} else if seen[id] {
						t.Errorf("%d came twice", id)
					}
					seen[id] = true
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		all.Wait()
		require.Equal(t, 2*workers, refused)
		require.Len(t, seen, workers*1000+1)
	})
}

func TestCallersWhoWaitForTheStoreShareItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{broken: errBroken, slow: time.Second}
		k := keeper(t, l, 0)
		began := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := k.Next(t.Context()); !errors.Is(err, errBroken) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.LessOrEqual(t, l.called(), 2)
		require.LessOrEqual(t, time.Since(began), 2*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := k.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestWhoAsksAfterAFailureIsNotToldOfThatOne(t *testing.T) {
	for range 3000 {
		l := &ledger{broken: errBroken}
		g := snowflake.NewGenerator(snowflake.JSON, snowflake.Tolerance{Ahead: 4 * time.Second, Patience: 2 * time.Second}, time.Now)
		k := snowflake.NewKeeper(g, l, snowflake.KeeperOptions{Lease: lease})
		_, err := k.Next(t.Context())
		require.ErrorIs(t, err, errBroken)
		l.breakWith(nil)
		next(t, k)
		require.NoError(t, k.Close(t.Context()))
	}
}

func TestAReachAheadOfTheClockIsWaitedForOrRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		k := keeper(t, l, 1)
		began := time.Now()
		l.set(0, row{reach: noon.Add(5 * time.Second)})
		id := next(t, k)
		require.Equal(t, noon.Add(6*time.Second), snowflake.JSON.Split(id).At)
		require.Equal(t, 2*time.Second, time.Since(began), "four seconds ahead are allowed")

		l.set(0, row{reach: noon.Add(time.Hour)})
		time.Sleep(lease)
		_, err := k.Next(t.Context())
		require.ErrorIs(t, err, snowflake.ErrClock)
		time.Sleep(time.Hour)
		next(t, k)
	})
}
