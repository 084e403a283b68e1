package servers

import (
	"errors"
	"os"
	"testing"
)

// Redis is a test's own Redis. It is gone when the test ends, whatever was done to it.
type Redis struct{ handle }

// MySQL is a test's own MySQL-protocol server. It is gone when the test ends, whatever was done to it.
type MySQL struct{ handle }

// Cluster is a test's own Redis Cluster of three masters, each to be handled as a Redis.
type Cluster struct{ Nodes []*Redis }

// Watched is a test's own Redis with replicas, and the sentinels that watch it, each to be handled as a Redis.
type Watched struct{ Nodes, Sentinels []*Redis }

// StartRedis starts a Redis for tb, with flags of its own that win, and skips tb where none is installed.
func StartRedis(tb testing.TB, flags ...string) *Redis {
	tb.Helper()
	return &Redis{own(tb, start(tb, func(opts Options) (*Server, error) {
		opts.Flags = flags
		return LaunchRedis(opts)
	}))}
}

// StartMySQL starts a MariaDB or MySQL for tb, and skips tb where none is installed.
func StartMySQL(tb testing.TB) *MySQL {
	tb.Helper()
	return &MySQL{own(tb, start(tb, LaunchMySQL))}
}

// StartMySQLUnder is StartMySQL with its directory under another, which its user may enter, and flags of its own that win.
func StartMySQLUnder(tb testing.TB, under string, flags ...string) *MySQL {
	tb.Helper()
	return &MySQL{own(tb, start(tb, func(opts Options) (*Server, error) {
		opts.Under, opts.Flags = under, flags
		return LaunchMySQL(opts)
	}))}
}

// StartRedisCluster starts a Redis Cluster for tb, and skips tb where no Redis is installed.
func StartRedisCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := new(Cluster)
	for _, node := range start(tb, LaunchRedisCluster) {
		c.Nodes = append(c.Nodes, &Redis{own(tb, node)})
	}
	return c
}

// StartSentinels starts a master, which is the first of the nodes, two replicas and three sentinels for tb, and skips tb where no
// Redis is installed.
func StartSentinels(tb testing.TB) *Watched {
	tb.Helper()
	w := new(Watched)
	both := start(tb, func(opts Options) (all [2][]*Server, err error) {
		all[0], all[1], err = LaunchSentinels(opts)
		return all, err
	})
	for _, node := range both[0] {
		w.Nodes = append(w.Nodes, &Redis{own(tb, node)})
	}
	for _, sentinel := range both[1] {
		w.Sentinels = append(w.Sentinels, &Redis{own(tb, sentinel)})
	}
	return w
}

// Addrs are the sentinels'.
func (w *Watched) Addrs() []string { return addrs(w.Sentinels) }

// Addrs are the nodes', any of which a cluster client may start from.
func (c *Cluster) Addrs() []string { return addrs(c.Nodes) }

func addrs(nodes []*Redis) []string {
	all := make([]string, len(nodes))
	for i, node := range nodes {
		all[i] = node.Addr()
	}
	return all
}

// DSN names a database of it in go-sql-driver's format, whether or not that exists; an empty one names none.
func (m *MySQL) DSN(database string) string { return m.server.DSN(database) }

func start[S any](tb testing.TB, launch func(Options) (S, error)) S {
	tb.Helper()
	if embeddedOnly() {
		tb.Skip(skipEmbedded)
	}
	s, err := launch(Options{})
	if errors.As(err, new(ErrNoBinary)) {
		tb.Skipf("needs a server of its own to break: %v", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// handle is a Server whose failures are its test's.
type handle struct {
	tb     testing.TB
	server *Server
}

func own(tb testing.TB, s *Server) handle {
	tb.Helper()
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("%s on %s printed last:\n%s", s.name, s.Addr(), s.LogTail())
		}
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return handle{tb, s}
}

// Addr is where it listens, the same after a Restart.
func (h handle) Addr() string { return h.server.Addr() }

// PID is that of the process last started.
func (h handle) PID() int { return h.server.PID() }

// Kill ends it by SIGKILL and returns when it is gone.
func (h handle) Kill() { h.check(h.server.Kill()) }

// Stop ends it the way an operator would.
func (h handle) Stop() { h.check(h.server.Stop()) }

// Restart starts it again on the same port and directory and returns when it answers.
func (h handle) Restart() { h.check(h.server.Restart()) }

// Pause freezes it by SIGSTOP: connections open, nothing answers.
func (h handle) Pause() { h.check(h.server.Pause()) }

// Resume ends a Pause.
func (h handle) Resume() { h.check(h.server.Resume()) }

// Wipe removes all that it has stored. It does not run.
func (r *Redis) Wipe() { r.check(r.server.wipe()) }

func (h handle) check(err error) {
	h.tb.Helper()
	if err != nil {
		h.tb.Error(err) // not Fatal: faults are injected from other goroutines too
	}
}

func embeddedOnly() bool { return os.Getenv(EnvEmbeddedOnly) == "1" }
