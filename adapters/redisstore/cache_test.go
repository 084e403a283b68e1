package redisstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
)

func TestCopiesOfOneEpochAreNotThereForAnother(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		cache := redisstore.NewCache(connect(t, opts), "i", time.Minute)
		written := func(tag uint64, text string) map[string]redisstore.Copy {
			return map[string]redisstore.Copy{"x": {Tag: tag, Contents: text}}
		}
		look := func(epoch uint64, have *uint64) (redisstore.Found, string) {
			found, held, err := cache.Lookup(t.Context(), epoch, "x", have, redisstore.NewToken())
			require.NoError(t, err)
			return found, held.Contents
		}
		require.NoError(t, cache.Store(t.Context(), 7, written(3, "a b\x00\n"), false))
		found, text := look(7, nil)
		require.Equal(t, redisstore.Held, found)
		require.Equal(t, "a b\x00\n", text)
		same, other := uint64(3), uint64(2)
		found, _ = look(7, &same)
		require.Equal(t, redisstore.Same, found)
		found, text = look(7, &other)
		require.Equal(t, redisstore.Held, found)
		require.Equal(t, "a b\x00\n", text)

		require.NoError(t, cache.Store(t.Context(), 7, written(2, "older"), false))
		require.NoError(t, cache.Store(t.Context(), 6, written(9, "of an epoch before"), false))
		_, text = look(7, nil)
		require.Equal(t, "a b\x00\n", text)

		found, _ = look(8, &same)
		require.Equal(t, redisstore.Yours, found)
		found, _ = look(8, nil)
		require.Equal(t, redisstore.Taken, found)
		require.NoError(t, cache.Store(t.Context(), 8, written(4, "new"), true))
		found, _ = look(8, nil)
		require.Equal(t, redisstore.Yours, found, "there was nothing to replace, and the lease has ended")
	})
}

func TestAFillCountsUnderItsLeaseAlone(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		cache := redisstore.NewCache(connect(t, opts), "v", time.Minute)
		read := redisstore.Copy{Tag: 1, Contents: "read"}
		fill := func(token string) bool {
			kept, err := cache.Fill(t.Context(), 1, "x", token, read, time.Minute)
			require.NoError(t, err)
			return kept
		}
		lease := func(token string) {
			found, _, err := cache.Lookup(t.Context(), 1, "x", nil, token)
			require.NoError(t, err)
			require.Equal(t, redisstore.Yours, found)
		}
		require.False(t, fill("nobody's"))
		lease("mine")
		require.False(t, fill("another's"))
		dropped, err := cache.Drop(t.Context(), "x")
		require.NoError(t, err)
		require.Zero(t, dropped)
		require.False(t, fill("mine"), "something was written since")
		lease("mine")
		require.NoError(t, cache.Release(t.Context(), "x", "mine"))
		lease("another's")
		require.True(t, fill("another's"))
		require.False(t, fill("another's"), "once")
		dropped, err = cache.Drop(t.Context(), "x", "y")
		require.NoError(t, err)
		require.EqualValues(t, 1, dropped)
	})
}
