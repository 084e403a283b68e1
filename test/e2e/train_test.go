package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// metric reads a value that has no labels from the plane of operators.
func (in *instance) metric(name string) float64 {
	in.t.Helper()
	res, err := http.Get("http://" + in.Admin + "/metrics")
	require.NoError(in.t, err)
	for _, line := range strings.Split(body(in.t, res), "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			require.NoError(in.t, err)
			return v
		}
	}
	in.t.Fatalf("no metric %s", name)
	return 0
}

// tastes writes a small data set: two groups of viewers, each fond of its own forty items.
func tastes(t *testing.T) (items, events string) {
	t.Helper()
	dir := t.TempDir()
	items, events = filepath.Join(dir, "items.jsonl"), filepath.Join(dir, "events.jsonl")
	var i, e strings.Builder
	begin := time.Now().Add(-24 * time.Hour)
	for n := range 80 {
		fmt.Fprintf(&i, `{"id":"g%d-%d","author":"a%d","title":"item %d","published_at":%q}`+"\n", n%2, n/2, n%11, n, begin.UTC().Format(time.RFC3339))
	}
	at := begin
	for v := range 60 {
		for k := range 20 {
			at = at.Add(time.Second)
			fmt.Fprintf(&e, `{"event_id":"t%d-%d","type":"like","viewer":"v%d","item":"g%d-%d","at":%q}`+"\n", v, k, v, v%2, (7*k+v)%40, at.UTC().Format(time.RFC3339))
		}
	}
	require.NoError(t, os.WriteFile(items, []byte(i.String()), 0o600))
	require.NoError(t, os.WriteFile(events, []byte(e.String()), 0o600))
	return items, events
}

type trained struct {
	Version int     `json:"version"`
	Active  bool    `json:"active"`
	Events  int     `json:"events"`
	Viewers int     `json:"viewers"`
	Items   int     `json:"items"`
	HR      float64 `json:"hr_at_10"`
}

func trainWith(t *testing.T, env []string, args ...string) (m trained) {
	t.Helper()
	out, err := instances.Run(t, append(env, "FRESHET_LOG_LEVEL=error"), append([]string{"train", "--json"}, args...)...)
	require.NoError(t, err, out)
	require.NoError(t, json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &m), out)
	return m
}

func TestInstancesTakeUpATrainedModelWithoutARestart(t *testing.T) {
	env := []string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t)}
	items, events := tastes(t)
	out, err := instances.Run(t, env, "import", "--items", items, "--events", events)
	require.NoError(t, err, out)
	one, two := start(t, env), start(t, env)
	inForce := func(version int) {
		t.Helper()
		for _, in := range []*instance{one, two} {
			eventually(t, 15*time.Second, fmt.Sprintf("version %d is in force", version), func() bool {
				return in.metric("freshet_trained_version") == float64(version)
			})
		}
	}
	inForce(0)

	m := trainWith(t, env)
	require.True(t, m.Active)
	require.Equal(t, 1200, m.Events)
	require.Equal(t, 60, m.Viewers)
	require.Equal(t, 80, m.Items)
	require.Greater(t, m.HR, 0.2, "by chance it would be .16")
	inForce(m.Version)
	require.EqualValues(t, 80, one.metric("freshet_trained_items"))
	require.EqualValues(t, 1200, two.metric("freshet_trained_offset"))
	p := one.page("for-you", "viewer", "v1")
	require.Equal(t, "full", p.Rung)
	require.NotEmpty(t, p.Items)

	next := trainWith(t, env)
	require.Greater(t, next.Version, m.Version)
	inForce(next.Version)
	require.Equal(t, m.Version, trainWith(t, env, "--activate", strconv.Itoa(m.Version)).Version)
	inForce(m.Version)
	trainWith(t, env, "--activate", "0")
	inForce(0)
	require.NotEmpty(t, one.page("for-you", "viewer", "v2").Items, "pages come without a model too")
	require.Zero(t, one.metric("freshet_trained_unreadable"))
}

func TestTheEmbeddedServiceTrainsByItself(t *testing.T) {
	env := []string{"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_TRAINING_EVERY=1s", "FRESHET_TRAINING_LEAST_EVENTS=1"}
	items, events := tastes(t)
	out, err := instances.Run(t, env, "import", "--items", items, "--events", events)
	require.NoError(t, err, out)
	first := trainWith(t, env)
	in := start(t, env)
	require.EqualValues(t, first.Version, in.metric("freshet_trained_version"), "as soon as it is ready")

	out, err = instances.Run(t, env, "train")
	require.Error(t, err)
	require.Contains(t, out, "another freshet process")

	in.record(event("like", "v1", "g1-3"))
	eventually(t, 15*time.Second, "it trained again", func() bool { return in.metric("freshet_trained_version") > float64(first.Version) })
	require.EqualValues(t, 1201, in.metric("freshet_trained_offset"))

	require.NoError(t, in.Stop())
	require.Equal(t, first.Version, trainWith(t, env, "--activate", strconv.Itoa(first.Version)).Version)
	in.Launch()
	in.AwaitReady()
	require.EqualValues(t, first.Version, in.metric("freshet_trained_version"))
	require.NoError(t, in.Stop())
}
