package intake

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// shown is how many refused lines are told one by one.
const shown = 20

// Counts say what became of lines.
type Counts struct {
	Lines     int64 `json:"lines"` // blank ones are not counted
	Created   int64 `json:"created,omitempty"`
	Updated   int64 `json:"updated,omitempty"`
	Accepted  int64 `json:"accepted,omitempty"`
	Duplicate int64 `json:"duplicate,omitempty"`
	Rejected  int64 `json:"rejected,omitempty"` // could be read, and was refused
	Bad       int64 `json:"bad,omitempty"`      // could not be read
}

func (c *Counts) add(o Counts) {
	c.Lines += o.Lines
	c.Created += o.Created
	c.Updated += o.Updated
	c.Accepted += o.Accepted
	c.Duplicate += o.Duplicate
	c.Rejected += o.Rejected
	c.Bad += o.Bad
}

func (c *Counts) count(status string) {
	switch status {
	case Created:
		c.Created++
	case Updated:
		c.Updated++
	case Accepted:
		c.Accepted++
	case Duplicate:
		c.Duplicate++
	default:
		c.Rejected++
	}
}

// Summary is what an import did, earlier runs that it took up included.
type Summary struct {
	Items, Events Counts
	Lines         int64 // of this run
	Took          time.Duration
}

// Refused counts the lines that were not taken in.
func (s *Summary) Refused() int64 {
	return s.Items.Rejected + s.Items.Bad + s.Events.Rejected + s.Events.Bad
}

// Write tells people.
func (s *Summary) Write(w io.Writer) {
	if c := s.Items; c.Lines > 0 {
		fmt.Fprintf(w, "items:  %d lines, %d created, %d updated, %d rejected, %d bad lines\n", c.Lines, c.Created, c.Updated, c.Rejected, c.Bad)
	}
	if c := s.Events; c.Lines > 0 {
		fmt.Fprintf(w, "events: %d lines, %d accepted, %d duplicate, %d rejected, %d bad lines\n", c.Lines, c.Accepted, c.Duplicate, c.Rejected, c.Bad)
	}
	rate := 0.0
	if s.Took > 0 {
		rate = float64(s.Lines) / s.Took.Seconds()
	}
	fmt.Fprintf(w, "%.1f seconds, %.0f lines a second\n", s.Took.Seconds(), rate)
}

// told is a refused line.
type told struct {
	line int64
	why  Outcome
}

func (t told) text(file string) string {
	parts := []string{fmt.Sprintf("%s:%d", file, t.line)}
	for _, p := range []string{t.why.Field, t.why.Code, t.why.Message} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, ": ")), " ") + "\n"
}

// refusals tells refused lines.
type refusals struct {
	to    io.Writer // the first ones
	all   io.Writer // every one; may be nil
	told  int
	clear func() // makes room on the terminal
	err   error  // of writing to all
}

// tell puts the lines of one batch into order and tells them.
func (r *refusals) tell(file string, list []told) {
	slices.SortFunc(list, func(a, b told) int { return cmp.Compare(a.line, b.line) })
	for _, t := range list {
		text := t.text(file)
		if r.all != nil && r.err == nil {
			_, r.err = io.WriteString(r.all, text)
		}
		if r.told++; r.told > shown {
			continue
		}
		r.clear()
		fmt.Fprint(r.to, text)
		if r.told == shown {
			fmt.Fprintln(r.to, "further refused lines are counted and not shown; --errors FILE keeps them all")
		}
	}
}
