package capturing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/catalog"
)

func TestAReviewLooksOnceAfterEveryGap(t *testing.T) {
	d := newDesk(t)
	items := mysqlstore.NewItems(d.w.DB, d.w.Numbers)
	adoption := capturing.NewAdoption(items, d.w.Clock.Now, func(id catalog.ItemID, err error) { d.refused[id] = err })
	for _, id := range []catalog.ItemID{"a", "b", "removed"} {
		d.put(t, id)
	}
	require.NoError(t, d.p.Items.Remove(ctx, "removed"))
	review := capturing.NewReview(d.points, items, d.p.Index, adoption)
	require.NoError(t, review.Begin(ctx))
	run := func(want int) {
		t.Helper()
		n, err := review.Run(ctx)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	gap := func() {
		t.Helper()
		_, _, err := d.points.Take(ctx, "other", time.Minute)
		require.NoError(t, err)
		require.NoError(t, d.points.Skip(ctx, "other", "p"))
	}
	// What differs: this instance holds an item that the table has not, and one of a version that it has no more.
	lost := catalog.Snapshot{ID: "lost", Number: 77, State: catalog.Published, Version: 3}
	ahead := catalog.Snapshot{ID: "b", Number: 2, State: catalog.Published, Version: 9, Details: catalog.Details{Title: "ahead"}}
	require.Equal(t, 2, d.p.Index.Apply([]catalog.Snapshot{lost, ahead}))
	run(0)
	gap()
	run(2)
	run(0)
	rows, err := items.Scan(ctx, time.Time{}, 0, 10)
	require.NoError(t, err)
	versions := map[catalog.ItemID]uint64{}
	for _, row := range rows {
		versions[row.ID] = row.Version
	}
	require.Equal(t, map[catalog.ItemID]uint64{"a": 1, "b": 10, "removed": 2, "lost": 4}, versions)
	_, err = d.p.Keeper.CatchUp(ctx)
	require.NoError(t, err)
	gap()
	run(0)
	require.Empty(t, d.refused)
}

func TestAReviewLooksForGapsThatAnIndexHasNotSeen(t *testing.T) {
	d := newDesk(t)
	items := mysqlstore.NewItems(d.w.DB, d.w.Numbers)
	d.put(t, "a")
	_, _, err := d.points.Take(ctx, "other", time.Minute)
	require.NoError(t, err)
	require.NoError(t, d.points.Skip(ctx, "other", "p"))
	review := capturing.NewReview(d.points, items, d.p.Index, capturing.NewAdoption(items, d.w.Clock.Now, func(catalog.ItemID, error) {}))
	require.NoError(t, review.Begin(ctx))
	require.EqualValues(t, 1, review.Compared())
	lost := catalog.Snapshot{ID: "lost", Number: 77, State: catalog.Published, Version: 3}
	d.p.Index.Apply([]catalog.Snapshot{lost})
	run := func(want int) {
		t.Helper()
		n, err := review.Run(ctx)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	run(0)
	review.Resume(0) // the index is of before
	run(1)
	require.EqualValues(t, 1, review.Compared())
}
