package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/fault"
)

type replayFlags struct {
	since, until, installed string
	json                    bool
	options                 comparing.Options
}

func replay(c Commands, s *Settings) *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Show what another configuration would have served",
		Long: `Make recorded pages again, under the configuration in force and under a changed one, and show how they
differ: which items move, what sources and authors gain, and from what was explored by chance, what the
change would be worth. Nothing is written.

--config and --set say what is changed. The configuration in force, and with it the stores that are read,
is what it is without them: the file that FRESHET_CONFIG or --store-config names, and the environment.
The changed one is the file of --config instead of that, the same environment, then --set. Stores that
--config names are not looked at. Without --config and --set nothing is changed: then it shows how
faithfully pages can be made again.

A page is made with the events that its instance had learned by then, what was known of the viewer, the
seed, and what the session had served. Events that came later are not looked at but for what became of
explored items. The catalogue is today's, without the items that came later. What the figures mean:
docs/operations.md, "Replaying".

The embedded stores are in use while a server runs on them: stop it, or replay a copy of its folder.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 130 interrupted.`,
		Example: `  freshet replay --since 24h --config new.yaml
  freshet replay --since 24h --set feeds.for-you.explore.share=0.05 --json
  freshet replay --since 2026-05-01T00:00:00Z --until 2026-05-02T00:00:00Z --limit 5000 --config new.yaml
  freshet replay --since 2h --store-config /etc/freshet.yaml --config new.yaml`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	flags, o := cmd.Flags(), &f.options
	flags.StringVar(&f.since, "since", "", "pages served since this `TIME`, such as 2026-05-01T00:00:00Z, or for so long, such as 24h")
	flags.StringVar(&f.until, "until", "", "and before this `TIME`, written like the other (default: now)")
	flags.StringVar(&o.Feed, "feed", "for-you", "`NAME` of the feed that was asked for")
	flags.IntVar(&o.Limit, "limit", 0, "take the first `N` pages that can be made again; 0: all")
	flags.IntVar(&o.K, "k", 0, "compare the first `N` places of a page, at most 100; 0: whole pages")
	flags.DurationVar(&o.Window, "window", 30*time.Minute, "how long after its page a good act counts for an explored item")
	flags.Float64Var(&o.Clip, "clip", 10, "the largest weight of an explored item in an estimate")
	flags.StringVar(&f.installed, "store-config", "", "YAML `FILE` of the configuration in force (default: the one that FRESHET_CONFIG names)")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// check reads the flags at now.
func (f *replayFlags) check(now time.Time) (err error) {
	o := &f.options
	if f.since == "" {
		return errors.New("replay takes --since TIME; see freshet replay --help")
	}
	if o.Since, err = moment("since", f.since, now); err != nil {
		return err
	}
	o.Now, o.Until = now, now
	if f.until != "" {
		if o.Until, err = moment("until", f.until, now); err != nil {
			return err
		}
	}
	return flagged(o.Check())
}

// moment reads a time, or how long ago it was.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("--%s: %q is neither a time such as 2026-05-01T00:00:00Z nor a duration such as 24h", flag, text)
	}
	return at.UTC(), nil
}

// flagged tells a fault by the flag that it concerns.
func flagged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--%s: %s", fault.Of(err).Field(), fault.Of(err).Message())
}

func (f *replayFlags) run(cmd *cobra.Command, c Commands, changed Settings) error {
	if err := f.check(time.Now().UTC().Truncate(time.Millisecond)); err != nil {
		return Misuse(err)
	}
	installed := Settings{File: f.installed}
	if changed.File == "" {
		changed.File = f.installed
	}
	var report *comparing.Report
	bar := &trainProgress{to: cmd.ErrOrStderr()}
	err := c.Comparison(cmd.Context(), installed, changed, f.options.Feed, func(ctx context.Context, s comparing.Subject) (err error) {
		report, err = comparing.Run(ctx, s, f.options, func(phase string, done, total int64) {
			bar.at(training.Phase(phase), done, total)
		})
		return err
	})
	bar.end()
	switch {
	case err != nil && cmd.Context().Err() != nil:
		return &Exit{Interrupted, errors.New("interrupted")}
	case errors.Is(err, comparing.ErrNothing):
		return Misuse(flagged(err))
	case err != nil:
		return err
	}
	if f.json {
		return printed(cmd.OutOrStdout(), compared(report))
	}
	return contrast(cmd.OutOrStdout(), report)
}
