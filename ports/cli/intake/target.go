package intake

import (
	"context"
	"errors"
	"time"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Line is a line that could be read, as it stands and as what it says.
type Line struct {
	Number int64
	Text   []byte
	Draft  publishing.Draft // of a line of items
	Event  engagement.Event // of a line of events
}

// The statuses of an outcome.
const (
	Created   = "created"
	Updated   = "updated"
	Accepted  = "accepted"
	Duplicate = "duplicate"
	Rejected  = "rejected"
)

// Outcome is what became of a line; of a rejected one it says why.
type Outcome struct {
	Status               string
	Code, Field, Message string
}

func refusal(e *fault.Error) Outcome {
	return Outcome{Status: Rejected, Code: e.Code(), Field: e.Field(), Message: e.Message()}
}

// Target takes in lines. The outcomes are aligned with them; when it fails, some may have been taken in, and
// the same lines may be sent again. With a retryable fault or a *Later they are, after a while.
type Target interface {
	Items(ctx context.Context, lines []Line) ([]Outcome, error)
	Events(ctx context.Context, lines []Line) ([]Outcome, error)
}

// Later says that the target may take the same lines after a while.
type Later struct {
	After time.Duration // 0: it did not say when
	Err   error
}

func (l *Later) Error() string { return l.Err.Error() }
func (l *Later) Unwrap() error { return l.Err }

// How often a batch is sent before the import gives up, and how long it waits in between.
const (
	attempts   = 8
	firstWait  = 250 * time.Millisecond
	mostWait   = 15 * time.Second
	mostAsked  = time.Minute // of what a target asks for
	batchBytes = 4 << 20     // a batch is sent when it holds this much, whatever its lines
)

// patiently sends until it succeeds, fails for good, or has been tried too often.
func patiently(ctx context.Context, send func() ([]Outcome, error), waiting func(time.Duration, error)) ([]Outcome, error) {
	for n := 1; ; n++ {
		out, err := send()
		if err == nil || ctx.Err() != nil {
			return out, err
		}
		var later *Later
		if !errors.As(err, &later) {
			if !fault.Of(err).Retryable() {
				return nil, err
			}
			later = &Later{Err: err}
		}
		if n == attempts {
			return nil, later.Err
		}
		d := later.After
		if d == 0 {
			d = min(mostWait, firstWait<<(n-1))
		}
		d = min(d, mostAsked)
		waiting(d, later.Err)
		t := time.NewTimer(d)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, ctx.Err()
		case <-t.C:
		}
	}
}
