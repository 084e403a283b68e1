package cli_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/ports/cli/load"
	"github.com/freshet/freshet/ports/wire"
)

func TestALoadThatMakesNoSenseIsRefusedByItsFlag(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"--mode sideways", "--mode is open or closed"},
		{"--rate 0", "--rate lies above 0"},
		{"--rate NaN", "--rate lies above 0"},
		{"--mode closed --rate 5", "--rate belongs to --mode open"},
		{"--connections 0", "--connections lies between"},
		{"--connections 100001", "--connections lies between"},
		{"--duration 0s", "--duration is longer"},
		{"--warm-up -1s", "--warm-up is not negative"},
		{"--timeout 0s", "--timeout lies between"},
		{"--timeout 61s", "--timeout lies between"},
		{"--think -1s", "--think lies between"},
		{"--feed=", "--feed names"},
		{"--limit 0", "--limit lies between"},
		{"--limit 101", "--limit lies between"},
		{"--viewers 0", "--viewers is"},
		{"--skew -1", "--skew lies between"},
		{"--hot-viewer 1.1", "--hot-viewer lies between"},
		{"--pages 0.5", "--pages is"},
		{"--pages +Inf", "--pages is"},
		{"--reporting 2", "--reporting lies between"},
		{"--acting -0.1", "--acting lies between"},
		{"--idle -1", "--idle lies between"},
		{"--idle 1 --rpc 127.0.0.1:1", "--idle connects to --to"},
		{"--rpc-share 2 --rpc 127.0.0.1:1 --to http://127.0.0.1:1", "--rpc-share lies between"},
		{"--rpc-share 0.5 --rpc 127.0.0.1:1", "--rpc-share needs both"},
		{"--to 127.0.0.1:8080", `--to: "127.0.0.1:8080" is not`},
		{"--to http://a/?b=c", `--to: "http://a/?b=c" is not`},
		{"--rpc nowhere", `--rpc: "nowhere" is not host:port`},
		{"--pid x", `--pid: "x" is not PID or NAME=PID`},
		{"--json /nowhere/x", "/nowhere/x"},
		{"--html /nowhere/x", "/nowhere/x"},
		{"again", "takes no arguments"},
	} {
		t.Run(c.args, func(t *testing.T) {
			r := call(t, append([]string{"load"}, strings.Fields(c.args)...)...)
			require.Equal(t, cli.Misused, r.code)
			require.Contains(t, r.err, c.says)
			require.Equal(t, 1, strings.Count(r.err, "\n"))
			require.Empty(t, r.out)
		})
	}
}

// oneItem answers every request with the first page of a session of its own.
func oneItem(items string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.ShadowHeader, r.Header.Get(wire.ShadowHeader))
		_, _ = w.Write([]byte(`{"session":"s","page":1,"items":[` + items + `],"rung":"full"}`))
	}
}

func TestALoadReportsAsAsked(t *testing.T) {
	server := httptest.NewServer(oneItem(`{"id":"a","context":"c"}`))
	defer server.Close()
	dir := t.TempDir()
	file, page := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.html")
	args := []string{"load", "--to", server.URL, "--reporting", "0", "--duration", "200ms", "--warm-up", "0s", "--rate", "100"}

	r := call(t, append(args, "--json", file, "--html", page)...)
	require.Equal(t, cli.Done, r.code, r.err)
	require.Contains(t, r.out, "20 requests in 0.2 s: 20 answered well (100 a second), 0 failed (0.00 %)")
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "Latency by percentile")
	fromFile, err := os.ReadFile(file)
	require.NoError(t, err)

	r = call(t, append(args, "--json", "-")...)
	require.Equal(t, cli.Done, r.code, r.err)
	for _, text := range []string{string(fromFile), r.out} {
		var report load.Report
		require.NoError(t, json.Unmarshal([]byte(text), &report))
		require.EqualValues(t, 20, report.OK)
		require.False(t, report.Settings.Real)
	}
}

func TestALoadFailsWhenPromisesAreBrokenOrNobodyAnswers(t *testing.T) {
	server := httptest.NewServer(oneItem(`{"id":"a","context":"c"},{"id":"a","context":"d"}`))
	args := []string{"load", "--to", server.URL, "--reporting", "0", "--duration", "300ms", "--warm-up", "0s", "--mode", "closed", "--connections", "1"}
	r := call(t, args...)
	require.Equal(t, cli.Failed, r.code)
	require.Contains(t, r.err, "freshet: promises were broken: ")
	require.Contains(t, r.out, "session s of load-", "it reports all the same")

	server.Close()
	r = call(t, args...)
	require.Equal(t, cli.Failed, r.code)
	require.Equal(t, "freshet: "+server.URL+" does not answer: connect\n", r.err)
	r = call(t, append(args, "--real")...)
	require.Equal(t, cli.Failed, r.code)
	require.Equal(t, "freshet: no request was answered well\n", r.err)
	require.Contains(t, r.out, "connect")
}

func TestALoadThatIsInterruptedReports(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int64
	answer := oneItem(`{"id":"a","context":"c"}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 5 {
			cancel()
		}
		answer(w, r)
	}))
	defer server.Close()
	r := callIn(ctx, t, nil, "load", "--to", server.URL, "--reporting", "0", "--warm-up", "0s", "--duration", "1h")
	require.Equal(t, cli.Done, r.code, r.err)
	require.Contains(t, r.out, "It was ended early")
}
