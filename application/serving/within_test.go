package serving

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAStepEndsWhenItsTimeIsUp(t *testing.T) {
	ctx, step := Within(t.Context(), time.Millisecond)
	defer step.Leave()
	<-ctx.Done()
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
}

func TestAStepHasNoMoreTimeThanWhatItIsAStepOf(t *testing.T) {
	for name, parent := range map[string]context.Context{"of a context that never ends": context.Background(), "of one that may": t.Context()} {
		t.Run(name, func(t *testing.T) {
			outer, stepOuter := Within(parent, time.Minute)
			defer stepOuter.Leave()
			inner, step := Within(outer, time.Hour)
			defer step.Leave()
			most, _ := outer.Deadline()
			got, ok := inner.Deadline()
			require.True(t, ok)
			require.Equal(t, most, got)
			shorter, stepShorter := Within(outer, time.Second)
			defer stepShorter.Leave()
			got, _ = shorter.Deadline()
			require.True(t, got.Before(most))
		})
	}
}

func TestAStepEndsWithTheRequestItIsAStepOf(t *testing.T) {
	request, cancel := context.WithCancel(t.Context())
	page, stepPage := Within(request, time.Hour)
	defer stepPage.Leave()
	part, step := Within(page, time.Hour)
	defer step.Leave()
	cancel()
	<-part.Done()
	require.ErrorIs(t, part.Err(), context.Canceled)
}

func TestWhatWasBegunOutlivesItsRequest(t *testing.T) {
	request, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, apart(request).Err())
	page, step := Within(context.Background(), 0)
	defer step.Leave()
	require.Error(t, page.Err())
	require.NoError(t, apart(page).Err())
	require.Equal(t, context.Background(), apart(context.Background()))
}

func TestAStepIsOverOnceItIsLeft(t *testing.T) {
	ctx, step := Within(context.Background(), time.Hour)
	require.NoError(t, ctx.Err())
	step.Leave()
	<-ctx.Done()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

// A driver may still hold the context of a step before, and ask it to be told.
func TestAStepIsNotEndedByOneBeforeIt(t *testing.T) {
	for range 200 {
		gone, stepGone := Within(context.Background(), time.Millisecond)
		_ = gone.Done()
		stepGone.Leave()
		ctx, step := Within(context.Background(), time.Hour)
		done := ctx.Done()
		<-gone.Done()
		require.Error(t, gone.Err())
		select {
		case <-done:
			t.Fatal("ended before its time")
		case <-time.After(2 * time.Millisecond):
		}
		require.NoError(t, ctx.Err())
		step.Leave()
	}
}

func TestWhatIsDerivedFromAStepOutlivesIt(t *testing.T) {
	ctx, step := Within(context.Background(), time.Millisecond)
	derived, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	<-derived.Done()
	require.Error(t, derived.Err())
	step.Leave()
	late, cancelLate := context.WithTimeout(ctx, time.Hour)
	defer cancelLate()
	<-late.Done()
	require.ErrorIs(t, late.Err(), context.Canceled)
}

func TestAStepOfAPageIsOneAllocation(t *testing.T) {
	allocs := testing.AllocsPerRun(1000, func() {
		ctx, step := Within(context.Background(), time.Second)
		_ = ctx.Done()
		step.Leave()
	})
	require.LessOrEqual(t, allocs, 1.5) // a collection may empty the pool
}
