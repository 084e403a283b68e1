package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

type trainFlags struct {
	list     bool
	activate uint64
	json     bool
}

func train(c Commands, s *Settings) *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train the long-term model on the event log",
		Long: `Read all events from the stores of the configuration, learn which items are liked by the same viewers,
and put the new model in force: every instance takes it up within seconds, without a restart. Items
that are removed stay out of it.

The last item of each viewer is held back first, to measure how often the model has it among ten. A
model that is no better at that than a list of the most popular items, or worse than the one in force by
more than training.tolerance, is kept and withheld: --list says why, and --activate overrides that. The
three newest models are kept; --list tells them, --activate goes back to one of them.

How many items a model knows and more is under training in "freshet config --print-defaults". One process
trains at a time. The embedded stores are in use while a server runs on them: it trains by itself, as
training.schedule says.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 130 interrupted; then nothing has
changed.`,
		Example: `  freshet train
  freshet train --list
  freshet train --activate 3
  freshet train --activate 0          serve without a trained model`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	cmd.Flags().BoolVar(&f.list, "list", false, "tell the models that are kept, and train nothing")
	cmd.Flags().Uint64Var(&f.activate, "activate", 0, "put the model of this `VERSION` in force, 0 for none, and train nothing")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *trainFlags) run(cmd *cobra.Command, c Commands, s Settings) error {
	activate := cmd.Flags().Changed("activate")
	if f.list && activate {
		return Misuse(errors.New("train takes --list or --activate VERSION, not both"))
	}
	return c.Training(cmd.Context(), s, func(ctx context.Context, t Training) error {
		if f.list {
			kept, err := judged(ctx, t)
			if err != nil {
				return err
			}
			return list(cmd.OutOrStdout(), kept, f.json)
		}
		version := f.activate
		if !activate {
			bar := &trainProgress{to: cmd.ErrOrStderr()}
			how, err := t.Train.Run(ctx, t.Options, bar.at)
			bar.end()
			if err != nil && ctx.Err() != nil {
				return &Exit{Interrupted, errors.New("interrupted; nothing has changed")}
			}
			if err != nil {
				return err
			}
			version = how.Version
		} else if err := t.Models.Activate(ctx, version); err != nil {
			return err
		}
		kept, err := judged(ctx, t)
		if err != nil {
			return err
		}
		return sum(cmd.OutOrStdout(), kept, version, f.json)
	})
}

// judgedModel is a kept model and what was found of it.
type judgedModel struct {
	recommend.KeptModel
	training.Verdict
}

func judged(ctx context.Context, t Training) ([]judgedModel, error) {
	kept, err := t.Models.List(ctx)
	if err != nil {
		return nil, err
	}
	verdicts, err := t.Models.Verdicts(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]judgedModel, len(kept))
	for i, k := range kept {
		all[i] = judgedModel{k, verdicts[k.Version]}
	}
	return all, nil
}
