package job

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type seen struct {
	did int
	err error
	at  time.Duration
}

// diary writes down what an observer hears.
type diary struct {
	mu    sync.Mutex
	began time.Time
	runs  []seen
}

func (d *diary) observe(_ string, did int, err error, _ time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs = append(d.runs, seen{did, err, time.Since(d.began)})
}

// inBubble runs the loop for a while of made-up time.
func inBubble(t *testing.T, l Loop, run time.Duration) (runs []seen) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{began: time.Now()}
		g := NewGroup(d.observe)
		g.Start(l)
		time.Sleep(run)
		require.NoError(t, g.Stop(t.Context()))
		runs = d.runs
	})
	return runs
}

func TestWhileThereIsWorkItRunsAtOnce(t *testing.T) {
	left := 3
	runs := inBubble(t, Loop{Name: "l", Every: time.Minute, Run: func(context.Context) (int, error) {
		if left > 0 {
			left--
			return 7, nil
		}
		return 0, nil
	}}, 50*time.Second)
	require.Equal(t, []seen{{7, nil, 0}, {7, nil, 0}, {7, nil, 0}, {0, nil, 0}}, runs)
}

func TestWithNothingToDoItWaits(t *testing.T) {
	runs := inBubble(t, Loop{Every: time.Minute, Run: func(context.Context) (int, error) { return 0, nil }}, 10*time.Minute)
	require.GreaterOrEqual(t, len(runs), 9)
	for i := 1; i < len(runs); i++ {
		pause := runs[i].at - runs[i-1].at
		require.GreaterOrEqual(t, pause, 54*time.Second)
		require.LessOrEqual(t, pause, 66*time.Second)
	}
}

func TestErrorsMakeItWaitLongerUpToACap(t *testing.T) {
	broken := errors.New("broken")
	runs := inBubble(t, Loop{Every: time.Millisecond, Run: func(context.Context) (int, error) { return 1, broken }}, 10*time.Minute)
	whole := firstPause
	for i := 1; i < len(runs); i++ {
		pause := runs[i].at - runs[i-1].at
		require.GreaterOrEqual(t, pause, whole/2)
		require.LessOrEqual(t, pause, whole)
		whole = min(mostPause, whole*2)
	}
	require.Equal(t, mostPause, whole)
}

func TestOneSuccessForgivesAllErrors(t *testing.T) {
	n := 0
	runs := inBubble(t, Loop{Every: time.Millisecond, Run: func(context.Context) (int, error) {
		if n++; n%8 == 0 {
			return 1, nil
		}
		return 0, errors.New("broken")
	}}, time.Minute)
	require.LessOrEqual(t, runs[9].at-runs[8].at, firstPause)
}

func TestAPanicIsAnErrorLikeOthers(t *testing.T) {
	runs := inBubble(t, Loop{Run: func(context.Context) (int, error) { panic("oh") }}, time.Second)
	require.Greater(t, len(runs), 1)
	var p *Panic
	require.ErrorAs(t, runs[0].err, &p)
	require.Equal(t, "oh", p.Value)
	require.Contains(t, string(p.Stack), "TestAPanic")
}

func TestARunThatWaitsByItselfRunsAgainAtOnce(t *testing.T) {
	runs := inBubble(t, Loop{Run: func(ctx context.Context) (int, error) {
		select {
		case <-time.After(time.Second):
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}}, 5500*time.Millisecond)
	require.Len(t, runs, 5, "and the one that was cut short is not told of")
	for _, r := range runs {
		require.NoError(t, r.err)
	}
}

func TestStopWaitsAndSaysWhenItDidNot(t *testing.T) {
	var ended atomic.Bool
	release := make(chan struct{})
	g := NewGroup(nil)
	started := make(chan struct{})
	g.Start(Loop{Run: func(ctx context.Context) (int, error) {
		close(started)
		<-ctx.Done()
		<-release
		ended.Store(true)
		return 0, ctx.Err()
	}})
	<-started
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, g.Stop(short), context.DeadlineExceeded)
	require.False(t, ended.Load())
	close(release)
	require.NoError(t, g.Stop(t.Context()))
	require.True(t, ended.Load())

	g.Start(Loop{Run: func(context.Context) (int, error) { t.Error("after Stop nothing starts"); return 0, nil }})
	require.NoError(t, g.Stop(t.Context()))
}
