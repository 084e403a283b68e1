package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/cli"
)

func TestAnImportProvesItselfWithTheKeyOfAFile(t *testing.T) {
	var sent string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		fmt.Fprint(w, `{"results":[{"id":"a","status":"created"}]}`)
	}))
	defer web.Close()
	dir := t.TempDir()
	items, key := filepath.Join(dir, "i.jsonl"), filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(items, []byte("{\"id\":\"a\"}\n"), 0o600))
	require.NoError(t, os.WriteFile(key, []byte(" fk_a_b\n"), 0o600))
	r := call(t, "import", "--items", items, "--to", web.URL, "--key-file", key)
	require.Zero(t, r.code, r.err)
	require.Equal(t, "Bearer fk_a_b", sent)

	for name, text := range map[string]string{"nothing": " \n", "two words": "a b", "too much": strings.Repeat("a", 8<<10+1), "a byte of no letter": "a\x00"} {
		require.NoError(t, os.WriteFile(key, []byte(text), 0o600))
		for _, args := range [][]string{{"import", "--items", items, "--to", web.URL}, {"load"}, {"doctor"}} {
			require.Equal(t, cli.Misused, call(t, append(args, "--key-file", key)...).code, "%s: %s", args[0], name)
		}
	}
	require.Equal(t, cli.Misused, call(t, "load", "--key-file", filepath.Join(dir, "none")).code)
}
