package fault

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

func TestMain(m *testing.M) { os.Exit(instances.Main(m)) }

// fleet is two instances on one Redis and one database, all of them to be killed.
type fleet struct {
	t     *testing.T
	env   []string
	redis *servers.Redis
	base  *servers.MySQL
	db    *sql.DB
	nodes [2]*node
	seen  counters
	calls *http.Client
	// forgetful: Redis puts off writing while it syncs, and so may lose what it acknowledged in the last moments before its end.
	forgetful bool
	// parted: an instance may be cut off from a server that the other one reaches.
	parted bool

	mu                  sync.Mutex
	redisDown, baseDown []span // in order
	evicting            []span // when Redis had to forget something to take something
	bad                 int    // complaints so far
}

// span is a time between two moments.
type span struct{ from, until time.Time }

// newFleet starts all of it. The instances hear of changes of items as source says, and Redis writes its file as fsync says.
func newFleet(t *testing.T, source, fsync string) *fleet {
	t.Helper()
	f := &fleet{t: t, redis: servers.StartRedis(t, "--appendfsync", fsync), base: servers.StartMySQL(t), forgetful: fsync == "everysec"}
	f.settle(nil, "FRESHET_REDIS_ADDRS="+f.redis.Addr(), "FRESHET_RELAY_SOURCE="+source)
	return f
}

// settle makes the database and starts the instances, each with the environment of all and one of its own, which wins.
func (f *fleet) settle(own func(i int) []string, all ...string) {
	f.t.Helper()
	f.calls = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	f.t.Cleanup(f.calls.CloseIdleConnections)
	admin := open(f.t, f.base.DSN(""))
	_, err := admin.Exec("CREATE DATABASE freshet CHARACTER SET utf8mb4")
	require.NoError(f.t, err)
	f.db = open(f.t, f.base.DSN("freshet"))
	f.env = append([]string{"FRESHET_MYSQL_DSN=" + f.base.DSN("freshet")}, all...)
	for i := range f.nodes {
		env := append([]string{"FRESHET_DATA_DIR=" + f.t.TempDir()}, f.env...)
		if own != nil {
			env = append(env, own(i)...)
		}
		f.nodes[i] = &node{Instance: instances.Start(f.t, env), name: string(rune('A' + i)), ready: true}
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	cfg.Logger = new(mysql.NopLogger) // its server is killed
	connector, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// complain fails the test and lets it go on, so that one run tells all it finds; after some it only counts.
func (f *fleet) complain(format string, args ...any) {
	f.t.Helper()
	f.mu.Lock()
	f.bad++
	n := f.bad
	f.mu.Unlock()
	switch {
	case n <= 40:
		f.t.Errorf(format, args...)
	case n == 41:
		f.t.Error("and so on")
	}
}

// node is an instance with what is known of its life.
type node struct {
	*instances.Instance
	name string

	mu     sync.Mutex
	life   int // one more with each launch
	ready  bool
	killed []time.Time // the end of each life but the last
}

func (n *node) state() (life int, ready bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life, n.ready
}

// end is when a life was over, or the zero time.
func (n *node) end(life int) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if life < len(n.killed) {
		return n.killed[life]
	}
	return time.Time{}
}

// metric is a number that an instance tells, without labels.
func (f *fleet) metric(n *node, name string) float64 {
	_, text, err := f.call(context.Background(), http.MethodGet, "http://"+n.Admin+"/metrics", nil)
	require.NoError(f.t, err)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			require.NoError(f.t, err)
			return v
		}
	}
	require.Fail(f.t, "no metric "+name)
	return 0
}

// eventually fails the test unless what is looked for comes true; trouble says what is not so yet, or nothing.
func (f *fleet) eventually(within time.Duration, what string, trouble func() string) {
	f.t.Helper()
	last := trouble()
	for end := time.Now().Add(within); last != "" && time.Now().Before(end); last = trouble() {
		time.Sleep(50 * time.Millisecond)
	}
	if last != "" {
		f.complain("%s, after %v still not: %s", what, within, last)
	}
}
