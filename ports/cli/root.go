package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/ports/cli/demo"
	"github.com/freshet/freshet/ports/cli/intake"
)

// Settings say where the configuration is: what --config and --set gave.
type Settings struct {
	File string
	Set  []string // key=value
}

// Commands are the deeds behind the command line. Each ends when its context does.
type Commands struct {
	Version  string
	Defaults []byte // the defaults, every key explained

	// Effective returns the configuration in force as YAML, without secrets.
	Effective func(s Settings) ([]byte, error)
	// DataDir returns the folder where this machine keeps what it must not lose.
	DataDir func(s Settings) (string, error)
	// Serve serves until ctx ends, then drains.
	Serve func(ctx context.Context, s Settings) error
	// Demo serves, and hands the service to play once it is ready. It drains after play has returned, which is
	// when ctx ends or play fails.
	Demo func(ctx context.Context, s Settings, play func(context.Context, demo.Service) error) error
	// Migrate brings the database to this version and says where that is.
	Migrate func(ctx context.Context, s Settings) (where string, err error)
	// Stores opens what an import writes to, without listening, hands it to use under a name that no other
	// stores have, and closes it.
	Stores func(ctx context.Context, s Settings, use func(ctx context.Context, here intake.Here, name string) error) error
	// Training opens what training reads and writes, without listening, hands it to use and closes it.
	Training func(ctx context.Context, s Settings, use func(ctx context.Context, t Training) error) error
	// Counters opens the counts and what they count, without listening, hands them to use and closes them.
	Counters func(ctx context.Context, s Settings, use func(ctx context.Context, c *recounting.Counts) error) error
	// Rebuild opens the database, also one that a running server has to itself, for so many readers at a time, and a Redis that
	// is not embedded, hands over what fills it and closes both.
	Rebuild func(ctx context.Context, s Settings, parallel int, use func(ctx context.Context, r Rebuilding) error) error
	// Doctor opens what the configuration names, and what running servers have to themselves, as it is, hands over what is to be
	// looked at, and closes it.
	Doctor func(ctx context.Context, s Settings, instances Planes, use func(ctx context.Context, checks []diagnosing.Check) error) error
	// Evaluation is what the configuration serves as a feed of that name, to be measured.
	Evaluation func(s Settings, feed string) (evaluating.Subject, error)
	// Comparison opens what the installation of one configuration has recorded of a feed, to be made again under it and
	// under the changed one, hands it to use and closes it.
	Comparison func(ctx context.Context, installed, changed Settings, feed string, use func(ctx context.Context, s comparing.Subject) error) error
	// DeadLetters opens the database, also one that a running server has to itself, hands over what could not be
	// delivered and closes it.
	DeadLetters func(ctx context.Context, s Settings, use func(ctx context.Context, letters *relaying.Letters) error) error
	// Keys opens the keys of services, also those of a running server, hands them over and closes them.
	Keys func(ctx context.Context, s Settings, use func(ctx context.Context, on access.KeyRepository) error) error
	// ClearShadow drops what is kept of shadow traffic, also beside servers that run.
	ClearShadow func(ctx context.Context, s Settings) (Cleared, error)
	// Tasks opens the queue of notifications, hands it over and closes it.
	Tasks func(ctx context.Context, s Settings, use func(ctx context.Context, on notifying.Backlog) error) error
}

// Planes are admin planes of running instances, and the key to prove oneself with; empty: none.
type Planes struct {
	URLs []string
	Key  string
}

// Training is how models are made, and where they are kept.
type Training struct {
	Train   *training.Train
	Models  training.Models
	Options training.Options
}

// Root is the whole command line.
func Root(c Commands) *cobra.Command {
	s := &Settings{}
	root := &cobra.Command{
		Use:   "freshet",
		Short: "Real-time recommendation feeds for your own service",
		Long: `Freshet answers "what should this viewer see next", page after page, over HTTP and RPC.

A team publishes items and reports what viewers do; the next page knows. Started without any
configuration it keeps everything in one folder and needs nothing else.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration.`,
		Example: `  freshet demo                      a sample catalogue, simulated viewers, calls to try
  freshet serve                     serve what is in the data folder
  freshet import --items i.jsonl --events e.jsonl.gz
  freshet train                     learn what goes together from all events
  freshet eval --data ./week        measure the feed on recorded events
  freshet replay --since 24h --config new.yaml
  freshet load --rate 500           put a running service under load and measure it
  freshet dlq list                  changes of items that could not be delivered
  freshet tasks list                notifications that failed
  freshet counters verify           compare likes, plays, followers … with what they count
  freshet keys add --name backend --scopes items:write,events:write
  freshet rebuild                   fill a Redis that lost what it held
  freshet shadow clear              drop what load tests left
  freshet doctor                    look at what must hold, and say what to do
  freshet config --print-defaults > freshet.yaml`,
		Args:          misusing(noCommand),
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&s.File, "config", "", "YAML `FILE` to read (default: the one that FRESHET_CONFIG names)")
	root.PersistentFlags().StringArrayVar(&s.Set, "set", nil, "set a `KEY=VALUE` of the configuration; repeat for more")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return Misuse(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	})
	root.AddCommand(serve(c, s), play(c, s), takeIn(c, s), train(c, s), evaluate(c, s), replay(c, s), generate(), letters(c, s), tasks(c, s), keys(c, s), counters(c, s), rebuild(c, s), shadow(c, s), doctor(c, s), migrate(c, s), configure(c, s), version(c))
	return root
}

// noCommand refuses words that name no command, with those they look like.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	said := fmt.Sprintf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		said += " (did you mean " + strings.Join(near, " or ") + "?)"
	}
	return errors.New(said)
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, and got %q", cmd.Name(), args[0])
	}
	return nil
}
