package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/notifying"
)

func TestOneInstanceAtATimeMakesTasksAndKeepsItsPlace(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		here, there := mysqlstore.NewProgress(a), mysqlstore.NewProgress(b)
		take := func(p *mysqlstore.Progress, owner string, long time.Duration, wantHas bool, want notifying.Place) {
			t.Helper()
			has, at, err := p.Take(t.Context(), owner, long)
			require.NoError(t, err)
			require.Equal(t, wantHas, has)
			require.Equal(t, want, at)
		}
		require.ErrorIs(t, here.Keep(t.Context(), "one", 1), notifying.ErrTaken)
		require.NoError(t, here.Give(t.Context(), "one"))
		take(here, "one", time.Minute, true, notifying.Place{})
		take(here, "one", time.Minute, true, notifying.Place{})
		take(there, "two", time.Minute, false, notifying.Place{})
		require.ErrorIs(t, there.Keep(t.Context(), "two", 9), notifying.ErrTaken)
		require.NoError(t, here.Keep(t.Context(), "one", 0))
		take(here, "one", time.Minute, true, notifying.Place{Kept: true})
		require.NoError(t, here.Keep(t.Context(), "one", 1<<62))
		require.NoError(t, there.Give(t.Context(), "two"))
		take(there, "two", time.Minute, false, notifying.Place{})

		take(here, "one", 0, true, notifying.Place{Kept: true, UpTo: 1 << 62}) // it dies
		take(there, "two", time.Minute, true, notifying.Place{Kept: true, UpTo: 1 << 62})
		require.ErrorIs(t, here.Keep(t.Context(), "one", 2), notifying.ErrTaken)
		require.NoError(t, there.Keep(t.Context(), "two", 3))
		require.NoError(t, there.Give(t.Context(), "two"))
		take(here, "one", time.Minute, true, notifying.Place{Kept: true, UpTo: 3})
	})
}
