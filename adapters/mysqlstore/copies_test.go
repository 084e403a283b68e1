package mysqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

var (
	_ copying.Records = (*mysqlstore.Copies)(nil)
	_ copying.Turn    = (*mysqlstore.Turn)(nil)
)

// takenIn are events with the ids and the offsets from..to.
func takenIn(from, to int) (out []engagement.Logged) {
	for n := from; n <= to; n++ {
		out = append(out, engagement.Logged{Offset: engagement.Offset(n), Received: dawn.Add(time.Duration(n) * time.Millisecond), Event: engagement.Event{
			ID: engagement.EventID(fmt.Sprint(n)), Viewer: "v", Act: audience.PlayProgress, Item: catalog.ItemID(fmt.Sprint("i", n%7)), At: dawn, Session: "s",
			Watched: time.Duration(n) * time.Second,
		}})
	}
	return out
}

func TestEventsAreCopiedToTheirOffsetsWithTheMark(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		one, two, log := mysqlstore.NewCopies(a), mysqlstore.NewCopies(b), mysqlstore.NewEventLog(b)
		_, err := log.Append(t.Context(), []engagement.Event{takenIn(1, 1)[0].Event}, dawn) // before there was a log elsewhere
		require.NoError(t, err)
		begin, err := one.Mark(t.Context())
		require.NoError(t, err)
		require.Equal(t, copying.Mark{Offset: 1}, begin)

		events, to := takenIn(2, 5000), copying.Mark{Record: 77, Offset: 5000, Window: 9}
		require.NoError(t, one.Store(t.Context(), begin, events, to))
		got, err := two.Mark(t.Context())
		require.NoError(t, err)
		require.Equal(t, to, got)
		read, err := log.Read(t.Context(), 1, 10_000)
		require.NoError(t, err)
		require.Equal(t, events, read)
		head, err := log.Head(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 5000, head)
		k, err := mysqlstore.NewRecollection(b).Recollect(t.Context(), "v", time.Time{})
		require.NoError(t, err)
		require.Len(t, k.Actions, 7)
		for _, a := range k.Actions {
			require.Greater(t, a.Watched, 4990*time.Second, "the most that was watched")
		}
	})
}

func TestACopyThatWasOvertakenStoresNothing(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		one, two := mysqlstore.NewCopies(a), mysqlstore.NewCopies(b)
		mark := copying.Mark{Record: 3, Offset: 4, Window: 5}
		require.NoError(t, one.Store(t.Context(), copying.Mark{}, takenIn(1, 4), mark))
		for _, from := range []copying.Mark{{}, {Record: 2, Offset: 4}, {Record: 3, Offset: 3}, {Record: 4, Offset: 4}} {
			err := two.Store(t.Context(), from, takenIn(5, 9), copying.Mark{Record: 9, Offset: 9, Window: 5})
			require.ErrorIs(t, err, copying.ErrOvertaken)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, two.Store(ctx, mark, takenIn(5, 9), copying.Mark{Record: 9, Offset: 9}))
		all, err := mysqlstore.NewEventLog(a).Read(t.Context(), 0, 100)
		require.NoError(t, err)
		require.Equal(t, takenIn(1, 4), all)
		got, err := one.Mark(t.Context())
		require.NoError(t, err)
		require.Equal(t, mark, got)
		require.NoError(t, two.Store(t.Context(), mark, nil, copying.Mark{Record: 4, Offset: 4, Window: 5}), "records that hold nothing new move the mark")
	})
}

func TestAnIDThatIsStoredAlreadyLeavesItsOffsetEmpty(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, _ := open(t)
		copies, log, tally := mysqlstore.NewCopies(a), mysqlstore.NewEventLog(a), mysqlstore.NewTally(a)
		events := takenIn(1, 3000)
		require.NoError(t, copies.Store(t.Context(), copying.Mark{}, events[:2], copying.Mark{Record: 1, Offset: 2, Window: 1}))
		for i, id := range map[int]engagement.EventID{2: "1", 1500: "2", 2999: "3000"} { // two are known, one is itself
			events[i].ID = id
		}
		require.NoError(t, copies.Store(t.Context(), copying.Mark{Record: 1, Offset: 2, Window: 1}, events[2:], copying.Mark{Record: 2, Offset: 3000, Window: 1}))
		all, err := log.Read(t.Context(), 0, 5000)
		require.NoError(t, err)
		require.Len(t, all, 2998)
		require.EqualValues(t, 2, all[1].Offset)
		require.EqualValues(t, 4, all[2].Offset)
		require.EqualValues(t, 3000, all[2997].Offset)
		applied := 0
		for n := 1; n > 0; applied += n {
			_, n, err = tally.Advance(t.Context(), 100)
			require.NoError(t, err)
		}
		lag, _, err := tally.Lag(t.Context())
		require.NoError(t, err)
		require.Zero(t, lag)
	})
}

func TestWhoseTurnItIsToCopyIsNoMatterOfTraining(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		training, one, two := mysqlstore.NewTurn(a), mysqlstore.NewCopyingTurn(a), mysqlstore.NewCopyingTurn(b)
		takes := func(turn *mysqlstore.Turn, owner string, want bool) {
			t.Helper()
			has, err := turn.Take(t.Context(), owner, time.Minute)
			require.NoError(t, err)
			require.Equal(t, want, has)
		}
		takes(training, "a", true)
		takes(two, "b", true)
		takes(one, "a", false)
		require.NoError(t, one.Give(t.Context(), "a"))
		takes(one, "a", false)
		require.NoError(t, two.Give(t.Context(), "b"))
		takes(one, "a", true)
		takes(training, "a", true)
	})
}
