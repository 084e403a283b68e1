package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// LaunchRedis starts a Redis that keeps an append-only file. What it acknowledged survives a kill: nothing is synced, for
// while a sync every second is under way, Redis would put off writing.
func LaunchRedis(opts Options) (*Server, error) {
	return launchRedis(opts)
}

// LaunchRedisCluster starts three masters that share all slots, and returns when each of them knows it.
func LaunchRedisCluster(opts Options) ([]*Server, error) {
	var nodes []*Server
	for range 3 {
		node, err := launchRedis(opts, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			"--cluster-node-timeout", "5000")
		if err != nil {
			return nil, errors.Join(err, closeAll(nodes))
		}
		nodes = append(nodes, node)
	}
	if err := federate(nodes); err != nil {
		return nil, errors.Join(fmt.Errorf("form a cluster: %w", err), closeAll(nodes))
	}
	return nodes, nil
}

func launchRedis(opts Options, more ...string) (*Server, error) {
	bin, err := lookup("redis-server")
	if err != nil {
		return nil, err
	}
	return launch(func() (*Server, error) {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		dir, err := tempDir(opts.Under, "redis")
		if err != nil {
			return nil, err
		}
		addr := loopback(port)
		return &Server{
			name: "redis", bin: bin, dir: dir, addr: addr,
			args: append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir,
				"--save", "", "--appendonly", "yes", "--appendfsync", "no", "--repl-diskless-sync-delay", "0"}, slices.Concat(more, opts.Flags)...),
			attrs: attributes(nil, opts),
			ready: func() error { return pingRedis(addr) },
		}, nil
	})
}

// pingRedis needs no client: one that reconnects behind our back would hide what we wait for.
// wipe removes what a Redis that does not run has stored.
func (s *Server) wipe() error { return os.RemoveAll(filepath.Join(s.dir, "appendonlydir")) }

func pingRedis(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, "+PONG") {
		err = errors.New(strings.TrimSpace(answer)) // -LOADING, most likely
	}
	return err
}

func federate(nodes []*Server) error {
	const slots = 16384
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()

	clients := make([]*redis.Client, len(nodes))
	for i, node := range nodes {
		clients[i] = redis.NewClient(&redis.Options{Addr: node.Addr()})
		defer func() { _ = clients[i].Close() }()
	}
	host, port, err := net.SplitHostPort(nodes[0].Addr())
	if err != nil {
		return err
	}
	for i, client := range clients {
		from, to := i*slots/len(nodes), (i+1)*slots/len(nodes)-1
		if err := client.ClusterAddSlotsRange(ctx, from, to).Err(); err != nil {
			return err
		}
		if err := client.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		if err := client.ClusterMeet(ctx, host, port).Err(); err != nil {
			return err
		}
	}
	for _, client := range clients {
		if err := awaitCluster(ctx, client, len(nodes)); err != nil {
			return err
		}
	}
	return nil
}

func awaitCluster(ctx context.Context, client *redis.Client, nodes int) error {
	known := fmt.Sprintf("cluster_known_nodes:%d\r\n", nodes)
	for {
		info, err := client.ClusterInfo(ctx).Result()
		if err != nil {
			return err
		}
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, known) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; last seen:\n%s", ctx.Err(), info)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func closeAll(all []*Server) error {
	var errs []error
	for _, s := range all {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
