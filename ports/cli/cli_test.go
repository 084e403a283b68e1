package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/ports/cli/demo"
	"github.com/freshet/freshet/ports/cli/intake"
)

// deeds are commands that write down how they were called.
func deeds(t *testing.T, said *[]string) cli.Commands {
	note := func(what string, s cli.Settings) { *said = append(*said, fmt.Sprint(what, " ", s.File, " ", s.Set)) }
	dir := t.TempDir()
	return cli.Commands{
		Version: "v1.2.3", Defaults: []byte("# defaults\n"),
		Effective: func(s cli.Settings) ([]byte, error) { note("effective", s); return []byte("in: force\n"), nil },
		DataDir:   func(cli.Settings) (string, error) { return dir, nil },
		Serve: func(_ context.Context, s cli.Settings) error {
			note("serve", s)
			return cli.Misuse(errors.New("freshet.yaml: htpp:\n there is no such key"))
		},
		Demo: func(_ context.Context, s cli.Settings, _ func(context.Context, demo.Service) error) error {
			note("demo", s)
			return nil
		},
		Migrate: func(_ context.Context, s cli.Settings) (string, error) {
			note("migrate", s)
			return "the database", nil
		},
		Stores: func(context.Context, cli.Settings, func(context.Context, intake.Here, string) error) error {
			return errors.New("the stores are in use")
		},
		Evaluation: measurable,
	}
}

type result struct {
	code     int
	out, err string
	said     []string
}

func call(t *testing.T, args ...string) result {
	return callIn(t.Context(), t, nil, args...)
}

func callIn(ctx context.Context, t *testing.T, in *strings.Reader, args ...string) (r result) {
	var out, errs bytes.Buffer
	root := cli.Root(deeds(t, &r.said))
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	if in != nil {
		root.SetIn(in)
	}
	r.code = cli.Run(ctx, root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestTheCommandsCallTheirDeeds(t *testing.T) {
	require.Equal(t, result{out: "freshet v1.2.3\n"}, call(t, "version"))
	require.Equal(t, result{out: "# defaults\n"}, call(t, "config", "--print-defaults"))
	require.Equal(t, result{out: "in: force\n", said: []string{"effective f.yaml [a=1 b=2,3]"}},
		call(t, "config", "--print", "--config", "f.yaml", "--set", "a=1", "--set", "b=2,3"))
	require.Equal(t, result{out: "the database is up to date\n", said: []string{"migrate  []"}}, call(t, "migrate"))
	require.Equal(t, result{said: []string{"demo  []"}}, call(t, "demo"))
	require.Equal(t, result{code: cli.Misused, err: "freshet: freshet.yaml: htpp: there is no such key\n", said: []string{"serve g.yaml []"}},
		call(t, "--config", "g.yaml", "serve"))
}

func TestAWrongCommandLineIsOneLineAndTwo(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"sevre"}, `there is no command "sevre" (did you mean serve?); see`},
		{[]string{"serve", "now"}, `serve takes no arguments, and got "now"`},
		{[]string{"serve", "--port", "1"}, "unknown flag: --port; see freshet serve --help"},
		{[]string{"config"}, "config takes either --print-defaults or --print"},
		{[]string{"config", "--print", "--print-defaults"}, "config takes either"},
		{[]string{"import"}, "import takes --items FILE, --events FILE or both"},
		{[]string{"import", "--items", ""}, "has a name"},
		{[]string{"import", "--items", "doc.go", "--batch", "0"}, "--batch lies between 1 and 10000"},
		{[]string{"import", "--items", "doc.go", "--batch", "10001"}, "--batch lies between 1 and 10000"},
		{[]string{"import", "--items", "doc.go", "--batch", "x"}, "invalid argument"},
		{[]string{"import", "--items", "-", "--events", "-"}, "can be read once only"},
		{[]string{"import", "--items", "nowhere.jsonl"}, "no such file"},
		{[]string{"import", "--items", "doc.go", "--to", "localhost:8080"}, "is not the address of a server"},
		{[]string{"import", "--items", "doc.go", "--errors", "/nowhere/e"}, "/nowhere/e"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := call(t, c.args...)
			require.Equal(t, cli.Misused, r.code)
			require.Contains(t, r.err, c.says)
			require.Equal(t, 1, strings.Count(r.err, "\n"))
			require.Empty(t, r.out)
		})
	}
}

