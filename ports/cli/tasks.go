package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/notifying"
)

type taskFlags struct{ json, all bool }

func tasks(c Commands, s *Settings) *cobra.Command {
	f := &taskFlags{}
	cmd := &cobra.Command{
		Use:   "tasks",
		Short: "Deal with notifications that failed",
		Long: `List or run again notifications that failed: nobody could be told that something was recorded of a
viewer or an author. Each is tried four times and is then put aside. It is told with whatever is
recorded of the same viewer or author next, or when it is run again, and forgotten after a week.

It works on the configured Redis. What a server keeps inside its own process is its own.`,
		Example: `  freshet tasks list
  freshet tasks run 1f0c8a…
  freshet tasks run --all`,
		Args: misusing(noCommand),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	list := &cobra.Command{
		Use:     "list",
		Short:   "List those that were put aside, then those that are tried again",
		Example: `  freshet tasks list --json`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.Tasks(cmd.Context(), *s, func(ctx context.Context, on notifying.Backlog) error { return f.list(ctx, cmd.OutOrStdout(), on) })
		},
	}
	list.Flags().BoolVar(&f.json, "json", false, "print JSON, one task a line")
	again := &cobra.Command{
		Use:   "run ID... | --all",
		Short: "Run them again now",
		Long: `Have a running server run them now. One that fails again is put aside again.

Exit codes: 0 done, 1 failed or there is no such task, 2 wrong command line or configuration.`,
		Example: `  freshet tasks run --all`,
		Args: misusing(func(_ *cobra.Command, args []string) error {
			if f.all == (len(args) > 0) {
				return errors.New("tasks run takes either IDs or --all")
			}
			return nil
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.Tasks(cmd.Context(), *s, func(ctx context.Context, on notifying.Backlog) error { return f.run(ctx, cmd.OutOrStdout(), on, args) })
		},
	}
	again.Flags().BoolVar(&f.all, "all", false, "all that were put aside")
	cmd.AddCommand(list, again)
	return cmd
}

// toldTask is a task as --json has it; what is known only while it has something to tell is left out where it has not.
type toldTask struct {
	ID       string     `json:"id"`
	State    string     `json:"state"`
	Kind     string     `json:"kind,omitempty"`
	Subject  string     `json:"subject,omitempty"`
	Events   int64      `json:"events"`
	UpTo     uint64     `json:"up_to,omitempty"`
	At       *time.Time `json:"at,omitempty"`
	Failures int        `json:"failures"`
	Error    string     `json:"error"`
	FailedAt time.Time  `json:"failed_at"`
	Next     *time.Time `json:"next,omitempty"`
}

func (f *taskFlags) list(ctx context.Context, w io.Writer, on notifying.Backlog) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	n := 0
	err := on.List(ctx, func(task notifying.Failing) error {
		n++
		if f.json {
			return json.NewEncoder(w).Encode(toldTaskOf(task))
		}
		if n == 1 {
			fmt.Fprintln(t, "id\tstate\tkind\tsubject\tevents\tfailures\tfailed at\terror")
		}
		told := toldTaskOf(task)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", told.ID, told.State, told.Kind, plain(told.Subject), told.Events, told.Failures,
			told.FailedAt.Format(time.RFC3339), plain(told.Error))
		return nil
	})
	if err != nil || f.json {
		return err
	}
	if n == 0 {
		_, err := fmt.Fprintln(w, "no task failed")
		return err
	}
	return t.Flush()
}

func toldTaskOf(task notifying.Failing) toldTask {
	told := toldTask{
		ID: task.ID, State: "retried", Kind: string(task.Task.Kind), Subject: task.Task.ID, Events: task.Task.Events, UpTo: uint64(task.Task.UpTo),
		Failures: task.Failures, Error: task.Why, FailedAt: task.FailedAt,
	}
	if task.Archived {
		told.State = "put aside"
	}
	if !task.Next.IsZero() {
		told.Next = &task.Next
	}
	if task.Task.ID != "" {
		told.At = &task.Task.At
	}
	return told
}

func (f *taskFlags) run(ctx context.Context, w io.Writer, on notifying.Backlog, ids []string) error {
	n := len(ids)
	if f.all {
		all, err := on.AgainAll(ctx)
		if err != nil {
			return err
		}
		n = all
	}
	for _, id := range ids {
		if err := on.Again(ctx, id); err != nil {
			return fmt.Errorf("%s: %w", plain(id), err)
		}
	}
	_, err := fmt.Fprintf(w, "%d to be run now\n", n)
	return err
}
