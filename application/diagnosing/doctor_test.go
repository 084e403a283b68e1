package diagnosing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/application/diagnosing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func found(status diagnosing.Status) func(context.Context) (diagnosing.Finding, error) {
	return func(context.Context) (diagnosing.Finding, error) { return diagnosing.Finding{Status: status}, nil }
}

func statuses(findings []diagnosing.Finding) (all []diagnosing.Status) {
	for _, f := range findings {
		all = append(all, f.Status)
	}
	return all
}

func TestWhatNeedsABrokenCheckIsSkippedAndTheOrderIsKept(t *testing.T) {
	never := func(context.Context) (diagnosing.Finding, error) { t.Error("looked"); return diagnosing.Finding{}, nil }
	findings := diagnosing.Examine(t.Context(), []diagnosing.Check{
		{Name: "b", Needs: "a", Look: never}, {Name: "a", Look: found(diagnosing.Fail)},
		{Name: "d", Needs: "c", Look: found(diagnosing.OK)}, {Name: "c", Look: found(diagnosing.Warn)},
		{Name: "e", Needs: "nobody's", Look: found(diagnosing.OK)},
	}, time.Minute)
	require.Equal(t, []diagnosing.Status{diagnosing.Skipped, diagnosing.Fail, diagnosing.OK, diagnosing.Warn, diagnosing.OK}, statuses(findings))
	require.Equal(t, "b", findings[0].Check)
	require.Equal(t, "a is not in order", findings[0].Seen)
	require.False(t, diagnosing.Sound(findings))
	require.True(t, diagnosing.Sound(findings[2:]), "warnings are no failures")
}

func TestACheckThatTakesTooLongIsAWarningAndOneThatCannotLookAFailure(t *testing.T) {
	findings := diagnosing.Examine(t.Context(), []diagnosing.Check{
		{Name: "slow", Look: func(ctx context.Context) (diagnosing.Finding, error) {
			<-ctx.Done()
			return diagnosing.Finding{}, ctx.Err()
		}},
		{Name: "blind", Look: func(context.Context) (diagnosing.Finding, error) {
			return diagnosing.Finding{}, errors.New("no such table")
		}},
	}, 20*time.Millisecond)
	require.Equal(t, []diagnosing.Status{diagnosing.Warn, diagnosing.Fail}, statuses(findings))
	require.Equal(t, "no such table", findings[1].Seen)
	require.NotEmpty(t, findings[0].Do)
}
