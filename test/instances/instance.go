package instances

import (
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/freshet/freshet/test/servers"
)

// Patience is how long an instance may take to become ready.
const Patience = 60 * time.Second

// Instance is one process of the service, on the same addresses after a restart. Its methods may be called from any goroutine; what
// goes wrong fails the test.
type Instance struct {
	HTTP, Admin, RPC string // host:port
	Env              []string
	Output           *Output

	tb   testing.TB
	args []string
	mu   sync.Mutex
	cmd  *exec.Cmd     // the last one
	gone chan struct{} // closed when cmd has ended
	end  error         // how it ended, once gone is closed
}

// Start runs `freshet serve` (or other args) with the environment given and returns when it is ready. It is killed when tb ends.
func Start(tb testing.TB, env []string, args ...string) *Instance {
	tb.Helper()
	if len(args) == 0 {
		args = []string{"serve"}
	}
	in := &Instance{HTTP: freeAddr(tb), Admin: freeAddr(tb), RPC: freeAddr(tb), Output: &Output{}, tb: tb, args: args}
	in.Env = append(os.Environ(), "FRESHET_HTTP_ADDR="+in.HTTP, "FRESHET_ADMIN_ADDR="+in.Admin, "FRESHET_RPC_ADDR="+in.RPC)
	in.Env = append(in.Env, env...)
	in.Launch()
	tb.Cleanup(func() {
		in.Kill()
		if tb.Failed() {
			tb.Logf("output of %s:\n%s", in.HTTP, in.Output.Tail(6000))
		}
	})
	if !in.AwaitReady() {
		tb.FailNow()
	}
	return in
}

func freeAddr(tb testing.TB) string {
	tb.Helper()
	addr, err := servers.FreeAddr()
	if err != nil {
		tb.Fatal(err)
	}
	return addr
}

// Launch starts the process and does not wait for it.
func (in *Instance) Launch() {
	in.tb.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	cmd := exec.Command(Binary(in.tb), in.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = in.Env, in.Output, in.Output, attributes()
	if err := cmd.Start(); err != nil {
		in.tb.Error(err)
		return
	}
	gone := make(chan struct{})
	in.cmd, in.gone = cmd, gone
	go func() {
		in.end = cmd.Wait()
		close(gone)
	}()
}

// Gone is closed when the process that was launched last has ended.
func (in *Instance) Gone() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.gone
}

// Ready asks once whether pages can be served.
func (in *Instance) Ready() bool {
	res, err := http.Get("http://" + in.Admin + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// AwaitReady waits until pages can be served.
func (in *Instance) AwaitReady() bool {
	in.tb.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if in.Ready() {
			return true
		}
	}
	in.tb.Errorf("%s is not ready\n%s", in.HTTP, in.Output.Tail(6000))
	return false
}

// PID is that of the process that runs.
func (in *Instance) PID() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cmd.Process.Pid
}

// Kill is kill -9. Killing what is gone does nothing.
func (in *Instance) Kill() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.cmd != nil {
		_ = in.cmd.Process.Kill() // fails only when it is gone
		<-in.gone
	}
}

// Stop asks politely and returns how the process ended.
func (in *Instance) Stop() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	_ = in.cmd.Process.Signal(stopSignal)
	<-in.gone
	return in.end
}

// Restart kills it if it runs, and returns when it is ready again.
func (in *Instance) Restart() {
	in.tb.Helper()
	in.Kill()
	in.Launch()
	in.AwaitReady()
}
