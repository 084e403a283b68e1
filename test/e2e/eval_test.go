package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

// measured is what eval prints, as far as tests look at it.
type measured struct {
	Protocol, Config        string
	HR, NDCG, Coverage      float64
	Viewers, Tested, Unseen int
	Seconds                 float64
	Baselines               map[string]struct{ HR float64 }
	Candidates              struct{ Recall float64 }
	Weights                 map[string]float64
}

// evaluated runs eval and returns what it printed, and the figures in it.
func evaluated(t *testing.T, env []string, args ...string) (string, measured) {
	t.Helper()
	path := instances.Binary(t)
	cmd := exec.Command(path, append([]string{"eval", "--json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	require.NoError(t, err, said.String())
	var m measured
	require.NoError(t, json.Unmarshal(out, &m), string(out))
	return string(out), m
}

func TestEvalMeasuresWhatIsConfigured(t *testing.T) {
	dir := t.TempDir()
	var items, events strings.Builder
	for i := range 40 {
		fmt.Fprintf(&items, `{"id":"i%d","author":"a%d","tags":["t%d"],"published_at":"2026-01-01T00:00:00Z"}`+"\n", i, i%10, i%4)
	}
	for v := range 60 {
		for k := range 8 { // everybody goes on from where they begin
			fmt.Fprintf(&events, `{"event_id":"e%d-%d","type":"like","viewer":"v%d","item":"i%d","at":"2026-01-02T%02d:%02d:%02dZ"}`+"\n", v, k, v, (v*7+k)%40, v/4, v%60, k)
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "items.jsonl"), []byte(items.String()), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(events.String()), 0o600))
	data := filepath.Join(dir, "data")
	env := []string{"FRESHET_DATA_DIR=" + data}

	for _, protocol := range []string{"loo", "prequential"} {
		_, m := evaluated(t, env, "--data", dir, "--protocol", protocol)
		require.Equal(t, protocol, m.Protocol)
		require.Equal(t, 60, m.Viewers)
		require.Greater(t, m.HR, m.Baselines["popular"].HR)
		require.NotEmpty(t, m.Weights)
		_, again := evaluated(t, env, "--data", dir, "--protocol", protocol)
		require.Equal(t, m.HR, again.HR)
		require.Equal(t, m.Weights, again.Weights)

		_, latest := evaluated(t, env, "--data", dir, "--protocol", protocol, "--feed", "latest", "--set", "feeds.latest.weights.steered=3")
		require.NotEqual(t, m.Config, latest.Config)
		require.Less(t, latest.HR, m.HR, "another feed")
		require.Empty(t, latest.Weights, "nothing is learned for it")
	}
	_, err := os.Stat(data)
	require.ErrorIs(t, err, os.ErrNotExist, "no store was opened")
}

// TestEvalOnRealData looks at the beginning of real recordings: the feed does better there than simple methods.
func TestEvalOnRealData(t *testing.T) {
	for name, limit := range map[string]string{"ml100k": "6000", "shortvideo": "4000"} {
		t.Run(name, func(t *testing.T) {
			items, _ := dataset(t, name)
			out, m := evaluated(t, nil, "--data", filepath.Dir(items), "--limit-events", limit, "--html", filepath.Join(t.TempDir(), "r.html"))
			t.Logf("HR %.4f NDCG %.4f of %d", m.HR, m.NDCG, m.Tested)
			require.Greater(t, m.Tested, 3000)
			for baseline, b := range m.Baselines {
				require.Greater(t, m.HR, .9*b.HR, baseline)
			}
			require.Contains(t, out, `"deciles"`)
		})
	}
}
