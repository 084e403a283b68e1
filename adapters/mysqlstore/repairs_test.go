package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
)

func TestAMarkStaysUntilItIsDone(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		here, there := mysqlstore.NewRepairs(a), mysqlstore.NewRepairs(b)
		pending := func(want ...audience.ViewerID) {
			t.Helper()
			got, err := here.Pending(t.Context(), 10)
			require.NoError(t, err)
			require.ElementsMatch(t, want, got)
		}
		pending()
		require.NoError(t, there.Mark(t.Context(), nil))
		require.NoError(t, there.Mark(t.Context(), []audience.ViewerID{"w", "v", "v", "V"}))
		require.NoError(t, here.Mark(t.Context(), []audience.ViewerID{"v"}))
		pending("v", "w", "V")

		require.NoError(t, there.Mark(t.Context(), []audience.ViewerID{"w"})) // after Pending, before Done
		require.NoError(t, here.Done(t.Context(), []audience.ViewerID{"v", "w"}))
		pending("w", "V")
		require.NoError(t, here.Done(t.Context(), []audience.ViewerID{"w", "V"}))
		pending()
		require.NoError(t, here.Done(t.Context(), []audience.ViewerID{"w", "V"}))
	})
}

func TestTouchedListsEveryoneOfWhomSomethingWasRecorded(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		r := records(t, db)
		since := time.Now().Truncate(time.Millisecond)
		like := audience.Action{Item: "i", Act: audience.Like, At: since.Add(-time.Hour)}
		r.Happened(t, "before", since.Add(-time.Millisecond), like)
		r.Happened(t, "event", since, like)
		r.Happened(t, "event", since.Add(time.Second), like)
		r.Served(t, "page", "s", 1, since, 1)
		require.NoError(t, r.Viewers.Update(t.Context(), "decision", func(v *audience.Viewer) error { return v.Follow("a", since) }))

		repairs := mysqlstore.NewRepairs(db)
		var all []audience.ViewerID
		for after := audience.ViewerID(""); ; {
			some, err := repairs.Touched(t.Context(), since, after, 2)
			require.NoError(t, err)
			if len(some) == 0 {
				break
			}
			all = append(all, some...)
			after = some[len(some)-1]
		}
		require.Equal(t, []audience.ViewerID{"decision", "event", "page"}, all)
	})
}
