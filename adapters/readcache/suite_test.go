package readcache_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/catalog/catalogtest"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

// inTurn has two instances answer in turn, so that each is asked for what the other stored.
type inTurn struct {
	of [2]*instance
	n  atomic.Uint64
}

func (r *inTurn) next() *instance { return r.of[r.n.Add(1)%2] }

type itemsInTurn struct{ inTurn }

func (r *itemsInTurn) Find(ctx context.Context, id catalog.ItemID) (*catalog.FeedItem, error) {
	return r.next().items.Find(ctx, id)
}

func (r *itemsInTurn) Update(ctx context.Context, ids []catalog.ItemID, change func(*catalog.FeedItem, func() (catalog.Number, error)) error) ([]error, error) {
	return r.next().items.Update(ctx, ids, change)
}

func (r *itemsInTurn) Scan(ctx context.Context, since time.Time, after catalog.Number, limit int) ([]catalog.Snapshot, error) {
	return r.next().items.Scan(ctx, since, after, limit)
}

type viewersInTurn struct{ inTurn }

func (r *viewersInTurn) Find(ctx context.Context, id audience.ViewerID) (*audience.Viewer, error) {
	return r.next().viewers.Find(ctx, id)
}

func (r *viewersInTurn) Update(ctx context.Context, id audience.ViewerID, change func(*audience.Viewer) error) error {
	return r.next().viewers.Update(ctx, id, change)
}

func TestItems(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		catalogtest.Items(t, func(t *testing.T) catalog.ItemRepository {
			s := open(t)
			return &itemsInTurn{inTurn{of: [2]*instance{s.ready(t), s.ready(t)}}}
		})
	})
}

func TestItemsInACluster(t *testing.T) {
	catalogtest.Items(t, func(t *testing.T) catalog.ItemRepository {
		s := fresh(t, mysqlstore.Options{Path: databases.SQLite(t, "f.db")}, servers.RedisClusterAddrs(t)...)
		s.redis.Cluster = true
		return &itemsInTurn{inTurn{of: [2]*instance{s.ready(t), s.ready(t)}}}
	})
}

func TestViewers(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		audiencetest.Viewers(t, func(t *testing.T) audience.ViewerRepository {
			s := open(t)
			return &viewersInTurn{inTurn{of: [2]*instance{s.ready(t), s.ready(t)}}}
		})
	})
}
