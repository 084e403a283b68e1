package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Service is a service that is ready, and where it listens.
type Service struct {
	Publishing       *publishing.Items
	Serving          *serving.ServePage
	Observing        *observing.RecordEvents
	Steering         *steering.Decisions
	HTTP, Admin, RPC string // host:port
}

// Seed is what the demo of every Freshet grows from.
const Seed = 20260131

// stage is the catalogue and its audience on a service.
type stage struct {
	Service
	out     io.Writer
	now     func() time.Time
	content *catalogue
	viewers []*viewer
	rng     *rand.Rand
}

func newStage(s Service, seed uint64, out io.Writer, now func() time.Time) *stage {
	st := &stage{Service: s, out: out, now: now, content: newCatalogue(seed, now()), rng: rand.New(rand.NewPCG(seed, 2))}
	for i := range viewerCount {
		st.viewers = append(st.viewers, newViewer(seed, i))
	}
	return st
}

// set publishes the catalogue and writes the viewers' history. The last item goes in when all else is in: where
// it is found, everything has been done by an earlier run.
func (s *stage) set(ctx context.Context) error {
	last := len(s.content.items) - 1
	before := history(s.content, s.viewers, s.now()) // also where it is in: it is what viewers have met
	_, err := s.Publishing.Get(ctx, s.content.items[last].draft.ID)
	if err == nil {
		fmt.Fprintln(s.out, "The sample catalogue is there already.")
		return nil
	}
	if !errors.Is(err, catalog.ErrItemNotFound) {
		return err
	}
	fmt.Fprintf(s.out, "Publishing %d items and %d events of %d viewers…\n", len(s.content.items), len(before), len(s.viewers))
	drafts := make([]publishing.Draft, len(s.content.items))
	for i := range drafts {
		drafts[i] = s.content.items[i].draft
	}
	if err := s.publish(ctx, drafts[:last]); err != nil {
		return err
	}
	if err := s.record(ctx, before); err != nil {
		return err
	}
	return s.publish(ctx, drafts[last:])
}

func (s *stage) publish(ctx context.Context, drafts []publishing.Draft) error {
	for len(drafts) > 0 {
		n := min(2000, len(drafts))
		outcomes, err := s.Publishing.PutAll(ctx, drafts[:n])
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if o.Err != nil {
				return o.Err
			}
		}
		drafts = drafts[n:]
	}
	return nil
}

func (s *stage) record(ctx context.Context, events []engagement.Event) error {
	for len(events) > 0 {
		n := min(2000, len(events))
		outcomes, err := s.Observing.Record(ctx, events[:n])
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if o.Err != nil {
				return o.Err
			}
		}
		events = events[n:]
	}
	return nil
}
