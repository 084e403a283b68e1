package cli_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/ports/cli"
)

// shelf is a backlog in memory.
type shelf struct {
	failing []notifying.Failing
	ran     []string
}

func (s *shelf) Sizes(context.Context) (notifying.Sizes, error) { return notifying.Sizes{}, nil }

func (s *shelf) List(_ context.Context, each func(notifying.Failing) error) error {
	for _, f := range s.failing {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Again(_ context.Context, id string) error {
	for _, f := range s.failing {
		if f.ID == id {
			s.ran = append(s.ran, id)
			return nil
		}
	}
	return notifying.ErrNoTask
}

func (s *shelf) AgainAll(context.Context) (int, error) { return len(s.failing), nil }

func twoTasks() *shelf {
	at := time.Date(2026, 11, 20, 21, 22, 23, 0, time.UTC)
	return &shelf{failing: []notifying.Failing{
		{
			ID: "ab12", Archived: true, Failures: 4, Why: "hook_refused: the receiver answered 500", FailedAt: at,
			Task: notifying.Task{Subject: notifying.Subject{Kind: notifying.Viewer, ID: "v\x1b[2J"}, Events: 7, UpTo: 1741, Since: at, At: at},
		},
		{ID: "cd34", Failures: 1, Why: "hook_unreachable: the receiver did not answer: EOF", FailedAt: at, Next: at.Add(5 * time.Second)},
	}}
}

func tasks(t *testing.T, on notifying.Backlog, args ...string) (r result) {
	t.Helper()
	var out, errs bytes.Buffer
	root := cli.Root(cli.Commands{Tasks: func(ctx context.Context, _ cli.Settings, use func(context.Context, notifying.Backlog) error) error {
		return use(ctx, on)
	}})
	root.SetArgs(append([]string{"tasks"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestTasksThatFailedAreToldAsTheyAre(t *testing.T) {
	require.Equal(t, result{out: `id    state      kind    subject   events  failures  failed at             error
ab12  put aside  viewer  v\x1b[2J  7       4         2026-11-20T21:22:23Z  hook_refused: the receiver answered 500
cd34  retried                      0       1         2026-11-20T21:22:23Z  hook_unreachable: the receiver did not answer: EOF
`}, tasks(t, twoTasks(), "list"))
	require.Equal(t, result{out: "no task failed\n"}, tasks(t, &shelf{}, "list"))
	require.Equal(t, result{out: `{"id":"ab12","state":"put aside","kind":"viewer","subject":"v\u001b[2J","events":7,"up_to":1741,"at":"2026-11-20T21:22:23Z","failures":4,"error":"hook_refused: the receiver answered 500","failed_at":"2026-11-20T21:22:23Z"}
{"id":"cd34","state":"retried","events":0,"failures":1,"error":"hook_unreachable: the receiver did not answer: EOF","failed_at":"2026-11-20T21:22:23Z","next":"2026-11-20T21:22:28Z"}
`}, tasks(t, twoTasks(), "list", "--json"))
}

func TestTasksThatFailedAreRunAgain(t *testing.T) {
	s := twoTasks()
	require.Equal(t, result{out: "2 to be run now\n"}, tasks(t, s, "run", "cd34", "ab12"))
	require.Equal(t, []string{"cd34", "ab12"}, s.ran)
	require.Equal(t, result{out: "2 to be run now\n"}, tasks(t, s, "run", "--all"))
	require.Equal(t, result{code: cli.Failed, err: "freshet: nobody: no_task: there is no such task that failed\n"}, tasks(t, s, "run", "nobody"))
}

func TestWrongWordsForTasksAreTwo(t *testing.T) {
	for _, args := range [][]string{{"run"}, {"run", "--all", "ab12"}, {"list", "x"}, {"lust"}} {
		require.Equal(t, cli.Misused, tasks(t, twoTasks(), args...).code, "%v", args)
	}
}
