package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/ports/cli/intake"
)

// mostBatch is how many lines the service takes at once.
const mostBatch = 10_000

type importFlags struct {
	items, events []string
	to, errors    string
	batch         int
	restart       bool
	strict        bool
	proof         proof
}

func takeIn(c Commands, s *Settings) *cobra.Command {
	f := &importFlags{}
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import items and events from JSON lines",
		Long: `Import items, then events, one JSON object a line. Files may be gzip, by name or by content; "-" is
the standard input. What is imported twice changes nothing: an item is replaced, an event counted once.

Without --to, it writes to the stores of the configuration, while no server uses an embedded one.
With --to, it goes through a running server.

Lines that cannot be taken in are told as file:line: field: error: message, the first 20 on standard
error, and all are counted. An import that was stopped goes on after the last acknowledged line when
it is run again with the same files and target; where it stands is kept in the data folder.

  item:  {"id","author","title","tags":[],"lang","region","labels":[],"duration_ms","published_at",
          "expires_at","payload":{}}                                              only id is needed
  event: {"event_id","type","viewer","item"|"author","at","session","context","watch_ms",
          "duration_ms","auto_presented"}

Exit codes: 0 the files were read to their end, 1 so they were, with --strict, and lines were refused,
2 wrong command line or configuration, 3 it ended before their end, 130 it was interrupted.`,
		Example: `  freshet import --items items.jsonl --events events.jsonl.gz
  freshet import --to http://127.0.0.1:8080 --events monday.ndjson --events tuesday.ndjson
  zcat dump.gz | freshet import --items - --errors refused.txt`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	cmd.Flags().StringArrayVar(&f.items, "items", nil, "`FILE` of items; repeat for more")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, "`FILE` of events; repeat for more")
	cmd.Flags().StringVar(&f.to, "to", "", "`URL` of a running server's public plane")
	f.proof.flag(cmd)
	cmd.Flags().IntVar(&f.batch, "batch", 1000, "lines to a batch, 1 to 10000")
	cmd.Flags().BoolVar(&f.restart, "restart", false, "begin at the first line, whatever an earlier run acknowledged")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "end with exit code 1 when lines were refused")
	cmd.Flags().StringVar(&f.errors, "errors", "", "append every refused line to `FILE`")
	return cmd
}

func (f *importFlags) check() error {
	inputs := 0
	for _, name := range append(append([]string{}, f.items...), f.events...) {
		if name == "" {
			return errors.New("a file of --items and --events has a name")
		}
		if name == intake.Stdin {
			inputs++
			continue
		}
		if _, err := os.Stat(name); err != nil {
			return err
		}
	}
	switch {
	case len(f.items)+len(f.events) == 0:
		return errors.New("import takes --items FILE, --events FILE or both; see freshet import --help")
	case inputs > 1:
		return errors.New("the standard input can be read once only")
	case f.batch < 1 || f.batch > mostBatch:
		return fmt.Errorf("--batch lies between 1 and %d", mostBatch)
	}
	return nil
}

func (f *importFlags) run(cmd *cobra.Command, c Commands, s Settings) error {
	if err := f.check(); err != nil {
		return Misuse(err)
	}
	dir, err := c.DataDir(s)
	if err != nil {
		return err
	}
	i := &intake.Import{
		Items: f.items, Events: f.events, Folder: filepath.Join(dir, "imports"), Batch: f.batch, Restart: f.restart,
		Stdin: cmd.InOrStdin(), Says: cmd.ErrOrStderr(),
	}
	if f.errors != "" {
		file, err := os.OpenFile(f.errors, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return Misuse(err)
		}
		defer file.Close()
		i.Errors = file
	}
	if f.to != "" {
		key, err := f.proof.read()
		if err != nil {
			return err
		}
		server, err := intake.NewServer(f.to, key)
		if err != nil {
			return Misuse(err)
		}
		i.Target, i.Name = server, f.to
		return f.ended(cmd.Context(), i, cmd.OutOrStdout())
	}
	return c.Stores(cmd.Context(), s, func(ctx context.Context, here intake.Here, name string) error {
		i.Target, i.Name = here, name
		return f.ended(ctx, i, cmd.OutOrStdout())
	})
}

// ended runs the import, sums it up and says how it ended.
func (f *importFlags) ended(ctx context.Context, i *intake.Import, out io.Writer) error {
	sum, err := i.Run(ctx)
	sum.Write(out)
	switch {
	case err != nil && ctx.Err() != nil:
		return &Exit{Interrupted, errors.New("interrupted; run the same again to go on")}
	case err != nil:
		return &Exit{Unfinished, fmt.Errorf("%w; run the same again to go on", err)}
	case sum.Refused() > 0 && f.strict:
		return &Exit{Failed, fmt.Errorf("%d lines were refused", sum.Refused())}
	}
	return nil
}
