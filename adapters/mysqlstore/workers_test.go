package mysqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/infrastructure/snowflake/snowflaketest"
)

var _ snowflake.Leases = (*mysqlstore.Workers)(nil)

func TestWorkers(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		snowflaketest.Leases(t, func(t *testing.T) (a, b snowflake.Leases) {
			x, y := open(t)
			return mysqlstore.NewWorkers(x), mysqlstore.NewWorkers(y)
		})
	})
}

func TestWithoutAWorkerIDNewItemsFailAndOthersAreRevised(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, other := open(t)
		for n := range snowflake.JSON.Workers() {
			worker, _, err := mysqlstore.NewWorkers(db).Take(t.Context(), fmt.Sprint("process ", n), 256, time.Hour, time.Now())
			require.NoError(t, err)
			require.Equal(t, n, worker)
		}
		items := mysqlstore.NewItems(other, numbersOf(t, other))
		put := func(ids ...catalog.ItemID) error {
			outcomes, err := items.Update(t.Context(), ids, published)
			for _, failed := range outcomes {
				require.NoError(t, failed)
			}
			return err
		}
		err := put("x", "y")
		require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
		require.Equal(t, "no_worker_id", fault.Of(err).Code())
		require.Equal(t, "all 256 worker ids are held by other processes", fault.Of(err).Message())
		_, err = items.Find(t.Context(), "x")
		require.ErrorIs(t, err, catalog.ErrItemNotFound)

		require.NoError(t, mysqlstore.NewWorkers(db).Give(t.Context(), "process 7", 7))
		require.NoError(t, put("x"))
		found, err := items.Find(t.Context(), "x")
		require.NoError(t, err)
		require.Equal(t, 7, snowflake.JSON.Split(uint64(found.Snapshot().Number)).Worker)

		elsewhere := mysqlstore.NewItems(db, numbersOf(t, db))
		items = elsewhere // has no number and can get none
		require.NoError(t, put("x"))
		require.Error(t, put("x", "z"))
		found, err = items.Find(t.Context(), "x")
		require.NoError(t, err)
		require.EqualValues(t, 2, found.Snapshot().Version, "a commit that lacks one number is not made")
	})
}
