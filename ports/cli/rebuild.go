package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/rebuilding"
)

// Rebuilding is what fills a Redis that lost what it held.
type Rebuilding struct {
	Rebuild     *rebuilding.Rebuild
	CopyLife    time.Duration // how long a viewer's copy stays without use
	SessionLife time.Duration
}

type rebuildFlags struct {
	since          string
	parallel, rate int
	dry, json      bool
}

func rebuild(c Commands, s *Settings) *cobra.Command {
	f := &rebuildFlags{}
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Fill a Redis that lost what it held",
		Long: `Fill Redis from the database after it lost what it held: what is known of viewers, and their live
sessions. Servers serve meanwhile. Without it each viewer is read from the database with the next page;
this does it for all of them ahead.

What servers hold already is left as it is, and what they record and serve meanwhile stands. Stopped or
killed, it goes on when it is run again. Viewers who were busy all the time are left to their next page.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 130 interrupted.`,
		Example: `  freshet rebuild
  freshet rebuild --dry-run
  freshet rebuild --since 72h --parallel 2 --rate 500`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "", "only viewers active since this `TIME`, or for so long, such as 72h (default: those whose copy would be there still)")
	flags.IntVar(&f.parallel, "parallel", 4, "read and write `N` batches of viewers at a time, 1 to 64")
	flags.IntVar(&f.rate, "rate", 0, "at most `N` viewers a second, 0 for as many as the stores take")
	flags.BoolVar(&f.dry, "dry-run", false, "tell how many would be restored, and write nothing")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *rebuildFlags) run(cmd *cobra.Command, c Commands, s Settings) error {
	o := rebuilding.Options{Parallel: f.parallel, Rate: f.rate, DryRun: f.dry}
	if o.Parallel < 1 || o.Parallel > 64 {
		return Misuse(errors.New("--parallel is 1 to 64"))
	}
	if o.Rate < 0 {
		return Misuse(errors.New("--rate is not negative"))
	}
	began := time.Now()
	if f.since != "" {
		var err error
		if o.Since, err = moment("since", f.since, began.UTC()); err != nil {
			return Misuse(err)
		}
	}
	bar := &rebuildProgress{to: cmd.ErrOrStderr(), began: began, told: began}
	var p rebuilding.Progress
	err := c.Rebuild(cmd.Context(), s, o.Parallel, func(ctx context.Context, r Rebuilding) (err error) {
		o.Sessions = r.SessionLife
		if o.Since.IsZero() {
			o.Since = began.Add(-r.CopyLife)
		}
		p, err = r.Rebuild.Run(ctx, o, bar.at)
		return err
	})
	if err != nil && cmd.Context().Err() != nil {
		return &Exit{Interrupted, fmt.Errorf("interrupted; %d viewers are restored, run it again for the others", p.Restored)}
	}
	if err != nil {
		return err
	}
	return f.tell(cmd.OutOrStdout(), p, time.Since(began))
}

func (f *rebuildFlags) tell(to io.Writer, p rebuilding.Progress, took time.Duration) error {
	rate := float64(p.Looked) / max(took.Seconds(), 1e-3)
	if f.json {
		return printed(to, struct {
			DryRun   bool    `json:"dry_run"`
			Viewers  int     `json:"viewers"`
			Held     int     `json:"held"`
			Restored int     `json:"restored"`
			Left     int     `json:"left"`
			Sessions int     `json:"sessions"`
			Seconds  float64 `json:"seconds"`
			Rate     float64 `json:"viewers_per_second"`
		}{f.dry, p.Looked, p.Held, p.Restored, p.Left, p.Sessions, took.Seconds(), rate})
	}
	if f.dry {
		_, err := fmt.Fprintf(to, "%d viewers: %d would be restored, %d are held\n", p.Looked, p.Restored, p.Held)
		return err
	}
	_, err := fmt.Fprintf(to, "%d viewers: %d restored, %d were held, %d left to their next page; %d sessions reopened\n%.0f viewers a second, %s\n",
		p.Looked, p.Restored, p.Held, p.Left, p.Sessions, rate, took.Round(100*time.Millisecond))
	return err
}

// rebuildProgress tells every few seconds how far it has come. How many viewers there are nobody knows before the end.
type rebuildProgress struct {
	to          io.Writer
	began, told time.Time
}

func (p *rebuildProgress) at(done rebuilding.Progress) {
	now := time.Now()
	if now.Sub(p.told) < 2*time.Second {
		return
	}
	p.told = now
	fmt.Fprintf(p.to, "%d viewers, %d restored, %.0f a second\n", done.Looked, done.Restored, float64(done.Looked)/now.Sub(p.began).Seconds())
}
