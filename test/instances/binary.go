package instances

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "freshet-binary")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "freshet")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/freshet/freshet/cmd/freshet").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Binary is the path of the service, which is built when it is asked for first.
func Binary(tb testing.TB) string {
	tb.Helper()
	path, err := built()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Main runs the tests of a package, removes the binary and answers the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if path, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	return code
}

// Run runs one command of the binary to its end and returns what it printed.
func Run(tb testing.TB, env []string, args ...string) (string, error) {
	tb.Helper()
	cmd := exec.Command(Binary(tb), args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
