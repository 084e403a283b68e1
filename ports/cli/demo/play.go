package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// How the audience behaves while the demo runs: some five events a second at first, then fewer, so that a demo
// left alone does not fill the disk.
const (
	pageSize   = 10
	mostPages  = 5 // of one visit
	pace       = 2 * time.Second
	lively     = 15 * time.Minute
	slowerPace = 20 * time.Second
)

// Run sets the stage, says what to try, and lets viewers watch until ctx ends. It fails when the stage cannot be
// set; what goes wrong later is told to out once, and again only after it went well.
func Run(ctx context.Context, s Service, out io.Writer) error {
	st := newStage(s, Seed, out, time.Now)
	if err := st.set(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	st.guide()
	began := time.Now()
	failing := false
	v := &visit{}
	for wait(ctx, paceAfter(time.Since(began))) {
		err := st.watch(ctx, v)
		if err != nil && ctx.Err() == nil && !failing {
			fmt.Fprintln(out, "viewers are waiting:", err)
		}
		failing = err != nil
	}
	return nil
}

func paceAfter(d time.Duration) time.Duration {
	if d > lively {
		return slowerPace
	}
	return pace
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// visit is one viewer going from page to page.
type visit struct {
	who    *viewer
	cursor string
	pages  int
}

// watch opens the visit's next page, or another viewer's first one, and does with it what the viewer would.
func (s *stage) watch(ctx context.Context, v *visit) error {
	if v.who == nil || v.cursor == "" || v.pages >= mostPages {
		*v = visit{who: s.viewers[s.rng.IntN(len(s.viewers))]}
	}
	page, err := s.Serving.Serve(ctx, serving.Request{Feed: "for-you", Viewer: v.who.id, Size: pageSize, Cursor: v.cursor})
	if err != nil {
		v.who = nil
		return err
	}
	v.cursor, v.pages = page.Cursor, v.pages+1
	var events []engagement.Event
	at, bored := s.now().Add(-time.Minute), map[string]int{}
	for _, shown := range page.Items {
		place, ours := s.content.places[shown.Item]
		if !ours {
			continue // somebody published more
		}
		it := &s.content.items[place]
		from := engagement.Event{ID: engagement.EventID("demo-" + shown.Context), Session: string(page.Visit.ID), Context: shown.Context}
		done, _ := v.who.react(it, at, from)
		if at = at.Add(time.Second); done[0].Act == audience.Skip && v.who.taste[it.topic] < 0.1 {
			bored[topics[it.topic].tag]++
		}
		events = append(events, done...)
	}
	if err := s.record(ctx, events); err != nil {
		return err
	}
	return s.steer(ctx, v.who, bored)
}

// steer lets a viewer who was bored by one topic again and again ask for less of it, now and then.
func (s *stage) steer(ctx context.Context, v *viewer, bored map[string]int) error {
	for _, t := range topics {
		if bored[t.tag] < 2 || v.rng.Float64() > 0.2 {
			continue
		}
		target := audience.Target{Kind: audience.OnTag, ID: t.tag}
		_, err := s.Steering.Steer(ctx, v.id, target, audience.Less)
		return err
	}
	return nil
}
