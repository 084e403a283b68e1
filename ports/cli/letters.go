package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/domain/catalog"
)

type letterFlags struct{ json, all bool }

func letters(c Commands, s *Settings) *cobra.Command {
	f := &letterFlags{}
	cmd := &cobra.Command{
		Use:   "dlq",
		Short: "Deal with changes of items that could not be delivered",
		Long: `List, look at, deliver again or forget dead letters: changes of items that no instance could be told
of, because they cannot be read or are too large for the stream. Each was tried three times and then put
aside, so that it keeps nothing else back. A store that is out of reach makes no dead letters.

It works on the configured database, whether servers run on it or not.`,
		Example: `  freshet dlq list
  freshet dlq show 1741
  freshet dlq requeue 1741 1742
  freshet dlq requeue --all
  freshet dlq drop 1741`,
		Args: misusing(noCommand),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().BoolVar(&f.json, "json", false, "print JSON")

	list := &cobra.Command{
		Use:     "list",
		Short:   "List the dead letters, the oldest first",
		Long:    `List the dead letters, the oldest first. One is superseded when a newer change of its item was delivered since.`,
		Example: `  freshet dlq list --json`,
		Args:    misusing(none),
	}
	list.RunE = f.with(c, s, func(ctx context.Context, cmd *cobra.Command, on *relaying.Letters, _ []catalog.LetterID) error {
		all, err := on.All(ctx)
		if err != nil {
			return err
		}
		return f.list(cmd.OutOrStdout(), all)
	})
	show := &cobra.Command{
		Use:     "show ID",
		Short:   "Show one with its contents",
		Long:    `Show one dead letter with its contents as they are stored, which may be what cannot be read.`,
		Example: `  freshet dlq show 1741 --json`,
		Args:    misusing(oneLetter),
	}
	show.RunE = f.with(c, s, func(ctx context.Context, cmd *cobra.Command, on *relaying.Letters, ids []catalog.LetterID) error {
		l, err := on.Find(ctx, ids[0])
		if err != nil {
			return fmt.Errorf("%d: %w", ids[0], err)
		}
		return f.show(cmd.OutOrStdout(), l)
	})
	requeue := &cobra.Command{
		Use:   "requeue ID... | --all",
		Short: "Deliver them again",
		Long: `Put dead letters back where they were in the order of changes; a running server delivers them. One that
fails again is tried three times again. One that a newer change of its item has overtaken is superseded:
it says nothing any more, stays where it is, and may be dropped. Doing it twice changes nothing more.

Exit codes: 0 done, 1 failed or there is no such dead letter, 2 wrong command line or configuration.`,
		Example: `  freshet dlq requeue 1741 1742
  freshet dlq requeue --all`,
		Args: misusing(f.lettersOrAll),
	}
	requeue.RunE = f.with(c, s, func(ctx context.Context, cmd *cobra.Command, on *relaying.Letters, ids []catalog.LetterID) error {
		if f.all {
			return f.tell(cmd.OutOrStdout(), "")(on.RequeueAll(ctx))
		}
		return f.tell(cmd.OutOrStdout(), "")(on.Requeue(ctx, ids))
	})
	requeue.Flags().BoolVar(&f.all, "all", false, "all there are")
	drop := &cobra.Command{
		Use:   "drop ID...",
		Short: "Forget them for good",
		Long: `Forget dead letters for good. The item in the catalogue stays as it is.

Exit codes: 0 done, 1 failed or there is no such dead letter, 2 wrong command line or configuration.`,
		Example: `  freshet dlq drop 1741`,
		Args:    misusing(someLetters),
	}
	drop.RunE = f.with(c, s, func(ctx context.Context, cmd *cobra.Command, on *relaying.Letters, ids []catalog.LetterID) error {
		return f.tell(cmd.OutOrStdout(), "dropped")(on.Drop(ctx, ids))
	})
	cmd.AddCommand(list, show, requeue, drop)
	return cmd
}

type letterDeed func(ctx context.Context, cmd *cobra.Command, on *relaying.Letters, ids []catalog.LetterID) error

func (f *letterFlags) with(c Commands, s *Settings, do letterDeed) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ids, err := letterIDs(args)
		if err != nil {
			return Misuse(err)
		}
		return c.DeadLetters(cmd.Context(), *s, func(ctx context.Context, on *relaying.Letters) error { return do(ctx, cmd, on, ids) })
	}
}

func letterIDs(args []string) ([]catalog.LetterID, error) {
	ids := make([]catalog.LetterID, len(args))
	for i, arg := range args {
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not the id of a dead letter; freshet dlq list tells them", arg)
		}
		ids[i] = catalog.LetterID(n)
	}
	return ids, nil
}

func oneLetter(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("dlq show takes one ID")
	}
	return nil
}

func someLetters(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("dlq %s takes at least one ID", cmd.Name())
	}
	return nil
}

func (f *letterFlags) lettersOrAll(_ *cobra.Command, args []string) error {
	if f.all == (len(args) > 0) {
		return errors.New("dlq requeue takes either IDs or --all")
	}
	return nil
}
