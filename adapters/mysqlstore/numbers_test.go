package mysqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/test/databases"
)

// numbersOf gives numbers as one process would that works on db.
func numbersOf(t *testing.T, db *mysqlstore.DB) mysqlstore.NextNumber {
	t.Helper()
	generator := snowflake.NewGenerator(snowflake.JSON, snowflake.Tolerance{Ahead: time.Minute, Patience: 5 * time.Second}, time.Now)
	keeper := snowflake.NewKeeper(generator, mysqlstore.NewWorkers(db), snowflake.KeeperOptions{Lease: 30 * time.Second})
	t.Cleanup(func() { require.NoError(t, keeper.Close(context.Background())) })
	return keeper.Next
}

func TestWithoutNumbersNewItemsAreUnavailableAndSayWhyToTheLog(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		items := mysqlstore.NewItems(db, func(context.Context) (uint64, error) { return 0, snowflake.ErrClock })
		_, err := items.Update(t.Context(), []catalog.ItemID{"x"}, published)
		require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
		require.Equal(t, "numbers_unavailable", fault.Of(err).Code())
		require.ErrorIs(t, err, snowflake.ErrClock)
	})
}

func TestSmallNumbersGivenInBlocksBeforeGoOnBesideNewOnes(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, other := open(t)
		_, err := mysqlstore.NewItems(db, databases.Counting()).Update(t.Context(), []catalog.ItemID{"old1", "old2"}, published)
		require.NoError(t, err)
		items := mysqlstore.NewItems(other, numbersOf(t, other))
		_, err = items.Update(t.Context(), []catalog.ItemID{"new1", "old1", "new2"}, published)
		require.NoError(t, err)
		var names []catalog.ItemID
		found, err := items.Scan(t.Context(), time.Time{}, 0, 10)
		require.NoError(t, err)
		for _, s := range found {
			names = append(names, s.ID)
		}
		require.Equal(t, []catalog.ItemID{"old1", "old2", "new1", "new2"}, names)
		require.EqualValues(t, []catalog.Number{1, 2}, []catalog.Number{found[0].Number, found[1].Number})
		require.EqualValues(t, 2, found[0].Version)
		require.Greater(t, found[3].Number, found[2].Number)
	})
}

// published is a change that publishes, or revises, the item.
func published(item *catalog.FeedItem, number func() (catalog.Number, error)) (err error) {
	n := item.Snapshot().Number
	if item.NeedsNumber() {
		if n, err = number(); err != nil {
			return err
		}
	}
	return item.Publish(n, catalog.Details{Title: fmt.Sprint("version ", item.Snapshot().Version+1)}, dawn)
}
