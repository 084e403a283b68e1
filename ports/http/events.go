package http

import (
	"context"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

func (p *public) recordEvents(ctx context.Context, c *call) error {
	body, err := c.body(p.opts.MaxBatch)
	if err != nil {
		return err
	}
	var b eventBatch
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
	events  []engagement.Event
	places  []int // of events in results
	results []result
}

func (b *eventBatch) add(raw []byte, wrong *fault.Error) {
	var e engagement.Event
	if wrong == nil {
		wrong = fault.Of(parseEvent(raw, &e))
		if wrong != nil {
			e.ID = engagement.EventID(idOf(raw, "event_id"))
		}
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

// parseEvent reads one event; what it means and whether it may enter the log is the model's to say.
func parseEvent(raw []byte, e *engagement.Event) error {
	typed := false
	err := members(raw, func(v value) error {
		switch v.name {
		case "event_id":
			return v.text((*string)(&e.ID))
		case "type":
			var name string
			if err := v.text(&name); err != nil || v.null() {
				return err
			}
			typed = true
			act, err := audience.ParseAct(name)
			e.Act = act
			return err
		case "viewer":
			return v.text((*string)(&e.Viewer))
		case "item":
			return v.text((*string)(&e.Item))
		case "author":
			return v.text((*string)(&e.Author))
		case "at":
			return v.time(&e.At)
		case "session":
			return v.text(&e.Session)
		case "context":
			return v.text(&e.Context)
		case "watch_ms":
			return v.millis(&e.Watched)
		case "duration_ms":
			return v.millis(&e.Duration)
		case "auto_presented":
			return v.truth(&e.AutoPresented)
		}
		return unknown(v)
	})
	if err == nil && !typed {
		return errMissing.On("type")
	}
	return err
}
