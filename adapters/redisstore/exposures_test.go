package redisstore_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/feed"
)

// asked counts commands by name.
type asked struct {
	mu sync.Mutex
	n  map[string]int
}

func (h *asked) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *asked) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h *asked) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.mu.Lock()
		for _, c := range cmds {
			h.n[c.Name()]++
		}
		h.mu.Unlock()
		return next(ctx, cmds)
	}
}

func (h *asked) since() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.n
	h.n = map[string]int{}
	return n
}

func TestADrainLooksOnlyForWhatThereMayBe(t *testing.T) {
	c := connect(t, embedded(t))
	sessions, e, h := redisstore.NewSessions(c), redisstore.NewExposures(c), &asked{n: map[string]int{}}
	c.Hook(h)
	drain := func(err error) (n int) {
		_, got := e.Drain(t.Context(), "one", 10, time.Hour, func(x []feed.Exposure) error { n = len(x); return err })
		require.ErrorIs(t, got, err)
		return n
	}
	page := func(number int) { nextPage(t, sessions, aVisit("v"), number) }
	page(1)
	require.Equal(t, 1, drain(nil)) // which founds the group
	h.since()

	page(2)
	require.Equal(t, 1, drain(nil))
	n := h.since()
	require.Equal(t, 1, n["xreadgroup"], "what is new, since all was kept")
	require.Zero(t, n["xautoclaim"], "an hour is long")

	page(3)
	broken := errors.New("the archive is broken")
	require.Equal(t, 1, drain(broken))
	h.since()
	require.Equal(t, 1, drain(nil), "it comes again at once")
	require.Equal(t, 2, h.since()["xreadgroup"])
	page(4)
	require.Equal(t, 1, drain(nil))
	require.Equal(t, 1, h.since()["xreadgroup"])
}

func TestWhatADrainLeavesIsFoundThoughAnotherEndedWellMeanwhile(t *testing.T) {
	c := connect(t, embedded(t))
	sessions, e := redisstore.NewSessions(c), redisstore.NewExposures(c)
	broken := errors.New("the archive is broken")
	nextPage(t, sessions, aVisit("v"), 1)
	_, err := e.Drain(t.Context(), "one", 10, time.Hour, func([]feed.Exposure) error { return nil })
	require.NoError(t, err)
	nextPage(t, sessions, aVisit("v"), 2)
	_, err = e.Drain(t.Context(), "one", 10, time.Hour, func([]feed.Exposure) error {
		_, err := e.Drain(t.Context(), "one", 10, time.Hour, func([]feed.Exposure) error { return broken })
		require.ErrorIs(t, err, broken) // which had it again: it was not kept yet
		return broken
	})
	require.ErrorIs(t, err, broken)
	n, err := e.Drain(t.Context(), "one", 10, time.Hour, func([]feed.Exposure) error { return nil })
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
