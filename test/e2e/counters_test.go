package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

// TestCountsAreVerifiedAndMendedBesideAServer does it on the embedded stores, while the server has them and after it.
func TestCountsAreVerifiedAndMendedBesideAServer(t *testing.T) {
	env := []string{"FRESHET_DATA_DIR=" + t.TempDir()}
	in := start(t, env)
	in.publish(3, 1, 1)
	in.record(event("like", "v", "i1"), event("share", "v", "i2"))
	eventually(t, 10*time.Second, "both are counted", func() bool { return in.metrics("freshet_tally_lag_events")[""] == 0 })
	for _, args := range [][]string{{"counters", "verify"}, {"counters", "rebuild"}} {
		out, err := instances.Run(t, env, args...)
		require.NoError(t, err, "%s", out)
	}
	require.NoError(t, in.Stop())
	out, err := instances.Run(t, env, "counters", "verify")
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "0 differences")
}
