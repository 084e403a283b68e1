package redisstore_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
)

func TestNewcomersAreToldOnceAndALostStreamIsTold(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		told := redisstore.NewNewcomers(c)
		at, err := told.Begin(t.Context(), 3)
		require.NoError(t, err)
		require.NoError(t, told.Tell(t.Context(), 3, []string{"a", "b"}))
		require.NoError(t, told.Tell(t.Context(), 4, []string{"of another epoch"}))
		ids, at, known, err := told.Since(t.Context(), 3, at)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, []string{"a", "b"}, ids)
		ids, again, known, err := told.Since(t.Context(), 3, at)
		require.NoError(t, err)
		require.True(t, known)
		require.Empty(t, ids)
		require.Equal(t, at, again)

		_, _, known, err = told.Since(t.Context(), 5, at)
		require.NoError(t, err)
		require.False(t, known, "there is no such stream")
	})
}

func TestAStreamThatBeginsAnewWithTheSameNumbersIsNotTheSame(t *testing.T) {
	opts := embedded(t)
	opts.Prefix = "test:"
	c, err := redisstore.Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	raw := redis.NewClient(&redis.Options{Addr: opts.Addrs[0], Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	told := redisstore.NewNewcomers(c)
	at, err := told.Begin(t.Context(), 1)
	require.NoError(t, err)
	id, _, _ := strings.Cut(at, " ")
	require.NoError(t, raw.Del(t.Context(), "test:newcomers:1").Err())
	require.NoError(t, raw.XAdd(t.Context(), &redis.XAddArgs{Stream: "test:newcomers:1", ID: id, Values: []any{"i", "x", "t", "other"}}).Err())
	_, _, known, err := told.Since(t.Context(), 1, at)
	require.NoError(t, err)
	require.False(t, known)
}
