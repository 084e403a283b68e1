package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
)

// TestReadmeRunIt does what README's "Run it" says, in a shell, on a demo of its own.
func TestReadmeRunIt(t *testing.T) {
	needsCurl(t)
	lines := commandsOf(blocks(readme(t), "sh"), "curl")
	require.GreaterOrEqual(t, len(lines), 3)
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()}, "demo")
	in.guided()

	t.Log("the lines of README")
	for _, line := range lines {
		require.Contains(t, line, readmeHTTP, "a line that goes somewhere else")
		out := in.curl(strings.ReplaceAll(line, readmeHTTP, in.HTTP))
		if strings.Contains(line, "explain=user") {
			require.Contains(t, out, `"reason":{"source":`)
		}
	}
	require.Positive(t, in.page("for-you", "viewer", "ada").countTag("cooking"), "what the lines asked more of shows")

	t.Log("the lines of the demo, as printed")
	printed := commandsOf([]string{in.Output.String()}, "curl")
	require.Len(t, printed, 3)
	for _, line := range printed {
		in.curl(line)
	}
	again := in.curl(printed[1])
	require.Contains(t, again, `"duplicate":1`, "the event was recorded the first time")

	t.Log("the addresses of README")
	text := readme(t)
	for _, path := range []string{"/docs", "/openapi.json"} {
		require.Contains(t, text, path)
		require.Equal(t, http.StatusOK, statusOf(t, "http://"+in.HTTP+path), path)
	}
	for _, path := range []string{"/readyz", "/metrics", "/debug/pprof/"} {
		require.Contains(t, text, path)
		require.Equal(t, http.StatusOK, statusOf(t, "http://"+in.Admin+path), path)
	}
	documented(t, in)
	require.NoError(t, in.Stop(), "Ctrl-C ends the demo")
}

// documented checks that operators can read up on every metric of ours that a running instance shows.
func documented(t *testing.T, in *instance) {
	res, err := http.Get("http://" + in.Admin + "/metrics")
	require.NoError(t, err)
	names := regexp.MustCompile(`(?m)^# HELP (freshet_\w+)`).FindAllStringSubmatch(body(t, res), -1)
	require.Greater(t, len(names), 10)
	manual, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, name := range names {
		require.Contains(t, string(manual), "`"+name[1]+"`", "docs/operations.md explains every metric")
	}
}

// TestReadmeYourOwnData runs README's import lines on its two lines of JSON.
func TestReadmeYourOwnData(t *testing.T) {
	text := readme(t)
	imports := commandsOf(blocks(text, "sh"), "bin/freshet import")
	require.Len(t, imports, 2, "one while nothing serves, one through a running service")
	samples := strings.Split(strings.TrimSpace(strings.Join(blocks(text, "json"), "\n")), "\n")
	require.Len(t, samples, 2, "an item and an event")

	dir := t.TempDir()
	path := instances.Binary(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "bin", "freshet")))
	file := func(name, line string) {
		var b bytes.Buffer
		var w io.WriteCloser = nopCloser{&b}
		if strings.HasSuffix(name, ".gz") {
			w = gzip.NewWriter(&b)
		}
		_, err := io.WriteString(w, line+"\n")
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	file("items.jsonl", samples[0])
	file("events.jsonl.gz", samples[1])
	file("more.jsonl", strings.Replace(samples[0], `"id":"42"`, `"id":"43"`, 1))

	env := []string{"FRESHET_DATA_DIR=" + filepath.Join(dir, "data")}
	out := shell(t, dir, env, imports[0])
	require.Contains(t, out, "1 created")
	require.Contains(t, out, "1 accepted")
	in := start(t, env)
	require.Contains(t, imports[1], readmeHTTP)
	require.Contains(t, shell(t, dir, env, strings.ReplaceAll(imports[1], readmeHTTP, in.HTTP)), "1 created")
	require.ElementsMatch(t, []string{"42", "43"}, in.page("for-you", "viewer", "somebody").ids())
	eventually(t, 5*time.Second, "the event counts", func() bool {
		return strings.Contains(in.must(http.MethodGet, "/v1/items/42", nil), `"likes":1`)
	})
}

// TestReadmeSettings lets the binary read the settings that README gives it for servers.
func TestReadmeSettings(t *testing.T) {
	dir := t.TempDir()
	path := instances.Binary(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "bin", "freshet")))
	for _, line := range commandsOf(blocks(readme(t), "sh"), "FRESHET_") {
		require.Contains(t, line, "bin/freshet serve")
		out := shell(t, dir, nil, strings.Replace(line, "serve", "config --print", 1))
		require.Contains(t, out, "127.0.0.1:6379")
		require.NotContains(t, out, "secret@", "no password is shown")
	}
	require.Contains(t, shell(t, dir, nil, "bin/freshet config --print-defaults"), "redis:")
}

// readmeHTTP is where README's service listens.
const readmeHTTP = "127.0.0.1:8080"

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	return string(text)
}

// blocks are the fenced blocks of a language.
func blocks(text, language string) (found []string) {
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// commandsOf are the lines that begin with a word, without the blanks before it.
func commandsOf(texts []string, first string) (lines []string) {
	for _, text := range texts {
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, first) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func needsCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED, NOT RUN: there is no curl on this machine, and this test runs the lines that people copy")
	}
}

// guided waits for the lines that the demo prints.
func (in *instance) guided() {
	in.t.Helper()
	eventually(in.t, 60*time.Second, "the demo says what to try", func() bool { return strings.Contains(in.Output.String(), "Ctrl-C") })
}

// curl runs a line as it stands; it must succeed and answer JSON.
func (in *instance) curl(line string) string {
	in.t.Helper()
	home := in.t.TempDir() // whose .curlrc makes curl fail where the service refuses
	require.NoError(in.t, os.WriteFile(filepath.Join(home, ".curlrc"), []byte("fail\nsilent\nshow-error\nmax-time=20\n"), 0o600))
	out := shell(in.t, home, []string{"CURL_HOME=" + home, "no_proxy=*"}, line)
	require.True(in.t, json.Valid([]byte(out)), "%s\nanswered %s", line, out)
	return out
}

// shell runs one line as a shell does and returns what it printed on both outputs.
func shell(t testing.TB, dir string, env []string, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", line, out)
	return string(out)
}

func statusOf(t testing.TB, address string) int {
	t.Helper()
	res, err := http.Get(address)
	require.NoError(t, err)
	res.Body.Close()
	return res.StatusCode
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
