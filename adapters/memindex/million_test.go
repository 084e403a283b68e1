package memindex_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/engagement"
)

// TestAMillionEventsReplayedAreTheSameEventsLive compares, to the last bit, what one instance learned as events came in, a few
// at a time, with what another made of the whole log, of which it had learned a part before it was stopped.
func TestAMillionEventsReplayedAreTheSameEventsLive(t *testing.T) {
	const events, items = many, 20_000
	x, log := plain(items), crowd(events, 50_000, items)
	dice := rand.New(rand.NewPCG(5, 6))

	live := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	for from := 0; from < events; {
		to := min(events, from+1+dice.IntN(300))
		live.Learn(log[from:to])
		from = to
	}
	stopped := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	stopped.Learn(log[:events*3/10])
	replayed := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	require.NoError(t, replayed.Restore(bytes.NewReader(saved(t, stopped))))
	replayed.Learn(log)
	require.Equal(t, live.Model(), replayed.Model())
	require.True(t, bytes.Equal(saved(t, live), saved(t, replayed)), "what they know differs")
}
