package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/ports/cli"
)

func examined(t *testing.T, findings []diagnosing.Finding, args ...string) (r result, asked []string) {
	var out, errs bytes.Buffer
	c := deeds(t, &r.said)
	c.Doctor = func(ctx context.Context, _ cli.Settings, instances cli.Planes, use func(context.Context, []diagnosing.Check) error) error {
		asked = instances.URLs
		var checks []diagnosing.Check
		for _, f := range findings {
			checks = append(checks, diagnosing.Check{Name: f.Check, Look: func(context.Context) (diagnosing.Finding, error) { return f, nil }})
		}
		return use(ctx, checks)
	}
	root := cli.Root(c)
	root.SetArgs(append([]string{"doctor"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r, asked
}

func TestTheDoctorTellsWhatWasSeenAndWhatToDo(t *testing.T) {
	fine := diagnosing.Finding{Check: "outbox", Status: diagnosing.OK, Seen: "empty"}
	odd := diagnosing.Finding{Check: "workers", Status: diagnosing.Warn, Seen: "a clock\nis ahead", Do: "correct it"}
	bad := diagnosing.Finding{Check: "counters", Status: diagnosing.Fail, Seen: "2 differences", Do: "freshet counters rebuild"}

	r, _ := examined(t, []diagnosing.Finding{fine, odd})
	require.Equal(t, result{out: "ok    outbox   empty\nwarn  workers  a clock is ahead\n               → correct it\n"}, r)
	r, _ = examined(t, []diagnosing.Finding{fine, bad})
	require.Equal(t, result{code: cli.Failed, out: "ok    outbox    empty\nfail  counters  2 differences\n                → freshet counters rebuild\n"}, r)

	r, _ = examined(t, []diagnosing.Finding{fine, bad}, "--json")
	require.Equal(t, cli.Failed, r.code)
	var said struct {
		Sound  bool
		Checks []struct{ Check, Status, Seen, Do string }
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &said))
	require.False(t, said.Sound)
	require.Len(t, said.Checks, 2)
	require.Equal(t, "freshet counters rebuild", said.Checks[1].Do)
}

func TestTheDoctorIsToldWhichInstancesThereAre(t *testing.T) {
	_, asked := examined(t, nil, "--instance", "127.0.0.1:8081", "--instance", "https://a.example:1/")
	require.Equal(t, []string{"http://127.0.0.1:8081", "https://a.example:1"}, asked)
	for _, wrong := range [][]string{{"--instance", "ftp://x"}, {"--instance", ""}, {"--patience", "0s"}, {"now"}} {
		r, _ := examined(t, nil, wrong...)
		require.Equal(t, cli.Misused, r.code, "%v", wrong)
	}
}
