package redisstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/servers"
)

var _ diagnosing.FastStore = (*redisstore.Condition)(nil)

func TestAConditionIsReadOfEveryMaster(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (opts redisstore.Options, masters int){
		"redis": func(t *testing.T) (redisstore.Options, int) {
			return patient(redisstore.Options{Addrs: servers.RedisAddrs(t)}), 1
		},
		"cluster": func(t *testing.T) (redisstore.Options, int) {
			return patient(redisstore.Options{Addrs: servers.RedisClusterAddrs(t), Cluster: true}), 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			opts, masters := open(t)
			c := connect(t, opts)
			s := redisstore.NewCondition(c)
			nodes, err := s.Nodes(t.Context())
			require.NoError(t, err)
			require.Len(t, nodes, masters)
			for _, n := range nodes {
				require.Positive(t, n.Used)
				require.Equal(t, "noeviction", n.Policy)
				require.True(t, n.Append)
			}
			all, err := s.Streams(t.Context())
			require.NoError(t, err)
			require.Empty(t, all)

			session := feed.Begin(feed.Visit{ID: "s", Viewer: "v", StartedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
			_, err = session.Serve(1, feed.Page{Want: 1, Items: []feed.Placement{{Item: "i", Number: 1}}}, time.Now())
			require.NoError(t, err)
			require.NoError(t, redisstore.NewSessions(c).Commit(t.Context(), session))
			all, err = s.Streams(t.Context())
			require.NoError(t, err)
			require.Len(t, all, 1)
			require.EqualValues(t, 1, all[0].Length)
			require.False(t, all[0].Grouped || all[0].Beyond)
			require.WithinDuration(t, all[0].Now, all[0].Oldest, 10*time.Second)

			taken := redisstore.NewExposures(c)
			_, err = taken.Drain(t.Context(), "c", 10, time.Minute, func([]feed.Exposure) error { return feed.ErrExpired })
			require.ErrorIs(t, err, feed.ErrExpired)
			all, err = s.Streams(t.Context())
			require.NoError(t, err)
			require.True(t, all[0].Grouped)
			require.EqualValues(t, 1, all[0].Pending)
			require.Equal(t, all[0].Newest, all[0].Delivered)
		})
	}
}
