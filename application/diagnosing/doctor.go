package diagnosing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Status is what a check came to.
type Status string

// The statuses. Warn is what works now and should not stay so.
const (
	OK      Status = "ok"
	Warn    Status = "warn"
	Fail    Status = "fail"
	Skipped Status = "skipped" // it does not apply here, or could not be looked at
)

// Finding is the outcome of a check: what was seen, and what to do unless it is OK.
type Finding struct {
	Check  string
	Status Status
	Seen   string
	Do     string
	Took   time.Duration
}

func ok(format string, args ...any) Finding {
	return Finding{Status: OK, Seen: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) Finding {
	return Finding{Status: Skipped, Seen: fmt.Sprintf(format, args...)}
}

func warn(do, format string, args ...any) Finding {
	return Finding{Status: Warn, Do: do, Seen: fmt.Sprintf(format, args...)}
}

func fail(do, format string, args ...any) Finding {
	return Finding{Status: Fail, Do: do, Seen: fmt.Sprintf(format, args...)}
}

// Check is one thing to look at.
type Check struct {
	Name string
	// Needs names a check without which this one has nothing to look at; it comes first. Empty: none.
	Needs string
	// Look fails where it could not look. It heeds the context's end.
	Look func(ctx context.Context) (Finding, error)
}

// abreast is how many checks look at a time.
const abreast = 4

// Examine runs the checks, each for at most patience, and returns their findings in order.
func Examine(ctx context.Context, checks []Check, patience time.Duration) []Finding {
	findings := make([]Finding, len(checks))
	broken := map[string]bool{}
	for _, round := range []bool{true, false} { // first those that others need
		var looking sync.WaitGroup
		room := make(chan struct{}, abreast)
		for i, c := range checks {
			if (c.Needs == "") != round {
				continue
			}
			if broken[c.Needs] {
				findings[i] = skipped("%s is not in order", c.Needs)
				findings[i].Check = c.Name
				continue
			}
			room <- struct{}{}
			looking.Go(func() {
				defer func() { <-room }()
				findings[i] = look(ctx, c, patience)
			})
		}
		looking.Wait()
		for _, f := range findings {
			if f.Status == Fail {
				broken[f.Check] = true
			}
		}
	}
	return findings
}

func look(ctx context.Context, c Check, patience time.Duration) Finding {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	f, err := c.Look(within)
	switch {
	case err != nil && errors.Is(within.Err(), context.DeadlineExceeded):
		f = warn("look again with a longer --patience, or when there is less to do", "not finished within %s", patience)
	case err != nil:
		f = fail("see to what it says, then look again", "%s", err)
	}
	f.Check, f.Took = c.Name, time.Since(began)
	return f
}

// Sound reports that nothing failed.
func Sound(findings []Finding) bool {
	for _, f := range findings {
		if f.Status == Fail {
			return false
		}
	}
	return true
}
