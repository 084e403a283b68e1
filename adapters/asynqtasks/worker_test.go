package asynqtasks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHowLongARetryWaits(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		chance float64
		want   time.Duration
	}{
		{"half of it at least", 0, 0, 2500 * time.Millisecond},
		{"all of it at most", 0, 1, 5 * time.Second},
		{"four times as long after the second failure", 1, 1, 20 * time.Second},
		{"sixteen times after the third", 2, 1, 80 * time.Second},
		{"no longer than after the last, whatever asynq counts", 60, 1, 320 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, backoff(5*time.Second, c.n, c.chance)) })
	}
}

func TestLatenciesAreCountedUpToTheirBounds(t *testing.T) {
	var l latency
	for _, d := range []time.Duration{-time.Second, 50 * time.Millisecond, 50*time.Millisecond + 1, time.Hour} {
		l.observe(d)
	}
	all, sum, atMost := l.read()
	require.Equal(t, uint64(4), all)
	require.Equal(t, time.Hour+100*time.Millisecond+1, sum)
	require.Equal(t, uint64(2), atMost[0.05])
	require.Equal(t, uint64(3), atMost[0.1])
	require.Equal(t, uint64(3), atMost[300])
}
