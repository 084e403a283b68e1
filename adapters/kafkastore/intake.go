package kafkastore

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/engagement"
)

// Intake is the engagement.EventLog of a process that takes events into a Log and reads what was copied out of it. What was
// appended can be read a moment later than the port promises, in the same order and at the same offsets as in the Log.
type Intake struct {
	log  *Log
	past engagement.EventLog
}

// NewIntake appends to log and reads past.
func NewIntake(log *Log, past engagement.EventLog) *Intake { return &Intake{log, past} }

// Append implements engagement.EventLog. An id that is not among those the Log remembers is called new; it is stored once all the same.
func (i *Intake) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	return i.log.Append(ctx, events, received)
}

// Known implements engagement.EventLog, over both.
func (i *Intake) Known(ctx context.Context, ids []engagement.EventID) ([]bool, error) {
	known, err := i.log.Known(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rest []engagement.EventID
	for n, id := range ids {
		if !known[n] {
			rest = append(rest, id)
		}
	}
	if len(rest) == 0 {
		return known, nil
	}
	before, err := i.past.Known(ctx, rest)
	if err != nil {
		return nil, err
	}
	next := 0
	for n := range known {
		if !known[n] {
			known[n] = before[next]
			next++
		}
	}
	return known, nil
}

// Read implements engagement.EventLog.
func (i *Intake) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	return i.past.Read(ctx, after, limit)
}

// Head implements engagement.EventLog.
func (i *Intake) Head(ctx context.Context) (engagement.Offset, error) { return i.past.Head(ctx) }
