package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/test/servers"
)

func kafka(t *testing.T) (*kfake.Cluster, string) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, "FRESHET_EVENT_LOG_KAFKA_BROKERS=" + strings.Join(c.ListenAddrs(), ",")
}

// kafkaOf searches every record that the topic still gives to anybody.
func kafkaOf(t *testing.T, c *kfake.Cluster) func(*testing.T, string) []string {
	const topic = "freshet-events"
	return func(t *testing.T, text string) (found []string) {
		t.Helper()
		client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(topic))
		require.NoError(t, err)
		defer client.Close()
		admin := kadm.NewClient(client)
		low, err := admin.ListStartOffsets(t.Context(), topic)
		require.NoError(t, err)
		end, err := admin.ListEndOffsets(t.Context(), topic)
		require.NoError(t, err)
		from, _ := low.Lookup(topic, 0)
		to, _ := end.Lookup(topic, 0)
		for at := from.Offset; at < to.Offset; {
			fetched := client.PollFetches(t.Context())
			require.NoError(t, fetched.Err())
			fetched.EachRecord(func(r *kgo.Record) {
				at = r.Offset + 1
				if strings.Contains(string(r.Value)+string(r.Key), text) {
					found = append(found, fmt.Sprint("record ", r.Offset))
				}
			})
		}
		return found
	}
}

// TestErasedMeansErasedWithKafka is P11 where events come through a topic.
func TestErasedMeansErasedWithKafka(t *testing.T) {
	redis, dsn := servers.StartRedis(t), servers.MySQLDatabase(t)
	broker, brokers := kafka(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_DATA_DIR=" + t.TempDir(), brokers}
	erasedMeansErased(t, []*instance{start(t, env), start(t, env)}, stores{
		"sql":   mysqlOf(t, dsn),
		"redis": redisOf(t, redis.Addr(), ""),
		"kafka": kafkaOf(t, broker),
	})
}

func TestEventsAreTakenInWhileTheDatabaseIsAway(t *testing.T) {
	redis, db := servers.StartRedis(t), servers.StartMySQL(t)
	server, err := sql.Open("mysql", db.DSN(""))
	require.NoError(t, err)
	_, err = server.Exec("CREATE DATABASE freshet")
	require.NoError(t, err)
	require.NoError(t, server.Close())
	dsn := db.DSN("freshet")
	_, brokers := kafka(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, brokers}
	fleet := []*instance{
		start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)), start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)),
	}
	fleet[0].publish(60, 10, 6)
	eventually(t, 10*time.Second, "all serve the catalogue", func() bool { return len(fleet[1].page("latest", "viewer", "v").Items) == 20 })
	fleet[0].record(event("open", "v", "i59")) // Redis knows the viewer
	fleet[1].page("for-you", "viewer", "v")

	db.Kill()
	const each = 40
	var sending sync.WaitGroup
	for who, in := range fleet {
		sending.Go(func() {
			for n := range each {
				in.record(event("like", fmt.Sprint("fan-", who, "-", n), "i7"))
			}
		})
	}
	sending.Wait()
	like := event("like", "v", "i3")
	fleet[0].record(like)
	p := fleet[1].page("for-you", "viewer", "v", "limit", "20")
	require.Equal(t, "full", p.Rung)
	require.NotContains(t, p.ids(), "i3", "the next page knows, on any instance")
	text := fleet[1].must(http.MethodPost, "/v1/events", []any{like})
	require.Contains(t, text, `"duplicate":1`, "the other instance knows")

	db.Restart()
	shown := func(in *instance) int64 {
		status, text, err := in.call(http.MethodGet, "/v1/items/i7", nil)
		var item struct{ Counts struct{ Likes int64 } }
		if err != nil || status != http.StatusOK || json.Unmarshal([]byte(text), &item) != nil {
			return -1
		}
		return item.Counts.Likes
	}
	for _, in := range fleet {
		eventually(t, 60*time.Second, "all that was taken in is counted", func() bool { return shown(in) == 2*each })
	}
	require.Eventually(t, func() bool { return fleet[0].metric("freshet_copy_lag_events") == 0 }, 10*time.Second, 20*time.Millisecond)
	fleet[0].Kill()
	fleet[1].record(event("like", "last", "i7"))
	eventually(t, 20*time.Second, "the one that is left copies", func() bool { return shown(fleet[1]) == 2*each+1 })
}
