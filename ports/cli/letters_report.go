package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// toldLetter is a dead letter as --json has it.
type toldLetter struct {
	ID        catalog.LetterID `json:"id"`
	Item      string           `json:"item"`
	Version   uint64           `json:"version"`
	State     string           `json:"state"`
	ChangedAt time.Time        `json:"changed_at"`
	Failures  int              `json:"failures"`
	Error     string           `json:"error"`
	DiedAt    time.Time        `json:"died_at"`
	Overtaken uint64           `json:"superseded_by,omitempty"` // a version
	Details   *string          `json:"details,omitempty"`
	Payload   *string          `json:"payload,omitempty"`
}

func toldOf(l catalog.DeadLetter) toldLetter {
	told := toldLetter{
		ID: l.ID, Item: string(l.Item), Version: l.Version, State: l.State.String(), ChangedAt: l.ChangedAt, Failures: l.Failures,
		Error: l.Why, DiedAt: l.DiedAt,
	}
	if l.Superseded() {
		told.Overtaken = l.Overtaken
	}
	return told
}

func (f *letterFlags) list(w io.Writer, all []catalog.DeadLetter) error {
	if f.json {
		told := make([]toldLetter, len(all))
		for i, l := range all {
			told[i] = toldOf(l)
		}
		return printed(w, told)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no dead letters")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\titem\tversion\tdied at\tfailures\tsuperseded\terror")
	for _, l := range all {
		fmt.Fprintf(t, "%d\t%s\t%d\t%s\t%d\t%s\t%s\n", l.ID, plain(string(l.Item)), l.Version, l.DiedAt.Format(time.RFC3339), l.Failures, overtaker(l), plain(l.Why))
	}
	return t.Flush()
}

func overtaker(l catalog.DeadLetter) string {
	if l.Superseded() {
		return fmt.Sprintf("by version %d", l.Overtaken)
	}
	return "no"
}

// plain is a text in one line that moves no terminal.
func plain(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func (f *letterFlags) show(w io.Writer, l catalog.DeadLetter) error {
	if f.json {
		told := toldOf(l)
		details, payload := string(l.Details), string(l.Payload)
		told.Details = &details
		if l.Payload != nil {
			told.Payload = &payload
		}
		return printed(w, told)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{
		{"id", fmt.Sprint(l.ID)}, {"item", plain(string(l.Item))}, {"version", fmt.Sprint(l.Version)}, {"state", l.State.String()},
		{"changed at", l.ChangedAt.Format(time.RFC3339)}, {"died at", l.DiedAt.Format(time.RFC3339)},
		{"failures", fmt.Sprint(l.Failures)}, {"error", plain(l.Why)}, {"superseded", overtaker(l)},
		{"details", plain(string(l.Details))}, {"payload", plain(string(l.Payload))},
	} {
		fmt.Fprintf(t, "%s\t%s\n", line[0], line[1])
	}
	return t.Flush()
}

// toldDeed is what became of a letter as --json has it.
type toldDeed struct {
	ID      catalog.LetterID `json:"id"`
	Outcome string           `json:"outcome"`
}

// tell says what became of each letter, also of those before one that failed. done is what it is called where the letter
// itself does not say.
func (f *letterFlags) tell(w io.Writer, done string) func([]relaying.Dealt, error) error {
	return func(all []relaying.Dealt, failed error) error {
		told, missing := make([]toldDeed, len(all)), 0
		for i, d := range all {
			told[i] = toldDeed{d.ID, done}
			switch {
			case d.Err != nil:
				missing++
				told[i].Outcome = fault.Of(d.Err).Code()
			case d.What != "":
				told[i].Outcome = string(d.What)
			}
		}
		var absent error
		if missing > 0 {
			absent = fmt.Errorf("%d of %d: %s", missing, len(all), catalog.ErrNoLetter.Message())
		}
		return errors.Join(failed, f.deeds(w, told), absent)
	}
}

func (f *letterFlags) deeds(w io.Writer, told []toldDeed) error {
	if f.json {
		return printed(w, told)
	}
	if len(told) == 0 {
		_, err := fmt.Fprintln(w, "no dead letters")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range told {
		fmt.Fprintf(t, "%d\t%s\n", d.ID, strings.ReplaceAll(d.Outcome, "_", " "))
	}
	return t.Flush()
}
