package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/application/diagnosing"
)

type doctorFlags struct {
	instances []string
	proof     proof
	patience  time.Duration
	json      bool
}

func doctor(c Commands, s *Settings) *cobra.Command {
	f := &doctorFlags{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what must hold, and say what to do",
		Long: `Look at what must hold in an installation that is in order, and say what to do where it does not. It
changes nothing, keeps nobody waiting, and works while servers run and while none does. Each check has
some time; one that needs more is told as a warning. Counts are compared with the whole event log: with
many events, do it when there is less to do.

Give the admin plane of every running instance to compare its index with the catalogue.

Exit codes: 0 nothing failed (there may be warnings), 1 something did, 2 wrong command line or
configuration, 130 interrupted.`,
		Example: `  freshet doctor
  freshet doctor --instance http://10.0.0.1:8081 --instance http://10.0.0.2:8081
  freshet doctor --json --patience 2m`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, *s) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.instances, "instance", nil, "`URL` of a running instance's admin plane; repeat for more")
	f.proof.flag(cmd)
	flags.DurationVar(&f.patience, "patience", 30*time.Second, "how long each check may take")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *doctorFlags) run(cmd *cobra.Command, c Commands, s Settings) error {
	if f.patience <= 0 {
		return Misuse(errors.New("--patience is more than nothing"))
	}
	key, err := f.proof.read()
	if err != nil {
		return err
	}
	instances := Planes{Key: key, URLs: make([]string, len(f.instances))}
	for i, text := range f.instances {
		at, err := planeAt(text)
		if err != nil {
			return Misuse(err)
		}
		instances.URLs[i] = at
	}
	var findings []diagnosing.Finding
	err = c.Doctor(cmd.Context(), s, instances, func(ctx context.Context, checks []diagnosing.Check) error {
		findings = diagnosing.Examine(ctx, checks, f.patience)
		return ctx.Err()
	})
	if err != nil {
		return cut(cmd.Context(), err)
	}
	if f.json {
		err = printed(cmd.OutOrStdout(), findingsJSON(findings))
	} else {
		err = tellFindings(cmd.OutOrStdout(), findings)
	}
	if err == nil && !diagnosing.Sound(findings) {
		return &Exit{Code: Failed}
	}
	return err
}

// planeAt takes a host and port for an HTTP URL.
func planeAt(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return "", fmt.Errorf("--instance: %q is no URL such as http://127.0.0.1:8081", text)
	}
	return strings.TrimSuffix(at.String(), "/"), nil
}

func tellFindings(to io.Writer, findings []diagnosing.Finding) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", f.Status, f.Check, oneLine(f.Seen))
		if f.Do != "" {
			_, _ = fmt.Fprintf(w, "\t\t→ %s\n", f.Do)
		}
	}
	return w.Flush()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type findingJSON struct {
	Check  string            `json:"check"`
	Status diagnosing.Status `json:"status"`
	Seen   string            `json:"seen"`
	Do     string            `json:"do,omitempty"`
	MS     int64             `json:"took_ms"`
}

func findingsJSON(findings []diagnosing.Finding) any {
	all := make([]findingJSON, len(findings))
	for i, f := range findings {
		all[i] = findingJSON{f.Check, f.Status, f.Seen, f.Do, f.Took.Milliseconds()}
	}
	return struct {
		Sound  bool          `json:"sound"`
		Checks []findingJSON `json:"checks"`
	}{diagnosing.Sound(findings), all}
}
