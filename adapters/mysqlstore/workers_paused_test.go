//go:build unix

package mysqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/test/databases"
)

// issueIn names the database in which this binary, run once more, issues ids.
const issueIn = "FRESHET_TEST_ISSUE_IN"

// onlyWorker is the one number that the processes of these tests compete for.
func onlyWorker(db *mysqlstore.DB) *snowflake.Keeper {
	generator := snowflake.NewGenerator(snowflake.Wide, snowflake.Tolerance{Ahead: 50 * time.Millisecond, Patience: 10 * time.Second}, time.Now)
	return snowflake.NewKeeper(generator, mysqlstore.NewWorkers(db), snowflake.KeeperOptions{Workers: 1, Lease: 900 * time.Millisecond})
}

func TestAHolderThatWasPausedBeyondItsLeaseIssuesNobodyElsesID(t *testing.T) {
	for kind, options := range map[string]func() mysqlstore.Options{
		"SQLite": func() mysqlstore.Options { return mysqlstore.Options{Path: databases.SQLite(t, "f.db")} },
		"MySQL":  func() mysqlstore.Options { return mysqlstore.Options{DSN: databases.MySQL(t)} },
	} {
		t.Run(kind, func(t *testing.T) {
			opts := options()
			child := issueElsewhere(t, opts)
			db := opened(t, opts)
			seen := map[uint64]string{}
			var last uint64
			note := func(id uint64, by string) {
				if other, taken := seen[id]; taken {
					t.Fatalf("%d was issued by %s and by %s", id, other, by)
				}
				seen[id] = by
			}
			for range 3 {
				for range 3000 { // the child holds the number
					id := child.issued(t)
					require.Greater(t, id, last)
					note(id, "the child")
				}
				child.pause(t)

				here := onlyWorker(db)
				require.Eventually(t, func() bool {
					id, err := here.Next(t.Context())
					if err == nil {
						note(id, "us")
					}
					return err == nil
				}, 20*time.Second, 10*time.Millisecond, "its lease ends")
				child.resume(t)
				for stop := time.Now().Add(1500 * time.Millisecond); time.Now().Before(stop); { // its lease and more
					for range 100 {
						id, err := here.Next(t.Context())
						require.NoError(t, err)
						note(id, "us")
						last = id
					}
					time.Sleep(time.Millisecond)
				}
				for line := range child.lines { // what it wrote until it noticed
					if why, refused := strings.CutPrefix(line, "! "); refused {
						require.Contains(t, why, "all 1 worker ids are held")
						break
					}
					note(number(t, line), "the child")
				}
				require.NoError(t, here.Close(t.Context()))
				child.skipRefusals = true
			}
			t.Logf("%d ids, all different", len(seen))
			require.Greater(t, len(seen), 10_000)
		})
	}
}

type issuer struct {
	cmd          *exec.Cmd
	lines        chan string
	skipRefusals bool
}

func issueElsewhere(t *testing.T, opts mysqlstore.Options) *issuer {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestIssuingInAnotherProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), issueIn+"="+opts.Path+"|"+opts.DSN)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &issuer{cmd: cmd, lines: make(chan string, 1000)}
	var reading sync.WaitGroup
	stop := make(chan struct{})
	reading.Go(func() {
		defer close(c.lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			select {
			case c.lines <- scanner.Text():
			case <-stop:
			}
		}
	})
	t.Cleanup(func() {
		close(stop)
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = stdin.Close()
		reading.Wait()
		require.NoError(t, cmd.Wait())
	})
	return c
}

// issued is the next id that the child wrote.
func (c *issuer) issued(t *testing.T) uint64 {
	t.Helper()
	for line := range c.lines {
		if !strings.HasPrefix(line, "! ") {
			c.skipRefusals = false
			return number(t, line)
		}
		require.True(t, c.skipRefusals, line)
	}
	t.Fatal("the child ended")
	return 0
}

func number(t *testing.T, line string) uint64 {
	t.Helper()
	id, err := strconv.ParseUint(line, 10, 64)
	require.NoError(t, err)
	return id
}

func (c *issuer) pause(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGSTOP))
	for {
		_, err := syscall.Wait4(c.cmd.Process.Pid, nil, syscall.WUNTRACED, nil)
		if err != syscall.EINTR {
			require.NoError(t, err)
			return
		}
	}
}

func (c *issuer) resume(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGCONT))
}

// TestIssuingInAnotherProcess is that process: it writes ids, or why there is none, until its standard input ends.
func TestIssuingInAnotherProcess(t *testing.T) {
	where, asked := os.LookupEnv(issueIn)
	if !asked {
		t.Skip("runs for another test")
	}
	path, dsn, _ := strings.Cut(where, "|")
	keeper := onlyWorker(opened(t, mysqlstore.Options{Path: path, DSN: dsn}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	out := bufio.NewWriter(os.Stdout)
	for {
		for range 50 {
			id, err := keeper.Next(t.Context())
			if err != nil {
				_, _ = fmt.Fprintln(out, "!", err)
				break
			}
			_, _ = fmt.Fprintln(out, id)
		}
		_ = out.Flush()
		select {
		case <-ended:
			require.NoError(t, keeper.Close(context.Background()))
			return
		case <-time.After(time.Millisecond):
		}
	}
}
