package intake

import (
	"context"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Here is a target in this process.
type Here struct {
	Publishing *publishing.Items
	Observing  *observing.RecordEvents
}

// Items implements Target.
func (h Here) Items(ctx context.Context, lines []Line) ([]Outcome, error) {
	drafts := each(lines, func(l Line) publishing.Draft { return l.Draft })
	done, err := h.Publishing.PutAll(ctx, drafts)
	return each(done, func(o publishing.Outcome) Outcome { return outcome(string(o.Status), o.Err) }), err
}

// Events implements Target.
func (h Here) Events(ctx context.Context, lines []Line) ([]Outcome, error) {
	events := each(lines, func(l Line) engagement.Event { return l.Event })
	done, err := h.Observing.Record(ctx, events)
	return each(done, func(o observing.Outcome) Outcome { return outcome(string(o.Status), o.Err) }), err
}

func each[From, To any](all []From, one func(From) To) []To {
	out := make([]To, len(all))
	for i := range all {
		out[i] = one(all[i])
	}
	return out
}

func outcome(status string, refused *fault.Error) Outcome {
	if refused != nil {
		return refusal(refused)
	}
	return Outcome{Status: status}
}
