package e2e

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

func TestMain(m *testing.M) { os.Exit(instances.Main(m)) }

// instance is one process of the service, and a client of it.
type instance struct {
	*instances.Instance
	t testing.TB
}

// start runs `freshet serve` (or other args) with the environment given and waits until it is ready.
func start(t testing.TB, env []string, args ...string) *instance {
	t.Helper()
	return &instance{instances.Start(t, env, args...), t}
}

// body reads and closes an answer's body.
func body(t testing.TB, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}
