package rpc_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheExampleRunsAsItSays(t *testing.T) {
	w := newWorld(t)
	w.publish(10)
	out, err := exec.CommandContext(t.Context(), "go", "run", "../../examples/rpcclient", "-addr", w.server.Addr()).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, want := range []string{"item example-1: created", "page 1 of session", ".like: accepted", "page 2 of session", "(full)", "because fresh"} {
		require.Contains(t, string(out), want)
	}
}
