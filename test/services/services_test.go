package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

func TestServices(t *testing.T) {
	services := filepath.Join(t.TempDir(), "services")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", services, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	given := []string{servers.EnvRedis + "=r", servers.EnvRedisCluster + "=c", servers.EnvMySQL + "=m"}
	run := func(env []string, script string) (int, string) {
		cmd := exec.CommandContext(t.Context(), services, "--", "sh", "-c", script)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
		return finish(t, cmd)
	}

	t.Run("the command is told of the servers and its exit code is the answer", func(t *testing.T) {
		code, out := run(given, `echo "$FRESHET_TEST_REDIS_ADDRS $FRESHET_TEST_REQUIRE_SERVERS$FRESHET_TEST_EMBEDDED_ONLY"; exit 7`)
		require.Equal(t, 7, code)
		require.Equal(t, "r 1\n", out)
	})
	t.Run("whoever wants no servers gets none, and that is no failure", func(t *testing.T) {
		code, out := run([]string{servers.EnvEmbeddedOnly + "=1"}, `echo "$FRESHET_TEST_EMBEDDED_ONLY$FRESHET_TEST_REDIS_ADDRS"`)
		require.Equal(t, 0, code)
		require.Equal(t, "1\n", out)
	})
	t.Run("a command that is not there is the shell's 127", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), services, "--", "./nowhere")
		cmd.Env = given
		code, _ := finish(t, cmd)
		require.Equal(t, 127, code)
	})
	t.Run("a signal reaches all of the command", func(t *testing.T) {
		began := time.Now()
		code, _ := run(given, `sleep 60 & kill -TERM $PPID; wait`)
		require.Equal(t, 128+int(syscall.SIGTERM), code)
		require.Less(t, time.Since(began), 30*time.Second)
	})
	t.Run("whoever interrupts Docker Compose gets no packages installed", func(t *testing.T) {
		path := t.TempDir()
		calls := filepath.Join(path, "calls")
		for name, script := range map[string]string{
			"docker":  `echo "$*" >> "$CALLS"; case "$*" in *" up "*) kill -INT $PPID; exit 130; esac`,
			"apt-get": `echo "apt-get $*" >> "$CALLS"`,
		} {
			require.NoError(t, os.WriteFile(filepath.Join(path, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
		}
		cmd := exec.CommandContext(t.Context(), services, "--", "./nowhere")
		cmd.Env = append([]string{"PATH=" + path, "CALLS=" + calls}, given[1:]...)
		code, _ := finish(t, cmd)
		require.Equal(t, 128+int(syscall.SIGINT), code)
		asked, err := os.ReadFile(calls)
		require.NoError(t, err)
		require.Contains(t, string(asked), " up --detach --wait test-redis\n")
		require.Contains(t, string(asked), " down --volumes\n")
		require.NotContains(t, string(asked), "apt-get")
	})
	t.Run("servers left up are taken down", func(t *testing.T) {
		if !servers.HasRedis() || !servers.HasMySQL() || os.Getenv(servers.EnvEmbeddedOnly) == "1" {
			t.Skip("needs redis-server and mariadbd on PATH")
		}
		dir := t.TempDir()
		mode := func(flag string) (int, string) {
			cmd := exec.CommandContext(t.Context(), services, flag)
			cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH")}
			return finish(t, cmd)
		}
		defer mode("-down")
		code, out := mode("-up")
		require.Equal(t, 0, code)
		require.Contains(t, out, "export "+servers.EnvMySQL+"='")
		code, _ = mode("-up")
		require.Equal(t, 1, code, "up already")
		for range 2 {
			code, _ = mode("-down")
			require.Equal(t, 0, code)
			require.NoFileExists(t, filepath.Join(dir, "data", "services.json"))
		}
	})
}

func finish(t *testing.T, cmd *exec.Cmd) (code int, stdout string) {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	exit := new(exec.ExitError)
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	t.Log(complaints.String())
	return cmd.ProcessState.ExitCode(), out.String()
}
