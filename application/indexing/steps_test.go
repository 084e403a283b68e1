package indexing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/world"
)

// step notes what it is told, and fails when it is to.
type step struct {
	told   []string
	fails  error
	bounds []time.Duration
}

func (s *step) Apply(ctx context.Context, items []catalog.Snapshot) error {
	until, ok := ctx.Deadline()
	if ok {
		s.bounds = append(s.bounds, time.Until(until))
	}
	if s.fails != nil {
		return s.fails
	}
	for i := range items {
		s.told = append(s.told, fmt.Sprint(items[i].ID, " ", items[i].Version))
	}
	return nil
}

func stepping(t *testing.T) (w *world.World, writer, follower *world.Process, keeper *indexing.Keeper, steps [2]*step) {
	w = world.New(t)
	writer, follower = w.Process(), w.Process()
	steps = [2]*step{{}, {}}
	stream := world.Stream{Changes: redisstore.NewChanges(w.Redis), Breaker: &world.Breaker{}} // which does not wait
	keeper = indexing.NewKeeper(mysqlstore.NewItems(w.DB, w.Numbers), stream, follower.Index, w.Clock.Now, steps[0], steps[1])
	return w, writer, follower, keeper, steps
}

func TestStepsFollowTheIndex(t *testing.T) {
	_, writer, _, keeper, steps := stepping(t)
	put(t, writer, "a", "A1")
	_, err := keeper.Build(ctx)
	require.NoError(t, err)
	require.Empty(t, steps[0].told)
	put(t, writer, "a", "A2")
	relay(t, writer)
	_, err = keeper.Follow(ctx)
	require.NoError(t, err)
	for _, s := range steps {
		require.Contains(t, s.told, "a 2")
		for _, bound := range s.bounds {
			require.LessOrEqual(t, bound, 2*time.Second)
		}
		require.NotEmpty(t, s.bounds)
	}
}

func TestAStepThatFailsIsTakenAgainAndKeepsNothingElseBack(t *testing.T) {
	_, writer, follower, keeper, steps := stepping(t)
	_, err := keeper.Build(ctx)
	require.NoError(t, err)
	broken := errors.New("broken")
	steps[0].fails = broken
	put(t, writer, "a", "A1")
	relay(t, writer)
	for range 3 {
		_, err = keeper.Follow(ctx)
		require.ErrorIs(t, err, broken)
	}
	require.Equal(t, "A1", title(follower, "a"), "the index has it")
	require.Contains(t, steps[1].told, "a 1", "and the other step")
	put(t, writer, "b", "B1") // not in the stream yet
	_, err = keeper.Follow(ctx)
	require.ErrorIs(t, err, broken)
	require.Equal(t, "B1", title(follower, "b"))

	steps[0].fails = nil
	relay(t, writer)
	for range 2 {
		_, err = keeper.Follow(ctx)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"a 1", "b 1"}, steps[0].told)
}

func TestALookAtTheRecordsIsRepeatedUntilItsStepsAreTaken(t *testing.T) {
	w, writer, follower, keeper, steps := stepping(t)
	_, err := keeper.Build(ctx)
	require.NoError(t, err)
	put(t, writer, "a", "A1")
	steps[0].fails = errors.New("broken")
	for range 2 {
		w.Clock.Advance(time.Hour)
		_, err = keeper.CatchUp(ctx)
		require.ErrorIs(t, err, steps[0].fails)
		require.Equal(t, "A1", title(follower, "a"))
	}
	steps[0].fails = nil
	_, err = keeper.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"a 1"}, steps[0].told)
	w.Clock.Advance(time.Hour)
	_, err = keeper.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"a 1"}, steps[0].told)
}
