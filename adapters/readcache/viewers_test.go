package readcache_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func TestWhatAViewerDecidedAnywhereIsAnswered(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		for i := range 20 {
			a.follow("v", catalog.AuthorID(fmt.Sprint("a", i)))
			require.Equal(t, i+1, b.follows("v"))
			stale()
			require.Equal(t, i+1, b.follows("v"))
		}
		require.EqualValues(t, 20, b.decided.finds.Load())
		require.EqualValues(t, 20, b.viewers.Stats().Local.Hits)
	})
}

func TestWhoReadAViewerBeforeADecisionLeavesNothingOldBehind(t *testing.T) {
	for name, decide := range map[string]func(other *instance){
		"a decision": func(other *instance) { other.follow("v", "a2") },
		"a change in SQL that is noticed": func(other *instance) {
			require.NoError(other.t, other.decided.Update(ctx, "v", func(v *audience.Viewer) error { return v.Follow("a2", time.Now()) }))
			require.NoError(other.t, other.viewers.Remembering(redisstore.NewRemembrance(other.redis)).Forget(ctx, "v"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
				a, b := pair(t, open(t))
				a.follow("v", "a1")
				read, goOn := make(chan struct{}), make(chan struct{})
				var once sync.Once
				a.decided.slow = func() { once.Do(func() { close(read); <-goOn }) }
				var reading sync.WaitGroup
				reading.Go(func() { require.Equal(t, 1, a.follows("v"), "it asked before") })
				<-read
				decide(b)
				close(goOn)
				reading.Wait()
				for range 2 {
					require.Equal(t, 2, a.follows("v"))
					require.Equal(t, 2, b.follows("v"))
					stale()
				}
			})
		})
	}
}

// mentions lists what in Redis names the viewer.
func (s *stores) mentions(t *testing.T, v audience.ViewerID) (keys []string) {
	t.Helper()
	raw := redis.NewClient(&redis.Options{Addr: s.redis.Addrs[0], Protocol: 2, DisableIdentity: true})
	defer func() { require.NoError(t, raw.Close()) }()
	all, err := raw.Keys(ctx, s.redis.Prefix+"*").Result()
	require.NoError(t, err)
	for _, key := range all {
		if strings.Contains(key, string(v)) {
			keys = append(keys, key)
		}
	}
	return keys
}

// erase removes the viewer as an erasure does: from SQL, from copies, and on other instances by a notice.
func erase(t *testing.T, v audience.ViewerID, here *instance, others ...*instance) {
	t.Helper()
	for range 2 {
		_, err := mysqlstore.NewDossier(here.db).Erase(ctx, v)
		require.NoError(t, err)
		_, err = here.viewers.Erase(ctx, v)
		require.NoError(t, err)
	}
	for _, o := range others {
		_, err := o.viewers.Process().Erase(ctx, v)
		require.NoError(t, err)
	}
}

func TestAnErasureLeavesNoCopy(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		s := open(t)
		a, b := pair(t, s)
		a.follow("goes", "a1")
		a.follow("stays", "a1")
		for _, in := range []*instance{a, b} {
			require.Equal(t, 1, in.follows("goes"))
			require.Equal(t, 1, in.follows("stays"))
		}
		require.NotEmpty(t, s.mentions(t, "goes"))
		require.Equal(t, 2, b.viewers.Stats().Entries)
		erase(t, "goes", a, b)
		require.Empty(t, s.mentions(t, "goes"))
		require.NotEmpty(t, s.mentions(t, "stays"))
		require.Equal(t, 1, a.viewers.Stats().Entries)
		require.Equal(t, 1, b.viewers.Stats().Entries)
		for range 2 {
			require.Zero(t, b.follows("goes"))
			require.Zero(t, a.follows("goes"))
		}
		require.Empty(t, s.mentions(t, "goes"), "nobody is copied who decided nothing")
		require.Equal(t, 1, b.viewers.Stats().Entries)
		b.follow("goes", "a2")
		require.Equal(t, 1, a.follows("goes"), "and they may come again")
	})
}

func TestWhoReadsAViewerDuringTheErasureKeepsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		s := open(t)
		a, b := pair(t, s)
		a.follow("goes", "a1")
		read, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		b.decided.slow = func() { once.Do(func() { close(read); <-goOn }) }
		var reading sync.WaitGroup
		reading.Go(func() { require.Equal(t, 1, b.follows("goes"), "it asked before") })
		<-read
		erase(t, "goes", a, b)
		close(goOn)
		reading.Wait()
		require.Empty(t, s.mentions(t, "goes"))
		require.Zero(t, b.viewers.Stats().Entries)
		require.Zero(t, b.follows("goes"))
	})
}

func TestAnErasureReachesCopiesOfAnEpochThatHasEnded(t *testing.T) {
	s := embedded(t)
	a, b := pair(t, s)
	a.follow("goes", "a1")
	require.Equal(t, 1, b.follows("goes"))
	cut := *s
	cut.redis.Addrs = []string{"127.0.0.1:1"}
	cut.instance(t).put("x", "one") // which closes the epoch
	_, err := a.guard.Renew(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, s.mentions(t, "goes"))
	erase(t, "goes", a, b)
	require.Empty(t, s.mentions(t, "goes"))
}
