package fault

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// How often a run kills, for each way that changes of items take, and what it draws from.
const (
	envKills = "FRESHET_TEST_KILLS"
	envSeed  = "FRESHET_TEST_SEED"
	kills    = 32
)

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return n
}

// TestNothingAcknowledgedIsLostWhileAllOfItIsKilled is P1, P2, P9, P10 and P12 while the instances, Redis and the database are killed with
// kill -9, again and again, one or several at a time.
func TestNothingAcknowledgedIsLostWhileAllOfItIsKilled(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load and the same kills", envSeed, seed, envKills, n)
	for i, way := range []struct{ source, fsync string }{
		{"outbox", "no"},       // Redis loses nothing by a kill
		{"binlog", "everysec"}, // as deploy/compose.yaml has it
	} {
		t.Run(way.source, func(t *testing.T) {
			t.Parallel() // much of it waits
			f := newFleet(t, way.source, way.fsync)
			f.endure(rand.New(rand.NewPCG(seed, uint64(i))), func(rnd *rand.Rand) { f.kill(plan(rnd, n/2)) })
		})
	}
}
