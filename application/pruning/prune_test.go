package pruning_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/pruning"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// shelf has things of so many hours ago, oldest first.
type shelf struct {
	hours []int
	err   error
}

func (s *shelf) Prune(_ context.Context, before time.Time, limit int) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	for len(s.hours) > 0 && n < limit && noon.Add(-time.Duration(s.hours[0])*time.Hour).Before(before) {
		s.hours = s.hours[1:]
		n++
	}
	return n, nil
}

func TestEachStoreIsPrunedByItsOwnTimeUntilNothingIsDue(t *testing.T) {
	events, pages, all := &shelf{hours: make([]int, 2500)}, &shelf{hours: []int{5, 3, 2}}, &shelf{hours: []int{9000}}
	for i := range events.hours {
		events.hours[i] = 11
	}
	events.hours = append(events.hours, 10, 9)
	p := pruning.NewPrune([]*pruning.Retention{
		{What: "events", Of: events, Keep: 10 * time.Hour}, {What: "pages", Of: pages, Keep: 2 * time.Hour}, {What: "secrets", Of: all},
	}, func() time.Time { return noon })
	for _, want := range []int{1002, 1000, 500, 0} {
		did, err := p.Step(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, did)
	}
	require.Equal(t, []int{10, 9}, events.hours, "what was kept for exactly as long stays")
	require.Equal(t, []int{2}, pages.hours)
	require.Equal(t, []int{9000}, all.hours, "for ever")
	require.EqualValues(t, 2500, p.Retentions()[0].Pruned())
	require.EqualValues(t, 2, p.Retentions()[1].Pruned())
}

func TestAStoreThatFailsIsNamed(t *testing.T) {
	broken := errors.New("broken")
	p := pruning.NewPrune([]*pruning.Retention{{What: "events", Of: &shelf{err: broken}, Keep: time.Hour}}, func() time.Time { return noon })
	did, err := p.Step(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "events: ")
	require.Zero(t, did)
}
