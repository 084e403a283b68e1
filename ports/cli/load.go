package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/freshet/freshet/ports/cli/intake"
	"github.com/freshet/freshet/ports/cli/load"
)

type loadFlags struct {
	o          load.Options
	mode       string
	pids       []string
	json, html string
	proof      proof
}

func generate() *cobra.Command {
	f := &loadFlags{o: load.Defaults(load.Open)}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Put a running service under load and measure it",
		Long: `Ask a running service for pages as many viewers would, report what they do with them, and measure how
that goes. Viewers come as a Zipf distribution has it, go from page to page by the cursor, think in
between, see the page from the top down, and open, play, skip or like some of it.

Modes:
  open    requests begin at equal distances, --rate a second, whatever becomes of those before. Latencies
          count from when a request was to begin, so a service that stalls is seen to stall. What would
          make more than --connections under way is not sent and counts as an error: overflow.
  closed  --connections callers, each of which asks again once it was answered: how much the service
          can do.

Every page is checked on the way: that no item comes twice within a session, and that it is whole.

The traffic is marked as a rehearsal, so that the service keeps it apart from what real viewers do; it is
not begun where the mark is refused or not known. With --real it is not marked. Of a service on this
machine the CPU time and memory are measured, and with --pid those of the processes named, such as its
Redis and its database.
Ctrl-C ends the load early and still reports.

Exit codes: 0 done, 1 a promise was broken or no request was answered well, 2 wrong command line.`,
		Example: `  freshet load
  freshet load --rate 1000 --duration 1m --pid freshet=4711 --pid redis=4242 --html report.html
  freshet load --mode closed --connections 64 --reporting 0 --json -
  freshet load --rpc 127.0.0.1:9090 --rpc-share 0.5 --to http://127.0.0.1:8080
  freshet load --idle 30000 --hot-viewer 0.5`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags, o := cmd.Flags(), &f.o
	flags.StringVar(&f.mode, "mode", string(o.Mode), "open or closed")
	flags.StringArrayVar(&o.To, "to", nil, "`URL` of a public plane; repeat to spread over instances (default http://127.0.0.1:8080, unless there is --rpc)")
	flags.StringArrayVar(&o.RPC, "rpc", nil, "`HOST:PORT` of Kitex RPC; repeat to spread over instances")
	flags.Float64Var(&o.RPCShare, "rpc-share", o.RPCShare, "share of the requests that go over RPC when there are --to and --rpc")
	flags.Float64Var(&o.Rate, "rate", o.Rate, "of mode open: requests a second")
	flags.IntVar(&o.Connections, "connections", 0, "of mode closed: callers (default 64); of mode open: requests under way at most (default 512)")
	flags.DurationVar(&o.WarmUp, "warm-up", o.WarmUp, "how long to load before measuring")
	flags.DurationVar(&o.Duration, "duration", o.Duration, "how long to measure")
	flags.DurationVar(&o.Timeout, "timeout", o.Timeout, "of one request")
	flags.DurationVar(&o.Think, "think", 0, "between a page and what its viewer does next, on average (default 1s in mode open, none in mode closed)")
	f.proof.flag(cmd)
	flags.StringVar(&o.Feed, "feed", o.Feed, "`NAME` of the feed")
	flags.StringVar(&o.Tag, "tag", "", "only items with this tag")
	flags.IntVar(&o.Limit, "limit", o.Limit, "items to a page")
	flags.IntVar(&o.Viewers, "viewers", o.Viewers, "how many there are")
	flags.Float64Var(&o.Skew, "skew", o.Skew, "exponent of the viewers' Zipf distribution; 0: all come alike")
	flags.Float64Var(&o.Hot, "hot-viewer", 0, "share of the sessions that one more viewer has alone")
	flags.Float64Var(&o.Pages, "pages", o.Pages, "pages of a session, on average")
	flags.Float64Var(&o.Reporting, "reporting", o.Reporting, "share of the pages after which events are reported")
	flags.Float64Var(&o.Acting, "acting", o.Acting, "share of the items met that something is done with beyond seeing them")
	flags.IntVar(&o.Idle, "idle", 0, "connections to the first --to held open beside")
	flags.BoolVar(&o.Real, "real", false, "do not mark the traffic: it counts like real viewers'")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "of who asks for what")
	flags.StringArrayVar(&f.pids, "pid", nil, "`[NAME=]PID` of a process on this machine to measure; repeat for more (default: who listens where the load goes)")
	flags.StringVar(&f.json, "json", "", "write the report as JSON to `FILE`; -: print it instead of the text")
	flags.StringVar(&f.html, "html", "", "write a page with plots to `FILE`")
	return cmd
}

