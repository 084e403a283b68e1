package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/fault"
)

type evalFlags struct {
	data, feed, html, errors string
	protocol, positives, fit string
	limit                    int
	json                     bool
	options                  evaluating.Options
}

func evaluate(c Commands, s *Settings) *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure a feed on recorded events",
		Long: `Play recorded events to a fresh instance of what the configuration serves, ask it for pages as viewers
would have, and compare them with what the viewers went on to. DIR holds items.jsonl and events.jsonl,
each plain or with .gz behind it, in the format of "freshet import". Nothing else is read, and no store
is used.

Protocols:
  prequential  events in the order of time: asked before they are learned, learned --delay later. The
               catalogue is what has been met so far; an item that nobody has met is a miss.
  loo          each viewer's last item is asked for, with the viewer's history before it; the one before
               it is for settling the weights. --fit strict learns everything but each viewer's last two
               items, --fit refit learns the one before the last, too, once the weights are settled.

Every item of the catalogue that the viewer has not met is a candidate; nothing is sampled. What a viewer
turns to a second time is counted and not asked for.

Figures are among the first --k places: HR (how often the item was there), NDCG and MRR (how far up). The
same data, configuration and seed give the same figures. What they mean: docs/operations.md, "Measuring".

Exit codes: 0 done, 1 failed, 2 wrong command line, configuration or data, 130 interrupted.`,
		Example: `  freshet eval --data ./week --protocol prequential
  freshet eval --data ./week --protocol loo --fit refit --json
  freshet eval --data ./week --positives like --html report.html --set feeds.for-you.weights.known=0
  freshet eval --data ./week --ablation --limit-events 20000`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	flags, o := cmd.Flags(), &f.options
	flags.StringVar(&f.data, "data", "", "`DIR` with items.jsonl and events.jsonl, or the same with .gz")
	flags.StringVar(&f.protocol, "protocol", string(evaluating.Prequential), "prequential or loo")
	flags.IntVar(&o.K, "k", 10, "places that count, 1 to 1000")
	flags.StringVar(&f.positives, "positives", string(evaluating.All), "what a feed should have shown: all (every line, each worth 1) or like (likes; lines are worth what is configured)")
	flags.StringVar(&f.fit, "fit", string(evaluating.Strict), "of loo: strict or refit")
	flags.DurationVar(&o.Delay, "delay", time.Second, "of prequential: how long after an event it is known")
	flags.StringVar(&f.feed, "feed", "for-you", "`NAME` of the feed")
	flags.Uint64Var(&o.Seed, "seed", 1, "of every random choice")
	flags.BoolVar(&o.Ablation, "ablation", false, "measure the feed without each of its sources and terms, too")
	flags.IntVar(&f.limit, "limit-events", 0, "take only the first `N` events of the file; 0: all")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.StringVar(&f.html, "html", "", "write a page with plots to `FILE`")
	flags.StringVar(&f.errors, "errors", "", "append every refused line to `FILE`")
	return cmd
}

func (f *evalFlags) check(cmd *cobra.Command) error {
	o := &f.options
	o.Protocol, o.Positives, o.Fit = evaluating.Protocol(f.protocol), evaluating.Positives(f.positives), evaluating.Fit(f.fit)
	switch {
	case f.data == "":
		return errors.New("eval takes --data DIR; see freshet eval --help")
	case f.limit < 0:
		return errors.New("--limit-events is not negative")
	case cmd.Flags().Changed("fit") && o.Protocol == evaluating.Prequential:
		return errors.New("--fit belongs to --protocol loo")
	case cmd.Flags().Changed("delay") && o.Protocol == evaluating.LeaveOneOut:
		return errors.New("--delay belongs to --protocol prequential")
	}
	if err := o.Check(); err != nil {
		return fmt.Errorf("--%s: %s", fault.Of(err).Field(), fault.Of(err).Message())
	}
	return nil
}

func (f *evalFlags) run(cmd *cobra.Command, c Commands, s Settings) (err error) {
	if err := f.check(cmd); err != nil {
		return Misuse(err)
	}
	subject, err := c.Evaluation(s, f.feed)
	if err != nil {
		return Misuse(err)
	}
	r := recording{dir: f.data, limit: f.limit, says: cmd.ErrOrStderr()}
	var page io.WriteCloser
	for _, file := range []struct {
		name string
		mode int
		to   *io.WriteCloser
	}{{f.errors, os.O_APPEND, &r.errors}, {f.html, os.O_TRUNC, &page}} {
		if file.name == "" {
			continue
		}
		opened, err := os.OpenFile(file.name, os.O_WRONLY|os.O_CREATE|file.mode, 0o644)
		if err != nil {
			return Misuse(err)
		}
		defer func() { err = errors.Join(err, opened.Close()) }()
		*file.to = opened
	}
	bar := &trainProgress{to: cmd.ErrOrStderr()}
	data, read, err := r.read(cmd.Context())
	if err == nil {
		report := (*evaluating.Report)(nil)
		report, err = evaluating.Run(cmd.Context(), subject, data, f.options, func(phase string, done, total int) {
			bar.at(training.Phase(phase), int64(done), int64(total))
		})
		bar.end()
		if err == nil {
			return f.present(cmd, report, read, page)
		}
	}
	return f.failed(cmd.Context(), err)
}

func (f *evalFlags) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &Exit{Interrupted, errors.New("interrupted")}
	case errors.Is(err, evaluating.ErrNothing):
		return Misuse(fmt.Errorf("%s: %s", f.data, fault.Of(err).Message()))
	}
	return err
}

func (f *evalFlags) present(cmd *cobra.Command, report *evaluating.Report, read *readLines, page io.Writer) error {
	if page != nil {
		if err := writePage(page, report); err != nil {
			return err
		}
	}
	if f.json {
		return printed(cmd.OutOrStdout(), measured(report, read))
	}
	return tabulate(cmd.OutOrStdout(), report, read)
}
