package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

const signing = "a secret of tests, of 32 letters or more"

// asking is a request to an instance, told by its status and its error.
func (in *instance) asking(addr, method, path, body string, headers ...string) (int, string) {
	in.t.Helper()
	req, err := http.NewRequest(method, "http://"+addr+path, strings.NewReader(body))
	require.NoError(in.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(in.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(in.t, err)
	var told struct{ Error string }
	_ = json.Unmarshal(text, &told)
	return res.StatusCode, told.Error
}

// TestCallersProveWhoTheyAre makes and ends keys beside a server that runs, on which nothing else is configured but the
// secret of viewers' tokens.
func TestCallersProveWhoTheyAre(t *testing.T) {
	dir := t.TempDir()
	env := []string{"FRESHET_DATA_DIR=" + dir, "FRESHET_ACCESS_MODE=required", "FRESHET_ACCESS_TOKENS_SECRET=" + signing}
	in := start(t, env)
	add := func(scopes string) (key string) {
		out, err := instances.Run(t, env, "keys", "add", "--name", "backend", "--scopes", scopes)
		require.NoError(t, err, out)
		return strings.TrimSpace(out)
	}
	key := add("items:write,feeds:read")
	file, items := filepath.Join(dir, "key"), filepath.Join(dir, "items.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(key), 0o600))
	require.NoError(t, os.WriteFile(items, []byte("{\"id\":\"a\"}\n{\"id\":\"b\"}\n"), 0o600))
	require.Eventually(t, func() bool {
		status, _ := in.asking(in.HTTP, "PUT", "/v1/items/a", "{}", "X-Api-Key", key)
		return status == 201
	}, 10*time.Second, 50*time.Millisecond, "the server hears of the key")
	out, err := instances.Run(t, env, "import", "--items", items, "--to", "http://"+in.HTTP, "--key-file", file)
	require.NoError(t, err, out)
	require.Contains(t, out, "1 created, 1 updated")
	out, err = instances.Run(t, env, "import", "--items", items, "--to", "http://"+in.HTTP)
	require.Error(t, err)
	require.Contains(t, out, "401")

	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "exp": time.Now().Add(time.Minute).Unix()}).SignedString([]byte(signing))
	require.NoError(t, err)
	for _, c := range []struct {
		authorization, method, path, body string
		status                            int
		code                              string
	}{
		{"", "GET", "/v1/feeds/latest?viewer=ada", "", 401, "unauthenticated"},
		{token, "GET", "/v1/feeds/latest?viewer=ada", "", 200, ""},
		{token, "GET", "/v1/feeds/latest?viewer=bob", "", 403, "foreign_viewer"},
		{token, "PUT", "/v1/items/c", "{}", 403, "forbidden"},
		{token[:len(token)-4], "GET", "/v1/feeds/latest?viewer=ada", "", 401, "bad_token"},
		{key, "GET", "/v1/feeds/latest?viewer=bob", "", 200, ""},
		{key, "DELETE", "/v1/viewers/bob", "", 403, "forbidden"},
		{token, "DELETE", "/v1/viewers/ada", "", 200, ""},
		{"", "GET", "/openapi.json", "", 200, ""},
	} {
		var headers []string
		if c.authorization != "" {
			headers = []string{"Authorization", "Bearer " + c.authorization}
		}
		status, code := in.asking(in.HTTP, c.method, c.path, c.body, headers...)
		require.Equal(t, fmt.Sprint(c.status, c.code), fmt.Sprint(status, code), "%+v", c)
	}
	status, _ := in.asking(in.Admin, "GET", "/metrics", "")
	require.Equal(t, 200, status, "the admin plane on loopback is open")

	id, _, _ := strings.Cut(strings.TrimPrefix(key, "fk_"), "_")
	out, err = instances.Run(t, env, "keys", "revoke", id)
	require.NoError(t, err, out)
	require.Eventually(t, func() bool {
		_, code := in.asking(in.HTTP, "PUT", "/v1/items/a", "{}", "X-Api-Key", key)
		return code == "bad_key"
	}, 10*time.Second, 50*time.Millisecond)
	require.NotContains(t, in.Output.Tail(1<<20), key, "secrets are not logged")
	require.NotContains(t, in.Output.Tail(1<<20), signing)
}
