package readcache_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/readcache"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

func TestMain(m *testing.M) {
	logging.Disable()
	goleak.VerifyTestMain(m)
}

var ctx = context.Background()

// stores are the servers that instances share.
type stores struct {
	sql     mysqlstore.Options
	redis   redisstore.Options
	numbers mysqlstore.NextNumber
	opts    readcache.Options
	bounds  readcache.Bounds
}

// onEach runs the test against embedded stores and real ones.
func onEach(t *testing.T, test func(t *testing.T, open func(testing.TB) *stores)) {
	t.Run("embedded", func(t *testing.T) { test(t, embedded) })
	t.Run("servers", func(t *testing.T) { test(t, real) })
}

func embedded(t testing.TB) *stores {
	server, err := embeddedredis.Start(embeddedredis.Options{Tick: 20 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return fresh(t, mysqlstore.Options{Path: databases.SQLite(t, "f.db")}, server.Addr())
}

func real(t testing.TB) *stores {
	return fresh(t, mysqlstore.Options{DSN: databases.MySQL(t)}, servers.RedisAddrs(t)...)
}

func fresh(t testing.TB, sql mysqlstore.Options, redis ...string) *stores {
	prefix := "test:" + strings.NewReplacer("{", "", "}", "").Replace(t.Name()) + ":" + time.Now().Format("150405.000000000") + ":"
	return &stores{
		sql: sql, redis: redisstore.Options{Addrs: redis, Prefix: prefix}, numbers: databases.Counting(),
		opts: readcache.Options{Patience: 10 * time.Second, Lease: 100 * time.Millisecond, Rest: time.Millisecond},
	}
}

// instance is one of those that share stores.
type instance struct {
	t       testing.TB
	db      *mysqlstore.DB
	redis   *redisstore.Client
	guard   *readcache.Guard
	known   *readcache.Known
	items   *readcache.Items
	viewers *readcache.Viewers
	source  *source
	decided *decided
}

// source is the catalogue itself; it counts, and can be held up.
type source struct {
	catalog.ItemRepository
	finds atomic.Int64
	slow  func(id catalog.ItemID) // called when Find has read
}

func (s *source) Find(ctx context.Context, id catalog.ItemID) (*catalog.FeedItem, error) {
	s.finds.Add(1)
	item, err := s.ItemRepository.Find(ctx, id)
	if s.slow != nil {
		s.slow(id)
	}
	return item, err
}

// decided is what viewers decided itself; like source.
type decided struct {
	audience.ViewerRepository
	finds atomic.Int64
	slow  func()
}

func (d *decided) Find(ctx context.Context, id audience.ViewerID) (*audience.Viewer, error) {
	d.finds.Add(1)
	v, err := d.ViewerRepository.Find(ctx, id)
	if d.slow != nil {
		d.slow()
	}
	return v, err
}

func (s *stores) instance(t testing.TB) *instance {
	t.Helper()
	db, err := mysqlstore.Open(ctx, s.sql)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	redis, err := redisstore.Open(s.redis)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, redis.Close()) })
	in := &instance{t: t, db: db, redis: redis, guard: readcache.NewGuard(mysqlstore.NewPacts(db), redis, s.opts)}
	plain := mysqlstore.NewItems(db, s.numbers)
	in.source = &source{ItemRepository: plain}
	in.known = readcache.NewKnown(in.guard, plain, redisstore.NewNewcomers(redis), 1_000_000)
	in.items = readcache.NewItems(in.source, in.guard, redis, in.known, s.bounds)
	in.decided = &decided{ViewerRepository: mysqlstore.NewViewers(db)}
	in.viewers = readcache.NewViewers(in.decided, in.guard, redis, s.bounds)
	return in
}

// ready is an instance that believes copies and has its filter.
func (s *stores) ready(t testing.TB) *instance {
	t.Helper()
	in := s.instance(t)
	in.warm()
	return in
}

func (in *instance) warm() {
	in.t.Helper()
	in.eventually("copies are believed", func() bool {
		_, err := in.guard.Renew(ctx)
		return err == nil && in.guard.State().Trusted
	})
	in.eventually("there is a filter", func() bool {
		_, err := in.known.Build(ctx)
		return err == nil && in.known.Stats().Bytes > 0
	})
}

func (in *instance) eventually(what string, is func() bool) {
	in.t.Helper()
	require.Eventually(in.t, is, 30*time.Second, 5*time.Millisecond, what)
}

func (in *instance) put(id catalog.ItemID, title string) {
	in.t.Helper()
	require.NoError(in.t, in.publish(id, title))
}

func (in *instance) publish(id catalog.ItemID, title string) error {
	outcomes, err := in.items.Update(ctx, []catalog.ItemID{id}, publishing(title))
	if err != nil {
		return err
	}
	return outcomes[0]
}

func publishing(title string) func(*catalog.FeedItem, func() (catalog.Number, error)) error {
	return func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		var n catalog.Number
		if f.NeedsNumber() {
			var err error
			if n, err = number(); err != nil {
				return err
			}
		}
		return f.Publish(n, catalog.Details{Title: title}, time.Now())
	}
}

func (in *instance) remove(id catalog.ItemID) {
	in.t.Helper()
	_, err := in.items.Update(ctx, []catalog.ItemID{id}, func(f *catalog.FeedItem, _ func() (catalog.Number, error)) error {
		return f.Remove(time.Now())
	})
	require.NoError(in.t, err)
}

const none = "(none)"

// title is what the instance answers for the item.
func (in *instance) title(id catalog.ItemID) string {
	in.t.Helper()
	item, err := in.items.Find(ctx, id)
	if err != nil {
		require.ErrorIs(in.t, err, catalog.ErrItemNotFound)
		return none
	}
	return item.Snapshot().Details.Title
}

func (in *instance) follow(v audience.ViewerID, a catalog.AuthorID) {
	in.t.Helper()
	require.NoError(in.t, in.viewers.Update(ctx, v, func(v *audience.Viewer) error { return v.Follow(a, time.Now()) }))
}

func (in *instance) follows(v audience.ViewerID) int {
	in.t.Helper()
	found, err := in.viewers.Find(ctx, v)
	require.NoError(in.t, err)
	return len(found.Ties(audience.Follows))
}

// stale lets copies be older than what is believed without asking.
func stale() { time.Sleep(5 * time.Millisecond) }
