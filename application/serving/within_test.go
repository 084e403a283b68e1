package serving

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAStepEndsWhenItsTimeIsUp(t *testing.T) {
	ctx, leave := Within(t.Context(), time.Millisecond)
	defer leave()
	<-ctx.Done()
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
}

func TestAStepHasNoMoreTimeThanWhatItIsAStepOf(t *testing.T) {
	for name, parent := range map[string]context.Context{"of a context that never ends": context.Background(), "of one that may": t.Context()} {
		t.Run(name, func(t *testing.T) {
			outer, leaveOuter := Within(parent, time.Minute)
			defer leaveOuter()
			inner, leave := Within(outer, time.Hour)
			defer leave()
			most, _ := outer.Deadline()
			got, ok := inner.Deadline()
			require.True(t, ok)
			require.Equal(t, most, got)
			shorter, leaveShorter := Within(outer, time.Second)
			defer leaveShorter()
			got, _ = shorter.Deadline()
			require.True(t, got.Before(most))
		})
	}
}

func TestAStepEndsWithTheRequestItIsAStepOf(t *testing.T) {
	request, cancel := context.WithCancel(t.Context())
	page, leavePage := Within(request, time.Hour)
	defer leavePage()
	step, leave := Within(page, time.Hour)
	defer leave()
	cancel()
	<-step.Done()
	require.ErrorIs(t, step.Err(), context.Canceled)
}

func TestWhatWasBegunOutlivesItsRequest(t *testing.T) {
	request, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, apart(request).Err())
	page, leave := Within(context.Background(), 0)
	defer leave()
	require.Error(t, page.Err())
	require.NoError(t, apart(page).Err())
	require.Equal(t, context.Background(), apart(context.Background()))
}

func TestAStepThatElapsedIsNotUsedAgain(t *testing.T) {
	for range 1000 {
		ctx, leave := Within(context.Background(), time.Hour)
		require.NoError(t, ctx.Err())
		select {
		case <-ctx.Done():
			t.Fatal("ended before its time")
		default:
		}
		leave()
		gone, leaveGone := Within(context.Background(), 0)
		<-gone.Done()
		leaveGone()
	}
}

func TestAStepOfAPageAllocatesNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(1000, func() {
		page, leavePage := Within(context.Background(), time.Minute)
		step, leave := Within(page, time.Second)
		_ = step.Done()
		leave()
		leavePage()
	})
	require.Less(t, allocs, 1.0) // a collection may empty the pool
}
