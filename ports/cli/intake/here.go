package intake

import (
	"context"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/engagement"
)

// Here is a target in this process.
type Here struct {
	Publishing *publishing.Items
	Observing  *observing.RecordEvents
}

// Items implements Target.
func (h Here) Items(ctx context.Context, lines []Line) ([]Outcome, error) {
	drafts := make([]publishing.Draft, len(lines))
	for i := range lines {
		drafts[i] = lines[i].Draft
	}
	done, err := h.Publishing.PutAll(ctx, drafts)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(done))
	for i, o := range done {
		out[i].Status = string(o.Status)
		if o.Err != nil {
			out[i] = refusal(o.Err)
		}
	}
	return out, nil
}

// Events implements Target.
func (h Here) Events(ctx context.Context, lines []Line) ([]Outcome, error) {
	events := make([]engagement.Event, len(lines))
	for i := range lines {
		events[i] = lines[i].Event
	}
	done, err := h.Observing.Record(ctx, events)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(done))
	for i, o := range done {
		out[i].Status = string(o.Status)
		if o.Err != nil {
			out[i] = refusal(o.Err)
		}
	}
	return out, nil
}
