package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/databases"
)

func TestOneReaderAtATimeKeepsItsPlace(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		here, there := mysqlstore.NewCheckpoints(a), mysqlstore.NewCheckpoints(b)
		take := func(c *mysqlstore.Checkpoints, owner string, long time.Duration, wantHas bool, wantAt string) {
			t.Helper()
			has, at, err := c.Take(t.Context(), owner, long)
			require.NoError(t, err)
			require.Equal(t, wantHas, has)
			require.Equal(t, wantAt, at)
		}
		take(here, "one", time.Minute, true, "")
		take(here, "one", time.Minute, true, "")
		take(there, "two", time.Minute, false, "")
		require.ErrorIs(t, there.Keep(t.Context(), "two", "9", nil), capturing.ErrTaken)
		require.ErrorIs(t, there.Skip(t.Context(), "two", "9"), capturing.ErrTaken)
		require.NoError(t, here.Keep(t.Context(), "one", "1", nil))
		require.NoError(t, there.Give(t.Context(), "two"))
		take(there, "two", time.Minute, false, "")

		take(here, "one", 0, true, "1") // it dies
		take(there, "two", time.Minute, true, "1")
		require.ErrorIs(t, here.Keep(t.Context(), "one", "2", nil), capturing.ErrTaken)
		require.NoError(t, there.Keep(t.Context(), "two", "3", nil))
		require.NoError(t, there.Give(t.Context(), "two"))
		take(here, "one", time.Minute, true, "3")
	})
}

func TestGapsAreCounted(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		here, there := mysqlstore.NewCheckpoints(a), mysqlstore.NewCheckpoints(b)
		_, _, err := here.Take(t.Context(), "one", time.Minute)
		require.NoError(t, err)
		for want := range uint64(3) {
			gaps, err := there.Gaps(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, gaps)
			require.NoError(t, here.Skip(t.Context(), "one", "7"))
			require.NoError(t, here.Keep(t.Context(), "one", "8", nil))
		}
	})
}

func TestFactsThatWereToldLeaveTheOutboxWithThePlace(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		points, items, outbox := mysqlstore.NewCheckpoints(db), mysqlstore.NewItems(db, databases.Counting()), mysqlstore.NewOutbox(db)
		for _, id := range []catalog.ItemID{"a", "b", "c"} {
			_, err := items.Update(t.Context(), []catalog.ItemID{id}, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
				n, _ := number()
				return item.Publish(n, catalog.Details{}, dawn)
			})
			require.NoError(t, err)
		}
		waits := func(want int64) {
			t.Helper()
			b, err := outbox.Backlog(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, b.Pending)
		}
		_, _, err := points.Take(t.Context(), "one", time.Minute)
		require.NoError(t, err)
		require.ErrorIs(t, points.Keep(t.Context(), "two", "1", []int64{1, 2}), capturing.ErrTaken)
		waits(3)
		require.NoError(t, points.Keep(t.Context(), "one", "1", []int64{3, 1, 99}))
		waits(1)
	})
}
