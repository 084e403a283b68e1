package servers_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/test/servers"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv("FRESHET_TEST_ORPHAN"); kind != "" {
		orphan(kind)
	}
	goleak.VerifyTestMain(m)
}

func TestRedisKeepsWhatItAcknowledgedASecondAgo(t *testing.T) {
	t.Parallel()
	server := servers.StartRedis(t)
	addr := server.Addr()

	for _, end := range []struct {
		name string
		end  func()
	}{
		{"killed", func() { time.Sleep(1500 * time.Millisecond); server.Kill() }},
		{"stopped", server.Stop},
		{"only restarted", func() {}},
	} {
		t.Run(end.name, func(t *testing.T) {
			before := server.PID()
			withRedis(t, addr, func(ctx context.Context, c redis.UniversalClient) {
				require.NoError(t, c.Set(ctx, end.name, "kept", 0).Err())
			})
			end.end()
			server.Restart()
			require.Equal(t, addr, server.Addr())
			require.NotEqual(t, before, server.PID())
			require.False(t, alive(before))
			withRedis(t, addr, func(ctx context.Context, c redis.UniversalClient) {
				require.Equal(t, "kept", c.Get(ctx, end.name).Val())
			})
		})
	}
}

func TestAPausedServerAnswersWhenResumedAndNotBefore(t *testing.T) {
	t.Parallel()
	server := servers.StartRedis(t)
	withRedis(t, server.Addr(), func(ctx context.Context, c redis.UniversalClient) {
		server.Pause()
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		require.Error(t, c.Ping(short).Err())
		server.Resume()
		require.NoError(t, c.Ping(ctx).Err())
		server.Pause() // and it can be closed so
	})
}

func TestAPausedServerHasNoThreadThatStillRuns(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads the threads' states from /proc")
	}
	t.Parallel()
	server := servers.StartMySQL(t)
	db, err := sql.Open("mysql", server.DSN(""))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()

	for range 50 {
		busy, idle := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for range 4 {
			clients.Go(func() {
				for busy.Err() == nil {
					_ = db.PingContext(busy) // fails when the round is over
				}
			})
		}
		time.Sleep(time.Millisecond)
		server.Pause()
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", server.PID()))
		require.NoError(t, err)
		require.NotEmpty(t, tasks)
		for _, task := range tasks {
			stat, err := os.ReadFile(task)
			require.NoError(t, err)
			_, state, _ := strings.Cut(string(stat), ") ")
			require.Equal(t, "T", state[:1], string(stat))
		}
		server.Resume()
		idle()
		clients.Wait()
	}
}

func TestClusterServesEverySlot(t *testing.T) {
	t.Parallel()
	cluster := servers.StartRedisCluster(t)
	require.Len(t, cluster.Addrs(), 3)

	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()[:1]})
	defer func() { require.NoError(t, client.Close()) }()
	for i := range 100 {
		require.NoError(t, client.Set(t.Context(), strconv.Itoa(i), i, 0).Err())
	}
	require.NoError(t, client.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		if keys := node.DBSize(ctx).Val(); keys < 10 {
			return fmt.Errorf("%v holds %d of 100 keys", node, keys)
		}
		return nil
	}))

	cluster.Nodes[1].Kill()
	cluster.Nodes[1].Restart()
	require.Eventually(t, func() bool {
		for i := range 100 {
			if client.Get(t.Context(), strconv.Itoa(i)).Val() != strconv.Itoa(i) {
				return false
			}
		}
		return true
	}, 30*time.Second, 50*time.Millisecond)
}

func TestSentinelsPromoteAReplicaAndDemoteTheMasterThatReturns(t *testing.T) {
	t.Parallel()
	watched := servers.StartSentinels(t)
	master := watched.Nodes[0]
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: servers.MasterName, SentinelAddrs: watched.Addrs()})
	defer func() { require.NoError(t, client.Close()) }()
	require.NoError(t, client.Set(t.Context(), "k", "kept", 0).Err())
	require.EqualValues(t, 2, client.Wait(t.Context(), 2, 10*time.Second).Val())

	master.Kill()
	require.Eventually(t, func() bool { return client.Get(t.Context(), "k").Val() == "kept" }, 30*time.Second, 50*time.Millisecond)
	require.NoError(t, client.Set(t.Context(), "k", "changed", 0).Err())
	master.Restart()
	require.Eventually(t, func() (changed bool) {
		withRedis(t, master.Addr(), func(ctx context.Context, c redis.UniversalClient) { changed = c.Get(ctx, "k").Val() == "changed" })
		return changed
	}, 60*time.Second, 100*time.Millisecond)
}

func TestMySQLKeepsWhatItCommitted(t *testing.T) {
	t.Parallel()
	server := servers.StartMySQL(t)
	exec := func(database string, statements ...string) {
		t.Helper()
		withMySQL(t, server.DSN(database), func(db *sql.DB) {
			for _, statement := range statements {
				_, err := db.ExecContext(t.Context(), statement)
				require.NoError(t, err)
			}
		})
	}
	exec("", "CREATE DATABASE d CHARACTER SET utf8mb4")
	exec("d", "CREATE TABLE t (word VARCHAR(20))", "INSERT INTO t VALUES ('河🌊')")

	server.Kill()
	server.Restart()
	withMySQL(t, server.DSN("d"), func(db *sql.DB) {
		var word, log, format string
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT word FROM t").Scan(&word))
		require.Equal(t, "河🌊", word)
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT @@log_bin, @@binlog_format").Scan(&log, &format))
		require.Equal(t, []string{"1", "ROW"}, []string{log, format})
	})
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, launch := range launchers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mustLaunch(t, launch)
			require.True(t, alive(server.PID()))
			require.DirExists(t, server.Dir())
			require.NoError(t, server.Close())
			require.False(t, alive(server.PID()))
			require.NoDirExists(t, server.Dir())
			require.NoError(t, server.Close(), "closing twice is harmless")
		})
	}
}

func TestServersDieWithAParentThatIsKilled(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("only Linux ties a child's life to its parent's")
	}
	for name, launch := range launchers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, mustLaunch(t, launch).Close()) // skips where it cannot be had

			parent := exec.CommandContext(t.Context(), os.Args[0])
			parent.Env = append(os.Environ(), "FRESHET_TEST_ORPHAN="+name)
			out, err := parent.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, parent.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			var pid int
			var dir string
			_, err = fmt.Sscan(line, &pid, &dir)
			require.NoError(t, err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })

			require.True(t, alive(pid))
			require.NoError(t, parent.Process.Kill())
			_ = parent.Wait()
			require.Eventually(t, func() bool { return !alive(pid) }, 10*time.Second, 10*time.Millisecond)
		})
	}
}

var launchers = map[string]func(servers.Options) (*servers.Server, error){
	"redis": servers.LaunchRedis,
	"mysql": servers.LaunchMySQL,
}

// orphan launches a server, says which, and waits to be killed.
func orphan(kind string) {
	server, err := launchers[kind](servers.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(server.PID(), server.Dir())
	time.Sleep(time.Hour)
}

func mustLaunch(t *testing.T, launch func(servers.Options) (*servers.Server, error)) *servers.Server {
	t.Helper()
	server, err := launch(servers.Options{})
	if errors.As(err, new(servers.ErrNoBinary)) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return server
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // an orphan nobody waits for yet is dead enough
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func withRedis(t *testing.T, addr string, do func(context.Context, redis.UniversalClient)) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	defer func() { require.NoError(t, client.Close()) }()
	do(t.Context(), client)
}

func withMySQL(t *testing.T, dsn string, do func(*sql.DB)) {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	do(db)
}
