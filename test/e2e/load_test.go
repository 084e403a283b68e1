package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/cli/load"
	"github.com/freshet/freshet/test/instances"
)

// loaded runs the load generator as its users do, and interrupts it after a while unless that is 0.
func loaded(t *testing.T, interrupt time.Duration, args ...string) (load.Report, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, instances.Binary(t), append([]string{"load", "--json", "-"}, args...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	require.NoError(t, cmd.Start())
	if interrupt > 0 {
		defer time.AfterFunc(interrupt, func() { _ = cmd.Process.Signal(syscall.SIGINT) }).Stop()
	}
	_ = cmd.Wait() // its code is looked at
	var r load.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r), "%s\n%s", out.String(), said.String())
	return r, cmd.ProcessState.ExitCode()
}

func TestALoadOverBothDoorsKeepsItsPromises(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()})
	in.publish(500, 50, 20)
	html := filepath.Join(t.TempDir(), "r.html")
	out, err := instances.Run(t, nil, "load", "--to", "http://"+in.HTTP, "--duration", "1s")
	require.Error(t, err)
	require.Contains(t, out, "with --real it", "nobody is rehearsed on who does not keep it apart")

	to := []string{"--to", "http://" + in.HTTP, "--rpc", in.RPC, "--real"}

	r, code := loaded(t, 0, append(to, "--duration", "2s", "--warm-up", "500ms", "--rate", "30", "--think", "100ms", "--viewers", "200",
		"--idle", "20", "--timeout", "30s", "--html", html)...)
	require.Zero(t, code)
	require.EqualValues(t, 60, r.Requests, "as many as were to begin, however busy the machine is")
	require.Zero(t, r.Promises.Repeats)
	require.Zero(t, r.Promises.Malformed)
	require.Positive(t, r.OK)
	require.Len(t, r.Kinds, 4, "pages and events over both")
	require.Positive(t, r.Events.Accepted)
	require.Zero(t, r.Events.Rejected, "the service takes what is reported: %v", r.Events.Errors)
	require.Equal(t, 20, r.Idle.Opened)
	require.Len(t, r.Processes, 2)
	require.Equal(t, in.PID(), r.Processes[0].PID, "found by itself")
	require.Positive(t, r.Processes[0].RSS)
	page, err := os.ReadFile(html)
	require.NoError(t, err)
	require.Contains(t, string(page), "Latency by percentile")

	r, code = loaded(t, 0, append(to, "--mode", "closed", "--connections", "4", "--duration", "1s", "--warm-up", "0s", "--hot-viewer", "0.5", "--tag", "t1")...)
	require.Zero(t, code)
	require.Zero(t, r.Promises.Repeats)
	require.Equal(t, r.OK, r.Latency.Count)

	r, code = loaded(t, 2*time.Second, append(to, "--duration", "1h", "--warm-up", "0s", "--rate", "10")...)
	require.Zero(t, code)
	require.True(t, r.Interrupted)
	require.Positive(t, r.OK)

	in.Kill()
	r, code = loaded(t, 0, append(to, "--duration", "200ms", "--warm-up", "0s")...)
	require.Equal(t, 1, code)
	require.Zero(t, r.OK)
	require.Equal(t, r.Failed, r.Errors["connect"])
}

func TestALoadOfAnEnabledShadowLeavesNoTrace(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_SHADOW_ENABLED=true"})
	in.publish(500, 50, 20)
	before := in.metric("freshet_event_log_group_events_sum")
	r, code := loaded(t, 0, "--to", "http://"+in.HTTP, "--rpc", in.RPC, "--duration", "2s", "--warm-up", "0s", "--rate", "30", "--think", "100ms", "--timeout", "30s")
	require.Zero(t, code)
	require.Positive(t, r.OK)
	require.Positive(t, r.Events.Accepted)
	require.Equal(t, before, in.metric("freshet_event_log_group_events_sum"), "no event is a real viewer's")
}
