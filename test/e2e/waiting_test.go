package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnEventMayComeBeforeItsItem: it is accepted as any other, waits, also over a restart, and is learned when the item arrives.
func TestAnEventMayComeBeforeItsItem(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()})
	in.publish(30, 5, 3)
	in.record(event("like", "early", "comes-later"), event("like", "early", "never-comes"))
	waiting := func(n float64) func() bool {
		return func() bool { return in.metric("freshet_model_waiting_events") == n }
	}
	eventually(t, 5*time.Second, "both wait", waiting(2))
	require.EqualValues(t, 2, in.metric("freshet_model_offset"))
	require.NoError(t, in.Stop())
	in.Launch()
	in.AwaitReady()
	require.EqualValues(t, 2, in.metric("freshet_model_waiting_events"))

	in.must(http.MethodPut, "/v1/items/comes-later", map[string]any{"author": "a1"})
	eventually(t, 5*time.Second, "one was learned", waiting(1))
	require.EqualValues(t, 1, in.metric("freshet_model_late_events"))
	require.EqualValues(t, 2, in.metric("freshet_model_offset"))
	require.Zero(t, in.metric("freshet_model_unknown_events"))
	require.Equal(t, "comes-later", in.page("trending", "viewer", "another").Items[0].ID)
	require.NoError(t, in.Stop())
}

func TestEventsOnUnknownItemsAreDroppedWhereThatIsConfigured(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_LEARNING_UNKNOWN_ITEMS=drop"})
	in.record(event("like", "early", "never-comes"))
	eventually(t, 5*time.Second, "it is counted", func() bool { return in.metric("freshet_model_unknown_events") == 1 })
	require.Zero(t, in.metric("freshet_model_waiting_events"))
	require.NoError(t, in.Stop())
}
