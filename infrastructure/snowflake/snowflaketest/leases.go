// Package snowflaketest is the contract of snowflake's port.
package snowflaketest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

// Leases runs the contract of snowflake.Leases; open gives two handles on one empty store, as two processes have.
func Leases(t *testing.T, open func(t *testing.T) (a, b snowflake.Leases)) {
	for name, clause := range map[string]func(*testing.T, snowflake.Leases, snowflake.Leases){
		"what one holds another is not given":                       heldByOne,
		"many who take at once get different numbers":               manyAtOnce,
		"when all are held taking fails":                            allHeld,
		"a lease that ended is taken over after its holder's reach": takenOverAfterReach,
		"a renewed lease does not end":                              renewedLasts,
		"a renewal moves the reach":                                 renewalMovesReach,
		"a reach never falls":                                       reachNeverFalls,
		"who lost a number cannot renew it nor move its reach":      lostIsLost,
		"a lease that ended and was not taken over is renewed":      lateRenewal,
		"what is given back can be had at once, after its reach":    givenBack,
		"nobody gives back what another holds":                      givesOnlyOwn,
		"the number with the earliest reach is given":               earliestReach,
		"with an ended context nothing is leased":                   endedContext,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			clause(t, a, b)
		})
	}
}

const (
	long  = time.Minute
	short = 20 * time.Millisecond
)

// noon is in whole milliseconds, which stores may cut times to.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func take(t *testing.T, from snowflake.Leases, owner string, workers int, lease time.Duration, reach time.Time) (int, time.Time) {
	t.Helper()
	worker, after, err := from.Take(t.Context(), owner, workers, lease, reach)
	require.NoError(t, err)
	require.GreaterOrEqual(t, worker, 0)
	require.Less(t, worker, workers)
	return worker, after
}

// overtake takes the only number there is, once its lease has ended.
func overtake(t *testing.T, from snowflake.Leases, owner string, lease time.Duration, reach time.Time) (after time.Time) {
	t.Helper()
	require.Eventually(t, func() (done bool) {
		var err error
		_, after, err = from.Take(t.Context(), owner, 1, lease, reach)
		return err == nil
	}, 30*time.Second, 2*time.Millisecond)
	return after
}

func renew(t *testing.T, in snowflake.Leases, owner string, worker int, lease time.Duration, reach time.Time) bool {
	t.Helper()
	held, err := in.Renew(t.Context(), owner, worker, lease, reach)
	require.NoError(t, err)
	return held
}

func heldByOne(t *testing.T, a, b snowflake.Leases) {
	one, after := take(t, a, "a", 3, long, noon)
	require.True(t, after.IsZero(), "nobody had it before")
	two, _ := take(t, b, "b", 3, long, noon)
	three, _ := take(t, a, "a", 3, long, noon)
	require.ElementsMatch(t, []int{0, 1, 2}, []int{one, two, three}, "one owner may hold several")
}

func manyAtOnce(t *testing.T, a, b snowflake.Leases) {
	const workers = 12
	var mu sync.Mutex
	holders := map[int]string{}
	refused := 0
	var all sync.WaitGroup
	for n := range workers + 4 {
		from, owner := []snowflake.Leases{a, b}[n%2], fmt.Sprint("owner ", n)
		all.Go(func() {
			worker, _, err := from.Take(t.Context(), owner, workers, long, noon)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refused++
				return
			}
			if other, taken := holders[worker]; taken {
				t.Errorf("%s and %s both hold %d", owner, other, worker)
			}
			holders[worker] = owner
		})
	}
	all.Wait()
	require.Len(t, holders, workers)
	require.Equal(t, 4, refused)
}

func allHeld(t *testing.T, a, b snowflake.Leases) {
	take(t, a, "a", 2, long, noon)
	take(t, a, "b", 2, long, noon)
	_, _, err := b.Take(t.Context(), "c", 2, long, noon)
	require.ErrorContains(t, err, "2", "it says how many there are")
	take(t, b, "c", 3, long, noon)
}

func takenOverAfterReach(t *testing.T, a, b snowflake.Leases) {
	take(t, a, "a", 1, short, noon)
	require.True(t, overtake(t, b, "b", short, noon.Add(time.Hour)).Equal(noon))
	require.True(t, overtake(t, a, "c", long, noon.Add(time.Minute)).Equal(noon.Add(time.Hour)))
}

func renewedLasts(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, short, noon)
	require.True(t, renew(t, a, "a", worker, long, noon))
	time.Sleep(2 * short)
	_, _, err := b.Take(t.Context(), "b", 1, long, noon)
	require.Error(t, err)
}

func renewalMovesReach(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, short, noon)
	require.True(t, renew(t, a, "a", worker, short, noon.Add(time.Millisecond)))
	require.True(t, overtake(t, b, "b", long, noon).Equal(noon.Add(time.Millisecond)))
}

func reachNeverFalls(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, short, noon)
	require.True(t, renew(t, a, "a", worker, short, noon.Add(-time.Hour)))
	require.True(t, overtake(t, b, "b", short, noon.Add(-time.Minute)).Equal(noon))
	require.True(t, overtake(t, a, "c", long, noon.Add(-time.Minute)).Equal(noon))
}

func lostIsLost(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, short, noon)
	overtake(t, b, "b", short, noon)
	require.False(t, renew(t, a, "a", worker, long, noon.Add(time.Hour)))
	require.False(t, renew(t, a, "a", worker+1, long, noon), "a number nobody ever had")
	require.True(t, overtake(t, a, "c", long, noon).Equal(noon))
}

func lateRenewal(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, time.Millisecond, noon)
	time.Sleep(short)
	require.True(t, renew(t, a, "a", worker, long, noon.Add(time.Second)))
	_, _, err := b.Take(t.Context(), "b", 1, long, noon)
	require.Error(t, err)
}

func givenBack(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, long, noon)
	require.NoError(t, a.Give(t.Context(), "a", worker))
	require.False(t, renew(t, a, "a", worker, long, noon.Add(time.Hour)), "it is given")
	_, after := take(t, b, "b", 1, long, noon)
	require.True(t, after.Equal(noon))
}

func givesOnlyOwn(t *testing.T, a, b snowflake.Leases) {
	worker, _ := take(t, a, "a", 1, long, noon)
	require.NoError(t, b.Give(t.Context(), "b", worker))
	_, _, err := b.Take(t.Context(), "b", 1, long, noon)
	require.Error(t, err)
	require.True(t, renew(t, a, "a", worker, long, noon))
}

func earliestReach(t *testing.T, a, b snowflake.Leases) {
	for n, reach := range []time.Duration{3, 1, 2} {
		worker, _ := take(t, a, "a", n+1, long, noon.Add(reach*time.Hour))
		require.Equal(t, n, worker)
	}
	for n := range 3 {
		require.NoError(t, b.Give(t.Context(), "a", n))
	}
	for _, hours := range []time.Duration{1, 2, 3} {
		_, after := take(t, b, "b", 3, long, noon)
		require.True(t, after.Equal(noon.Add(hours*time.Hour)), "%v", after)
	}
}

func endedContext(t *testing.T, a, b snowflake.Leases) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := a.Take(ctx, "a", 1, long, noon)
	require.Error(t, err)
	_, err = a.Renew(ctx, "a", 0, long, noon)
	require.Error(t, err)
	require.Error(t, a.Give(ctx, "a", 0))
	_, after := take(t, b, "b", 1, long, noon)
	require.True(t, after.IsZero())
}
