package e2e

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

// TestWhatWasKeptLongEnoughGoesAndItsCountsStay makes what happened older than it is while no server runs.
func TestWhatWasKeptLongEnoughGoesAndItsCountsStay(t *testing.T) {
	dir := t.TempDir()
	env := []string{"FRESHET_DATA_DIR=" + dir}
	in := start(t, env)
	in.publish(3, 1, 1)
	in.record(event("like", "v", "i1"), event("share", "v", "i1"), event("play_start", "v", "i1"))
	in.page("for-you", "viewer", "v")
	eventually(t, 10*time.Second, "all is counted", func() bool { return in.metrics("freshet_tally_lag_events")[""] == 0 })
	require.NoError(t, in.Stop())
	db, err := sql.Open(sqlite.DriverName, filepath.Join(dir, "freshet.db"))
	require.NoError(t, err)
	for _, older := range []string{"UPDATE events SET received_at = received_at - 86400000 * 401", "UPDATE pages SET served_at = served_at - 86400000 * 89"} {
		_, err := db.Exec(older)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())

	in.Restart()
	in.record(event("like", "w", "i1"))
	eventually(t, 10*time.Second, "events of 401 days ago are gone", func() bool { return in.metrics("freshet_pruned_total")[`{what="events"}`] == 3 })
	require.Zero(t, in.metrics("freshet_pruned_total")[`{what="pages"}`], "pages of 89 days ago stay")
	eventually(t, 10*time.Second, "the new like is counted", func() bool { return in.metrics("freshet_tally_lag_events")[""] == 0 })
	require.NoError(t, in.Stop())
	out, err := instances.Run(t, env, "counters", "verify")
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "0 differences")
}
