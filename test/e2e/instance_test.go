package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// binary is the service, built once for all tests of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "freshet-e2e")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "freshet")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/freshet")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// instance is one process of the service.
type instance struct {
	t                testing.TB
	HTTP, Admin, RPC string // host:port
	env              []string
	args             []string
	cmd              *exec.Cmd
	out              *lockedBuffer
}

// start runs `freshet serve` (or other args) with the environment given and waits until it is ready.
func start(t testing.TB, env []string, args ...string) *instance {
	t.Helper()
	if len(args) == 0 {
		args = []string{"serve"}
	}
	in := &instance{t: t, HTTP: freeAddr(t), Admin: freeAddr(t), RPC: freeAddr(t), args: args, out: &lockedBuffer{}}
	in.env = append(os.Environ(), "FRESHET_HTTP_ADDR="+in.HTTP, "FRESHET_ADMIN_ADDR="+in.Admin, "FRESHET_RPC_ADDR="+in.RPC)
	in.env = append(in.env, env...)
	in.launch()
	t.Cleanup(func() {
		in.kill()
		if t.Failed() {
			t.Logf("output of %s:\n%s", in.HTTP, in.out.tail(6000))
		}
	})
	in.waitReady(60 * time.Second)
	return in
}

func (in *instance) launch() {
	in.t.Helper()
	path, err := binary()
	require.NoError(in.t, err)
	in.cmd = exec.Command(path, in.args...)
	in.cmd.Env, in.cmd.Stdout, in.cmd.Stderr = in.env, in.out, in.out
	in.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(in.t, in.cmd.Start())
}

func (in *instance) waitReady(within time.Duration) {
	in.t.Helper()
	require.Eventually(in.t, func() bool {
		res, err := http.Get("http://" + in.Admin + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, within, 50*time.Millisecond, "not ready\n%s", in.out)
}

// kill is kill -9.
func (in *instance) kill() {
	if in.cmd != nil && in.cmd.Process != nil {
		_ = in.cmd.Process.Kill()
		_ = in.cmd.Wait()
		in.cmd = nil
	}
}

// stop asks politely and returns the exit error.
func (in *instance) stop() error {
	_ = in.cmd.Process.Signal(syscall.SIGTERM)
	err := in.cmd.Wait()
	in.cmd = nil
	return err
}

func (in *instance) restart() {
	in.t.Helper()
	in.kill()
	in.launch()
	in.waitReady(60 * time.Second)
}

// run runs one command of the binary to its end and returns what it printed.
func run(t testing.TB, env []string, args ...string) (string, error) {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func freeAddr(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedBuffer) tail(n int) string {
	s := l.String()
	return s[max(0, len(s)-n):]
}

// body reads and closes an answer's body.
func body(t testing.TB, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}
