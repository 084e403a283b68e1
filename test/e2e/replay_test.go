package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

// alike is what replay says of two ways to make pages.
type alike struct {
	Identical int     `json:"identical"`
	Overlap   float64 `json:"overlap"`
	Tau       float64 `json:"kendall_tau"`
}

// replayed is what replay prints, as far as tests look at it.
type replayed struct {
	Config struct{ Current, Changed string }
	Pages  int
	Events int `json:"events_learned"`
	// Skipped are pages by why they are not made again.
	Skipped  map[string]int
	Fidelity struct {
		alike
		Inputs map[string]int `json:"other_inputs"`
	}
	Likeness        alike
	Gaining, Losing []struct {
		Item   string
		Places int
	}
	Sources    []struct{ Name string }
	Propensity struct {
		Picks, Open int
		Enough      bool
	}
}

// replays runs replay and returns what it printed.
func replays(t *testing.T, env []string, args ...string) replayed {
	t.Helper()
	path := instances.Binary(t)
	cmd := exec.Command(path, append([]string{"replay", "--json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	require.NoError(t, err, said.String())
	require.Contains(t, said.String(), "making pages again")
	var r replayed
	require.NoError(t, json.Unmarshal(out, &r), string(out))
	return r
}

func TestReplayShowsWhatAnotherConfigurationWouldHaveServed(t *testing.T) {
	dir := t.TempDir()
	env := []string{"FRESHET_DATA_DIR=" + filepath.Join(dir, "data"), "FRESHET_FEEDS_FOR_YOU_EXPLORE_SHARE=0.1"}
	in := start(t, env)
	in.publish(200, 20, 7)
	pages, events := 0, 0
	for round := range 3 {
		for v := range 8 {
			viewer := fmt.Sprintf("v%d", v)
			cursor := ""
			for range 3 {
				p := in.page("for-you", "viewer", viewer, "cursor", cursor, "limit", "10")
				cursor, pages = p.Cursor, pages+1
				in.record(event("like", viewer, p.Items[(v+round)%10].ID), event("skip", viewer, p.Items[9].ID))
				events += 2
			}
		}
		eventually(t, 10*time.Second, "all is learned", func() bool { return int(in.metric("freshet_model_offset")) == events })
	}
	in.page("latest", "viewer", "v1")

	out, err := instances.Run(t, env, "replay", "--since", "1h")
	require.Error(t, err, "the server holds the folder")
	require.Contains(t, out, "another freshet process")
	require.NoError(t, in.Stop())

	same := replays(t, env, "--since", "1h")
	require.Equal(t, same.Config.Current, same.Config.Changed)
	require.Equal(t, pages, same.Pages)
	require.Empty(t, same.Skipped)
	require.GreaterOrEqual(t, same.Events, events*2/3)
	require.Equal(t, alike{pages, 1, 1}, same.Likeness)
	require.GreaterOrEqual(t, same.Fidelity.Identical, pages-2, "%+v", same.Fidelity) // an event may be learned while a page is made
	require.Empty(t, same.Gaining)
	require.Positive(t, same.Propensity.Open, "what was served a moment ago is still open")
	require.False(t, same.Propensity.Enough)
	require.Positive(t, replays(t, env, "--since", "1h", "--window", "1ms").Propensity.Picks)

	changed := filepath.Join(dir, "new.yaml")
	require.NoError(t, os.WriteFile(changed, []byte("data_dir: /nowhere\nfeeds: {for-you: {order: newest, arrange: {author_share: 0.1}}}\n"), 0o600))
	other := replays(t, env, "--since", "1h", "--config", changed)
	require.NotEqual(t, other.Config.Current, other.Config.Changed)
	require.Equal(t, pages, other.Pages)
	require.Equal(t, same.Fidelity, other.Fidelity, "the stores and the configuration in force are what they were")
	require.Less(t, other.Likeness.Overlap, .95)
	require.Less(t, other.Likeness.Identical, pages)
	require.NotEmpty(t, other.Gaining)
	require.Negative(t, other.Losing[0].Places)
	require.NotEmpty(t, other.Sources)
	require.Equal(t, 5, replays(t, env, "--since", "1h", "--limit", "5", "--set", "feeds.for-you.order=newest").Pages)

	text, err := instances.Run(t, env, "replay", "--since", "1h", "--config", changed, "--k", "5")
	require.NoError(t, err, text)
	for _, part := range []string{"overlap", "Kendall's tau", "gaining", "source, of places", "TOO FEW", "today's"} {
		require.Contains(t, text, part)
	}
	t.Log(text)
	for _, c := range []struct{ args, says string }{
		{"--since 1h --feed nowhere", `--feed: the configuration in force has no feed "nowhere"`},
		{"--since 2020-01-01T00:00:00Z --until 2020-01-02T00:00:00Z", `--since: no page of the feed "for-you" was recorded`},
		{"--since 1h --config " + filepath.Join(dir, "none.yaml"), "none.yaml"},
		{"--since 1h --set feeds.for-you.weights.nonsense=1", "nonsense"},
	} {
		out, err := instances.Run(t, env, append([]string{"replay"}, strings.Fields(c.args)...)...)
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, out)
		require.Equal(t, 2, exit.ExitCode(), out)
		require.Contains(t, out, c.says)
	}
}
