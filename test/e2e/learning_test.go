package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet/freshet/test/servers"
	"github.com/stretchr/testify/require"
)

// metrics reads all samples of one name from the admin plane, by their labels as they are written.
func (in *instance) metrics(name string) map[string]float64 {
	in.t.Helper()
	res, err := client.Get("http://" + in.Admin + "/metrics")
	require.NoError(in.t, err)
	samples := map[string]float64{}
	for _, line := range strings.Split(body(in.t, res), "\n") {
		if rest, ok := strings.CutPrefix(line, name); ok && (rest[0] == '{' || rest[0] == ' ') {
			labels, value, _ := strings.Cut(rest, " ")
			v, err := strconv.ParseFloat(value, 64)
			require.NoError(in.t, err)
			samples[labels] = v
		}
	}
	return samples
}

const stepsOfForYou = `{feed="for-you"}`

func (in *instance) steps() int {
	in.t.Helper()
	return int(in.metrics("freshet_blend_steps")[stepsOfForYou])
}

// weightsShown are the weights that explain=debug shows on a page, by feature.
func (in *instance) weightsShown(viewer string) map[string]float64 {
	in.t.Helper()
	var page struct {
		Items []struct {
			Terms []struct {
				Feature string  `json:"feature"`
				Weight  float64 `json:"weight"`
			} `json:"terms"`
		} `json:"items"`
	}
	text := in.must(http.MethodGet, "/v1/feeds/for-you?explain=debug&viewer="+viewer, nil)
	require.NoError(in.t, json.Unmarshal([]byte(text), &page))
	shown := map[string]float64{}
	for _, item := range page.Items {
		for _, term := range item.Terms {
			shown[term.Feature] = term.Weight
		}
	}
	return shown
}

// likeInOrder lets viewers like items one after the other, each the next one's neighbour: what they choose can be foretold.
func (in *instance) likeInOrder(viewers, from, to int) {
	in.t.Helper()
	var events []map[string]any
	for item := from; item < to; item++ {
		for v := range viewers {
			events = append(events, event("like", fmt.Sprint("crowd-", v), fmt.Sprint("i", item)))
		}
	}
	in.record(events...)
}

// TestWeightsAreLearnedFromChoices follows one choice to the weights of the next page, and the weights through
// a restart and a crash.
func TestWeightsAreLearnedFromChoices(t *testing.T) {
	dir := t.TempDir()
	learnsFromChoices(t, []*instance{start(t, []string{"FRESHET_DATA_DIR=" + dir})})
}

// TestEveryInstanceLearnsTheSameWeights is the same on two instances.
func TestEveryInstanceLearnsTheSameWeights(t *testing.T) {
	env := []string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t)}
	learnsFromChoices(t, []*instance{
		start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)), start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)),
	})
}

func learnsFromChoices(t *testing.T, fleet []*instance) {
	in := fleet[0]
	in.publish(200, 20, 10)
	for _, other := range fleet[1:] {
		eventually(t, 10*time.Second, "all serve the catalogue", func() bool { return len(other.page("latest", "viewer", "probe", "limit", "100").Items) == 100 })
	}
	configured := in.metrics("freshet_blend_weight")
	require.Contains(t, configured, `{feature="popular_hour",feed="for-you",likes="0-2"}`)
	require.Zero(t, in.steps())
	in.likeInOrder(6, 0, 60)
	learned := func(steps int) func() bool {
		return func() bool {
			for _, in := range fleet {
				if in.steps() < steps {
					return false
				}
			}
			return true
		}
	}
	eventually(t, 20*time.Second, "choices are learned from", learned(50))
	settled(t, fleet)
	time.Sleep(1100 * time.Millisecond) // so many choices are studied in one second, and no more

	before := in.metrics("freshet_blend_weight")
	require.NotEqual(t, configured, before)
	began, steps := time.Now(), in.steps()
	in.record(event("like", "somebody-new", "i1"))
	eventually(t, 10*time.Second, "the next choice counts", learned(steps+1))
	t.Logf("from a choice to the weights it changed: %s", time.Since(began).Round(time.Millisecond))
	now := in.metrics("freshet_blend_weight")
	require.NotEqual(t, before, now)

	agree := func(what string) {
		t.Helper()
		for _, in := range fleet {
			got := in.metrics("freshet_blend_weight")
			for name, w := range now {
				require.InDelta(t, w, got[name], 1e-9, "%s: %s", what, name)
			}
			shown := in.weightsShown("crowd-1")
			require.NotEmpty(t, shown)
			compared := 0
			for feature, w := range shown {
				if learned, is := now[fmt.Sprintf(`{feature=%q,feed="for-you",likes="40+"}`, feature)]; is {
					require.InDelta(t, learned, w, 1e-5, "%s: %s on a page", what, feature)
					compared++
				}
			}
			require.Greater(t, compared, 3, "%v", shown)
		}
	}
	agree("as they were learned")

	last := fleet[len(fleet)-1]
	require.NoError(t, last.Stop())
	last.Launch()
	last.AwaitReady()
	require.Equal(t, in.metrics("freshet_model_offset"), last.metrics("freshet_model_offset"))
	agree("after a restart")
	last.Restart()
	agree("after kill -9")
}

// settled waits until every instance has learned all there is.
func settled(t *testing.T, fleet []*instance) {
	t.Helper()
	eventually(t, 20*time.Second, "all is learned", func() bool {
		n := 0.0
		for i, in := range fleet {
			at := in.metrics("freshet_model_offset")[""]
			if i > 0 && at != n {
				return false
			}
			n = at
		}
		return n >= 360
	})
}
