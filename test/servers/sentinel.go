package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is what sentinels call the master that they watch.
const MasterName = "feed"

const (
	replicas  = 2
	sentinels = 3
)

// LaunchSentinels starts a master, two replicas and three sentinels that watch them, and returns when all of them know each other. The
// master is the first of the nodes. A second without an answer is enough for a failover.
func LaunchSentinels(opts Options) (nodes, watchers []*Server, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(slices.Concat(nodes, watchers)))
			nodes, watchers = nil, nil
		}
	}()
	var host, port string
	for i := range 1 + replicas {
		var more []string
		if i > 0 {
			more = []string{"--replicaof", host + " " + port}
		}
		node, err := launchRedis(opts, more...)
		if err != nil {
			return nodes, watchers, err
		}
		nodes = append(nodes, node)
		if host, port, err = net.SplitHostPort(nodes[0].Addr()); err != nil {
			return nodes, watchers, err
		}
	}
	for range sentinels {
		watcher, err := launchSentinel(opts, host, port)
		if err != nil {
			return nodes, watchers, err
		}
		watchers = append(watchers, watcher)
	}
	return nodes, watchers, awaitWatch(watchers)
}

func launchSentinel(opts Options, masterHost, masterPort string) (*Server, error) {
	bin, err := lookup("redis-server")
	if err != nil {
		return nil, err
	}
	return launch(func() (*Server, error) {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		dir, err := tempDir(opts.Under, "sentinel")
		if err != nil {
			return nil, err
		}
		conf := filepath.Join(dir, "sentinel.conf") // it writes down there what it learns
		text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor %[3]s %s %s %d\n"+
			"sentinel down-after-milliseconds %[3]s 1000\nsentinel failover-timeout %[3]s 3000\nsentinel parallel-syncs %[3]s 2\n",
			port, dir, MasterName, masterHost, masterPort, sentinels/2+1)
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		addr := loopback(port)
		return &Server{
			name: "sentinel", bin: bin, dir: dir, addr: addr, args: []string{conf, "--sentinel"},
			attrs: attributes(nil, opts),
			ready: func() error { return pingRedis(addr) },
		}, nil
	})
}

// awaitWatch returns when every sentinel knows all replicas and the other sentinels.
func awaitWatch(watchers []*Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	for _, watcher := range watchers {
		if err := awaitWatcher(ctx, watcher.Addr()); err != nil {
			return err
		}
	}
	return nil
}

func awaitWatcher(ctx context.Context, addr string) error {
	client := redis.NewSentinelClient(&redis.Options{Addr: addr})
	defer func() { _ = client.Close() }()
	for {
		is, err := client.Master(ctx, MasterName).Result()
		if err != nil {
			return err
		}
		if is["flags"] == "master" && is["num-slaves"] == fmt.Sprint(replicas) && is["num-other-sentinels"] == fmt.Sprint(sentinels-1) && linked(ctx, client) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sentinel %s: %w; last seen: %v", addr, ctx.Err(), is)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// linked reports that every replica has what its master has.
func linked(ctx context.Context, client *redis.SentinelClient) bool {
	all, err := client.Replicas(ctx, MasterName).Result()
	return err == nil && !slices.ContainsFunc(all, func(is map[string]string) bool {
		return is["master-link-status"] != "ok" || strings.Contains(is["flags"], "down")
	})
}