// settle completes the options by the mode and refuses what does not go together.
func (f *loadFlags) settle(cmd *cobra.Command) error {
	o, given := &f.o, cmd.Flags().Changed
	o.Mode = load.Mode(f.mode)
	usual := load.Defaults(o.Mode)
	if !given("connections") {
		o.Connections = usual.Connections
	}
	if !given("think") {
		o.Think = usual.Think
	}
	var err error
	if o.Key, err = f.proof.read(); err != nil {
		return err
	}
	if len(o.To)+len(o.RPC) == 0 {
		o.To = []string{"http://127.0.0.1:8080"}
	}
	for _, text := range f.pids {
		p, err := load.ParseProcess(text)
		if err != nil {
			return err
		}
		o.Processes = append(o.Processes, p)
	}
	if len(f.pids) == 0 {
		o.Processes = load.Listening(o)
	}
	switch {
	case given("rate") && o.Mode == load.Closed:
		return errors.New("--rate belongs to --mode open")
	case given("rpc-share") && (len(o.To) == 0 || len(o.RPC) == 0):
		return errors.New("--rpc-share needs both --to and --rpc")
	}
	return o.Check()
}

func (f *loadFlags) run(cmd *cobra.Command) (err error) {
	if err := f.settle(cmd); err != nil {
		return Misuse(err)
	}
	var page, file io.WriteCloser
	for _, to := range []struct {
		name string
		into *io.WriteCloser
	}{{f.html, &page}, {f.json, &file}} {
		if to.name == "" || to.name == "-" && to.into == &file {
			continue
		}
		opened, err := os.Create(to.name)
		if err != nil {
			return Misuse(err)
		}
		defer func() { err = errors.Join(err, opened.Close()) }()
		*to.into = opened
	}
	progress := &loadProgress{to: cmd.ErrOrStderr(), told: time.Now()}
	report, err := load.Run(cmd.Context(), f.o, progress.at)
	progress.end()
	if err != nil {
		return err
	}
	if page != nil {
		if err := report.WritePage(page); err != nil {
			return err
		}
	}
	if file != nil {
		if err := printed(file, report); err != nil {
			return err
		}
	}
	if f.json == "-" {
		err = printed(cmd.OutOrStdout(), report)
	} else {
		err = report.WriteText(cmd.OutOrStdout())
	}
	return errors.Join(err, report.Failure())
}

// loadProgress shows how the load goes: a bar on a terminal, else a line every few seconds.
type loadProgress struct {
	to   io.Writer
	bar  *progressbar.ProgressBar
	told time.Time
}

func (p *loadProgress) at(m load.Moment) {
	if p.bar == nil && intake.Terminal(p.to) {
		p.bar = progressbar.NewOptions64(m.Of.Milliseconds(), progressbar.OptionSetWriter(p.to), progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish())
	}
	if p.bar != nil {
		p.bar.Describe(m.Line())
		_ = p.bar.Set64(m.Passed.Milliseconds())
		return
	}
	if now := time.Now(); now.Sub(p.told) >= 5*time.Second {
		p.told = now
		fmt.Fprintf(p.to, "%s, %s left\n", m.Line(), m.Left())
	}
}

func (p *loadProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