func TestEveryCommandHelps(t *testing.T) {
	root := cli.Root(cli.Commands{})
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd.Name() != "version" {
			require.NotEmpty(t, cmd.Long, cmd.Name())
			require.NotEmpty(t, cmd.Example, cmd.Name())
		}
		require.NotEmpty(t, cmd.Short, cmd.Name())
		for _, line := range strings.Split(cmd.Long, "\n") {
			require.LessOrEqual(t, len(line), 105, line)
		}
	}
	r := call(t, "import", "--help")
	require.Zero(t, r.code)
	require.Contains(t, r.out, "Exit codes: 0")
	require.Contains(t, call(t).out, "Available Commands")
}

func TestImportThroughAServer(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/items:batch":
			fmt.Fprint(w, `{"results":[{"id":"a","status":"created"}]}`)
		case "/v1/events":
			fmt.Fprint(w, `{"results":[{"event_id":"e","status":"rejected","error":"too_old","field":"at"}]}`)
		}
	}))
	defer web.Close()
	dir := t.TempDir()
	items, events, refused := filepath.Join(dir, "i.jsonl"), filepath.Join(dir, "e.jsonl"), filepath.Join(dir, "refused.txt")
	require.NoError(t, os.WriteFile(items, []byte("{\"id\":\"a\"}\n"), 0o600))
	require.NoError(t, os.WriteFile(events, []byte("{\"event_id\":\"e\",\"type\":\"like\"}\nx\n"), 0o600))

	r := call(t, "import", "--items", items, "--to", web.URL)
	require.Zero(t, r.code, r.err)
	require.Empty(t, r.err)
	require.Contains(t, r.out, "items:  1 lines, 1 created, 0 updated, 0 rejected, 0 bad lines\n")

	r = call(t, "import", "--items", items, "--events", events, "--to", web.URL)
	require.Zero(t, r.code, "refused lines are told and counted")
	require.Contains(t, r.err, ":2: bad_json")

	r = call(t, "import", "--items", items, "--events", events, "--to", web.URL, "--errors", refused, "--strict")
	require.Equal(t, cli.Failed, r.code)
	require.Contains(t, r.out, "events: 2 lines, 0 accepted, 0 duplicate, 1 rejected, 1 bad lines\n")
	want := events + ":1: at: too_old\n" + events + ":2: bad_json: line 2, column 1: invalid character 'x' looking for beginning of value\n"
	require.Equal(t, want+"freshet: 2 lines were refused\n", r.err)
	text, err := os.ReadFile(refused)
	require.NoError(t, err)
	require.Equal(t, want, string(text))

	r = callIn(t.Context(), t, strings.NewReader("{\"id\":\"a\"}\n"), "import", "--items", "-", "--to", web.URL)
	require.Zero(t, r.code, r.err)

	web.Config.Handler = http.NotFoundHandler()
	r = call(t, "import", "--items", items, "--to", web.URL)
	require.Equal(t, cli.Unfinished, r.code)
	require.Contains(t, r.err, "404")

	stopped, stop := context.WithCancel(t.Context())
	stop()
	r = callIn(stopped, t, nil, "import", "--items", items, "--to", web.URL)
	require.Equal(t, cli.Interrupted, r.code)

	r = call(t, "import", "--items", items)
	require.Equal(t, cli.Failed, r.code)
	require.Equal(t, "freshet: the stores are in use\n", r.err)
}
