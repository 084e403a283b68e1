package redisstore

import (
	"cmp"
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/freshet/freshet/domain/fault"
)

// ErrUnavailable is what every method fails with when Redis did not do what it was asked: it could
// not be reached in time, is loading, full, read-only, or answers what no version of us wrote.
var ErrUnavailable = fault.New(fault.Unavailable, "redis_unavailable", "the fast store did not answer")

// ErrOptions refuses options that no Redis could be opened with.
var ErrOptions = fault.New(fault.Invalid, "bad_redis_options", "redis needs at least one address, and a prefix without braces")

// Options say which Redis, and what is kept in it for how long. Zero values mean the defaults.
type Options struct {
	Addrs      []string // of the server, the sentinels (with MasterName) or some nodes of a cluster
	Cluster    bool     // the one address is an entry to a cluster; two addresses mean so without it
	MasterName string   // the name sentinels know the master by

	Username, Password                 string
	SentinelUsername, SentinelPassword string
	DB                                 int // not in a cluster
	TLS                                *tls.Config

	Prefix string // of every key; default "fr:"

	PoolSize     int           // connections to each node; default 10 for each CPU
	DialTimeout  time.Duration // default 300 ms
	ReadTimeout  time.Duration // of one round trip; default 500 ms. A shorter deadline of the context wins
	WriteTimeout time.Duration // default 500 ms
	PoolTimeout  time.Duration // how long to wait for a free connection; default 500 ms

	Served   time.Duration // how long served items are remembered across sessions; default 24 h
	Seen     time.Duration // default 7 days
	Consumed time.Duration // default 90 days
	Viewer   time.Duration // how long a viewer's decisions and actions stay without use; default 30 days

	Changes   int64 // how many item changes the stream keeps, about; default 1,000,000
	Exposures int64 // how many exposures wait in each of the 64 streams at most, about; default 4,096
}

func (o Options) withDefaults() Options {
	o.Prefix = cmp.Or(o.Prefix, "fr:")
	o.DialTimeout = cmp.Or(o.DialTimeout, 300*time.Millisecond)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 500*time.Millisecond)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 500*time.Millisecond)
	o.PoolTimeout = cmp.Or(o.PoolTimeout, 500*time.Millisecond)
	o.Served = cmp.Or(o.Served, 24*time.Hour)
	o.Seen = cmp.Or(o.Seen, 7*24*time.Hour)
	o.Consumed = cmp.Or(o.Consumed, 90*24*time.Hour)
	o.Viewer = cmp.Or(o.Viewer, 30*24*time.Hour)
	o.Changes = cmp.Or(o.Changes, 1_000_000)
	o.Exposures = cmp.Or(o.Exposures, 4096)
	return o
}

// Client is the connection all stores of this package share. It is safe for concurrent use.
type Client struct {
	rdb   redis.UniversalClient
	opts  Options
	party *party
	wills *wills

	roots, streams [partitions]string // of every partition: what its keys begin with, and its exposures
}

// The driver would write a line for every failed dial to standard error; every failure is returned, and who
// asked decides what to say.
func init() { redis.SetLogger(silence{}) }

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Open makes a client. It connects when first asked for something, so a Redis that is down now is no
// error; ErrOptions is. The caller closes it.
func Open(opts Options) (*Client, error) {
	party := new(party)
	rdb, err := connect(opts, party.welcome)
	if err != nil {
		return nil, err
	}
	c := &Client{rdb: rdb, opts: opts.withDefaults(), party: party, wills: newWills()}
	c.roots, c.streams = rootsUnder(c.opts.Prefix)
	return c, nil
}

// Connect is Open for who keeps something else in the same Redis.
func Connect(opts Options) (redis.UniversalClient, error) { return connect(opts, nil) }

func connect(opts Options, welcome func(context.Context, *redis.Conn) error) (redis.UniversalClient, error) {
	if len(opts.Addrs) == 0 || slices.Contains(opts.Addrs, "") || strings.ContainsAny(opts.Prefix, "{}") {
		return nil, ErrOptions
	}
	o := opts.withDefaults()
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: o.Addrs, IsClusterMode: o.Cluster, MasterName: o.MasterName,
		Username: o.Username, Password: o.Password,
		SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,
		DB: o.DB, TLSConfig: o.TLS, Protocol: 2, DisableIdentity: true,
		PoolSize: o.PoolSize, PipelinePoolSize: -1, PoolTimeout: o.PoolTimeout,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		// Fail at once: the ladder above us has a next rung, and retries would eat its time.
		ContextTimeoutEnabled: true, MaxRetries: -1, MinRetryBackoff: -1, MaxRetryBackoff: -1,
		DialerRetries: 1, FailingTimeoutSeconds: 1,
		OnConnect:                welcome,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}), nil
}

// Close ends all connections; calls under way fail.
func (c *Client) Close() error { return c.rdb.Close() }

// Ping reports whether every master answers.
func (c *Client) Ping(ctx context.Context) error {
	return c.eachMaster(ctx, func(ctx context.Context, node redis.Cmdable) error { return node.Ping(ctx).Err() })
}

// RunID names the running processes behind the client. It changes when a master is restarted or
// another takes its place: what was held may then be lost.
func (c *Client) RunID(ctx context.Context) (string, error) {
	var mu sync.Mutex
	var ids []string
	err := c.eachMaster(ctx, func(ctx context.Context, node redis.Cmdable) error {
		id, err := runIDOf(ctx, node)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return "", err
	}
	slices.Sort(ids)
	c.party.know(ids)
	return strings.Join(ids, ","), nil
}

func (c *Client) eachMaster(ctx context.Context, do func(context.Context, redis.Cmdable) error) error {
	if cluster, ok := c.rdb.(*redis.ClusterClient); ok {
		return unavailable(cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return do(ctx, node) }))
	}
	return unavailable(do(ctx, c.rdb))
}

// unavailable is nil for nil.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return ErrUnavailable.Because(err)
}
