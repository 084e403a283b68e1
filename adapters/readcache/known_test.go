package readcache_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

// loses removes everything in Redis whose key begins so, as a Redis that needs room does.
func (s *stores) loses(t *testing.T, kind string) (keys int) {
	t.Helper()
	raw := redis.NewClient(&redis.Options{Addr: s.redis.Addrs[0], Protocol: 2, DisableIdentity: true})
	defer func() { require.NoError(t, raw.Close()) }()
	all, err := raw.Keys(ctx, s.redis.Prefix+kind+"*").Result()
	require.NoError(t, err)
	for _, key := range all {
		require.NoError(t, raw.Del(ctx, key).Err())
	}
	return len(all)
}

func TestTheFilterDeniesNothingThatIsThere(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		s := open(t)
		writers := []*instance{s.ready(t), s.ready(t)}
		readers := []*instance{s.ready(t), s.ready(t)}
		end := make(chan struct{})
		var rebuilding, writing sync.WaitGroup
		rebuilding.Go(func() {
			for {
				select {
				case <-end:
					return
				case <-time.After(5 * time.Millisecond):
				}
				s.loses(t, "newcomers")
				for _, r := range readers {
					_, err := r.known.Build(ctx)
					require.NoError(t, err)
				}
			}
		})
		const each = 150
		for w, writer := range writers {
			writing.Go(func() {
				for i := range each {
					id := catalog.ItemID(fmt.Sprint(w, "-", i))
					for _, r := range readers {
						require.Equal(t, none, r.title(id))
					}
					writer.put(id, "there")
					for _, r := range readers {
						require.Equal(t, "there", r.title(id))
					}
				}
			})
		}
		writing.Wait()
		close(end)
		rebuilding.Wait()
		for _, r := range readers {
			r.warm()
			require.Greater(t, r.known.Stats().Built, int64(1))
			require.Positive(t, r.items.Stats().Filter.Hits)
			require.GreaterOrEqual(t, r.known.Stats().IDs, uint(2*each*9/10))
		}
	})
}

func TestTheFilterAsksNothingOfTheSourceAboutStrangers(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a := open(t).ready(t)
		for i := range 2000 {
			require.Equal(t, none, a.title(catalog.ItemID(fmt.Sprint("stranger", i))))
		}
		require.Less(t, a.source.finds.Load(), int64(60), "one in a hundred is taken for known")
	})
}

func TestAFilterThatMissedSomethingSaysNothing(t *testing.T) {
	s := embedded(t)
	a, b := pair(t, s)
	stale()
	require.Positive(t, s.loses(t, "newcomers"))
	a.put("x", "one") // told in a stream that begins anew
	require.Equal(t, "one", b.title("x"))
	require.Equal(t, none, b.title("y"))
	require.EqualValues(t, 1, b.source.finds.Load())
	_, err := b.known.Build(ctx)
	require.NoError(t, err)
	require.Equal(t, none, b.title("z"))
	require.EqualValues(t, 1, b.source.finds.Load())
}
