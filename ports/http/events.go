package http

import (
	"context"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

func (p *public) recordEvents(ctx context.Context, c *call) error {
	body, err := c.body(p.opts.MaxBatch)
	if err != nil {
		return err
	}
	b := newEventBatch(c.caller, len(body))
	if err := splitBatch(body, string(c.ContentType()), observing.MaxBatch, observing.ErrBatch, b.add); err != nil {
		return err
	}
	outcomes, err := p.deps.Events.Record(ctx, b.events)
	if err != nil {
		return err
	}
	b.settle(outcomes)
	p.meter.entries("events", b.results)
	c.answer(200, func(w *jsonText) {
		writeResults(w, "event_id", b.results, c.id, string(observing.Accepted), string(observing.Duplicate), string(observing.Rejected))
	})
	return nil
}

// eventBatch is the events of one request; those that could not be read are results already.
type eventBatch struct {
	caller  access.Caller
	events  []engagement.Event
	places  []int // of events in results
	results []result
}

// leastEvent is about how many bytes a short event takes.
const leastEvent = 100

func newEventBatch(caller access.Caller, bytes int) *eventBatch {
	n := min(bytes/leastEvent+1, observing.MaxBatch)
	return &eventBatch{caller, make([]engagement.Event, 0, n), make([]int, 0, n), make([]result, 0, n)}
}

func (b *eventBatch) add(v wire.Value, wrong *fault.Error) {
	var e engagement.Event
	if wrong == nil {
		e, wrong = v.Event()
	}
	if wrong == nil {
		wrong = fault.Of(b.caller.May(access.Act, e.Viewer))
	}
	b.results = append(b.results, result{id: string(e.ID), status: string(observing.Rejected), err: wrong})
	if wrong == nil {
		b.places = append(b.places, len(b.results)-1)
		b.events = append(b.events, e)
	}
}

func (b *eventBatch) settle(outcomes []observing.Outcome) {
	for k, i := range b.places {
		b.results[i].status, b.results[i].err = string(outcomes[k].Status), outcomes[k].Err
	}
}
