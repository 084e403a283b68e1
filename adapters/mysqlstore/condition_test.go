package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

var _ diagnosing.Records = (*mysqlstore.Condition)(nil)

func TestAConditionIsReadOnEveryDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		c, r := mysqlstore.NewCondition(db), records(t, db)
		require.NoError(t, c.Ping(t.Context()))
		at := time.Now().Truncate(time.Millisecond)
		r.Publish(t, "a", "b", "c")
		r.Happened(t, "v", at.Add(-time.Hour), audience.Action{Item: "a", Act: audience.Like, At: at}, audience.Action{Item: "b", Act: audience.Like, At: at})
		o, err := c.Offsets(t.Context())
		require.NoError(t, err)
		require.Equal(t, diagnosing.Offsets{Events: 2, LastEvent: 2}, o)

		lease := time.Minute
		worker, _, err := mysqlstore.NewWorkers(db).Take(t.Context(), "me", 4, lease, at.Add(time.Second))
		require.NoError(t, err)
		w, err := c.Workers(t.Context())
		require.NoError(t, err)
		require.Len(t, w.Held, 2, "who numbered the items holds one, too")
		mine := w.Held[1]
		require.Equal(t, worker, mine.ID)
		require.Equal(t, "me", mine.Owner)
		require.WithinDuration(t, w.Now.Add(lease), mine.Until, 5*time.Second)
		require.True(t, at.Add(time.Second).Equal(mine.Reach))
		require.NoError(t, mysqlstore.NewWorkers(db).Give(t.Context(), "me", worker))
		w, err = c.Workers(t.Context())
		require.NoError(t, err)
		require.Len(t, w.Held, 1)

		p, err := c.Capture(t.Context())
		require.NoError(t, err)
		require.False(t, p.Held)
		_, _, err = mysqlstore.NewCheckpoints(db).Take(t.Context(), "me", time.Minute)
		require.NoError(t, err)
		require.NoError(t, mysqlstore.NewCheckpoints(db).Keep(t.Context(), "me", "0-1-2", nil))
		p, err = c.Capture(t.Context())
		require.NoError(t, err)
		require.True(t, p.Held)
		require.Equal(t, "0-1-2", p.Position)
		require.WithinDuration(t, p.Now, p.KeptAt, 5*time.Second)

		notices, left, err := c.Unerased(t.Context())
		require.NoError(t, err)
		require.Zero(t, notices)
		require.Empty(t, left)
		for range 2 { // the second notice counts
			_, err = mysqlstore.NewErasures(db).Erase(t.Context(), "v")
			require.NoError(t, err)
		}
		notices, left, err = c.Unerased(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, notices)
		require.Equal(t, []audience.ViewerID{"v"}, left, "a notice, and nothing was erased")
		_, err = mysqlstore.NewDossier(db).Erase(t.Context(), "v")
		require.NoError(t, err)
		_, left, err = c.Unerased(t.Context())
		require.NoError(t, err)
		require.Empty(t, left)

		require.NoError(t, mysqlstore.NewRepairs(db).Mark(t.Context(), []audience.ViewerID{"x", "y"}))
		n, err := c.Repairs(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 2, n)

		var want catalog.Digest
		for _, id := range []catalog.ItemID{"c", "a", "b"} {
			want.Add(id, 1)
		}
		got, err := c.Digest(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
