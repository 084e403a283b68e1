package rpc

import (
	"context"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/idl/gen/freshet"
)

// RecordEvents implements the IDL.
func (s *service) RecordEvents(ctx context.Context, q *freshet.RecordEventsRequest) (*freshet.RecordEventsResponse, error) {
	return answer(ctx, s, q, func(s *service, q *freshet.RecordEventsRequest) (*freshet.RecordEventsResponse, error) {
		outcomes, err := s.record(ctx, q.Events)
		if err != nil {
			return nil, naming("events", observing.ErrBatch, err)
		}
		out := &freshet.RecordEventsResponse{Results: make([]*freshet.EventOutcome, len(outcomes))}
		for i, o := range outcomes {
			result := &freshet.EventOutcome{EventId: q.Events[i].EventId, Status: string(o.Status)}
			if q.Events[i].Type == "" {
				o.Err = engagement.ErrMissing.On("type") // and not one that there is not
			}
			if o.Err != nil {
				result.Error, result.Field = o.Err.Code(), o.Err.Field()
			}
			out.Results[i] = result
			switch o.Status {
			case observing.Accepted:
				out.Accepted++
			case observing.Duplicate:
				out.Duplicate++
			case observing.Rejected:
				out.Rejected++
			}
		}
		return out, nil
	})
}

// eventOf maps one event; a type that there is not becomes no act, which the event's own check refuses.
func eventOf(e *freshet.Event) engagement.Event {
	act, _ := audience.ParseAct(e.Type)
	return engagement.Event{
		ID: engagement.EventID(e.EventId), Viewer: audience.ViewerID(e.Viewer), Act: act,
		Item: catalog.ItemID(e.Item), Author: catalog.AuthorID(e.Author), At: timeOf(e.At),
		Session: e.Session, Context: e.Context,
		Watched: durationOf(e.WatchMs), Duration: durationOf(e.DurationMs), AutoPresented: e.AutoPresented,
	}
}

// record refuses, one by one, what the caller may not report.
func (s *service) record(ctx context.Context, sent []*freshet.Event) ([]observing.Outcome, error) {
	if len(sent) > observing.MaxBatch {
		return nil, observing.ErrBatch
	}
	all := make([]observing.Outcome, len(sent))
	events, places := make([]engagement.Event, 0, len(sent)), make([]int, 0, len(sent))
	for i, e := range sent {
		if err := s.may(ctx, access.Act, audience.ViewerID(e.Viewer)); err != nil {
			all[i] = observing.Outcome{Status: observing.Rejected, Err: fault.Of(err)}
			continue
		}
		events, places = append(events, eventOf(e)), append(places, i)
	}
	outcomes, err := s.Events.Record(ctx, events)
	if err != nil {
		return nil, err
	}
	for k, i := range places {
		all[i] = outcomes[k]
	}
	return all, nil
}
