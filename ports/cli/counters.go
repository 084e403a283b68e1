package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/recounting"
)

func counters(c Commands, s *Settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "counters",
		Short: "Compare counts with what they count, and mend them",
		Long: `Likes, favourites, comments, shares and plays of items follow from the event log, followers of authors
from viewers' relations. "verify" compares them, "rebuild" mends what differs. Both may run while servers
do.`,
		Example: `  freshet counters verify
  freshet counters rebuild`,
		Args: misusing(noCommand),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(verifyCounters(c, s), rebuildCounters(c, s))
	return cmd
}

func verifyCounters(c Commands, s *Settings) *cobra.Command {
	var asJSON bool
	var examples int
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare every count with what it counts",
		Long: `Compare every count with the event log, with the rows that tell who likes and played what, and with
viewers' relations, all as they were at one moment. Nothing is written and nobody waits. It reads the
whole log, and the database keeps what changes meanwhile until it is done.

A viewer who is being erased just then may show as differences. "reactions" and "counted_plays" are rows
that are missing or too many; the others are numbers.

Exit codes: 0 everything is right, 1 there are differences or it failed, 2 wrong command line or
configuration, 130 interrupted.`,
		Example: `  freshet counters verify
  freshet counters verify --json --examples 1000`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if examples < 0 {
				return Misuse(errors.New("--examples is not negative"))
			}
			var report *recounting.Report
			err := c.Counters(cmd.Context(), *s, func(ctx context.Context, counts *recounting.Counts) (err error) {
				report, err = counts.Verify(ctx, examples)
				return err
			})
			if err != nil {
				return cut(cmd.Context(), err)
			}
			if err := tellVerified(cmd.OutOrStdout(), report, asJSON); err != nil {
				return err
			}
			if report.Differences() > 0 {
				return &Exit{Code: Failed}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&examples, "examples", 50, "show the first `N` differences")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func rebuildCounters(c Commands, s *Settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Count everything anew, and mend what differs",
		Long: `Make the rows that tell who likes and played what, and then every count, what the event log and viewers'
relations say. Servers go on counting meanwhile, and show what was mended within a second.

It goes in small commits. One that was interrupted has mended a part: run it again. Of two at once the
one that began later goes on.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 130 interrupted.`,
		Example: `  freshet counters rebuild`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var m recounting.Mended
			err := c.Counters(cmd.Context(), *s, func(ctx context.Context, counts *recounting.Counts) (err error) {
				m, err = counts.Rebuild(ctx, func(recounting.Mended) {})
				return err
			})
			if err != nil {
				return cut(cmd.Context(), err)
			}
			if asJSON {
				return printed(cmd.OutOrStdout(), map[string]int{"rows_mended": m.Rows, "counts_mended": m.Counts})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "mended %d rows and %d counts\n", m.Rows, m.Counts)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func cut(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Exit{Interrupted, errors.New("interrupted")}
	}
	return err
}

type differenceJSON struct {
	Kind    recounting.Kind `json:"kind"`
	Of      string          `json:"of"`
	Viewer  string          `json:"viewer,omitempty"`
	Stored  int64           `json:"stored"`
	Counted int64           `json:"counted"`
}

func tellVerified(to io.Writer, r *recounting.Report, asJSON bool) error {
	if asJSON {
		examples := make([]differenceJSON, len(r.Examples))
		for i, d := range r.Examples {
			examples[i] = differenceJSON{d.Kind, d.Of, string(d.Viewer), d.Stored, d.Counted}
		}
		return printed(to, struct {
			Offset      uint64                  `json:"offset"`
			Differences int                     `json:"differences"`
			Found       map[recounting.Kind]int `json:"found"`
			Examples    []differenceJSON        `json:"examples"`
		}{uint64(r.Offset), r.Differences(), r.Found, examples})
	}
	if _, err := fmt.Fprintf(to, "%d differences, with the log counted up to offset %d\n", r.Differences(), r.Offset); err != nil {
		return err
	}
	if len(r.Examples) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "KIND\tOF\tVIEWER\tSTORED\tCOUNTED")
	for _, d := range r.Examples {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", d.Kind, d.Of, d.Viewer, d.Stored, d.Counted)
	}
	return w.Flush()
}
