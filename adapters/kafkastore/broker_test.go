package kafkastore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// broker is one in this process, with nothing in it.
func broker(t testing.TB) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// open opens a log on the broker until the test ends.
func open(t testing.TB, c *kfake.Cluster, change ...func(*kafkastore.Options)) *kafkastore.Log {
	t.Helper()
	o := kafkastore.Options{Brokers: c.ListenAddrs(), Patience: 20 * time.Second}
	for _, do := range change {
		do(&o)
	}
	l, err := kafkastore.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l
}

// plain talks to the broker past the adapter.
func plain(t testing.TB, c *kfake.Cluster, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("freshet-events")}, more...)...)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func like(id string) engagement.Event { return did("v", id) }

func did(viewer, id string) engagement.Event {
	return engagement.Event{ID: engagement.EventID(id), Viewer: audience.ViewerID(viewer), Act: audience.Like, Item: catalog.ItemID("i-" + id), At: noon}
}

func likes(from, to int) (events []engagement.Event) {
	for n := from; n < to; n++ {
		events = append(events, like(fmt.Sprint(n)))
	}
	return events
}

func ids(logged []engagement.Logged) (out []string) {
	for _, e := range logged {
		out = append(out, string(e.ID))
	}
	return out
}
