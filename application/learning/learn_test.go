package learning_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// lively publishes some items and lets many viewers act on them, in an order that can be learned from.
func lively(t *testing.T, w *world.World, p *world.Process, viewers int) {
	t.Helper()
	p.Stock(30)
	var events []engagement.Event
	for n := range viewers {
		viewer := audience.ViewerID("v" + string(rune('a'+n%26)) + string(rune('a'+n/26)))
		for _, item := range []int{1, 2 + n%3, 5 + n%7} {
			events = append(events, p.Did(viewer, audience.Like, world.ItemID(item)))
		}
		w.Clock.Advance(time.Second)
	}
	p.Record(events...)
}

func related(t *testing.T, p *world.Process, viewer audience.ViewerID) []catalog.ItemID {
	t.Helper()
	ask := serving.Request{Feed: serving.RelatedFeed, Viewer: viewer, Size: 5}
	ask.Narrowing.Anchor = world.ItemID(1)
	a, err := p.Pages.Serve(ctx, ask)
	require.NoError(t, err)
	return world.IDs(a)
}

func TestEveryInstanceLearnsTheSame(t *testing.T) {
	w := world.New(t)
	one := w.Process()
	lively(t, w, one, 40)
	two := w.Process()
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)
	for range 3 { // the one in steps, the other at once
		one.Record(one.Did("late", audience.Like, world.ItemID(9)))
		_, err := one.Learner.CatchUp(ctx)
		require.NoError(t, err)
	}
	n, err := two.Learner.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, 123, n)
	require.Equal(t, one.Signals.Model(), two.Signals.Model())
	require.EqualValues(t, 123, two.Signals.Model())
	require.Equal(t, related(t, one, "x"), related(t, two, "y"))
	n, err = two.Learner.CatchUp(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestWhatWasLearnedShows(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	lively(t, w, p, 40)
	before := related(t, p, "x")
	_, err := p.Learner.CatchUp(ctx)
	require.NoError(t, err)
	after := related(t, p, "y")
	require.NotEqual(t, before, after)
	require.ElementsMatch(t, []catalog.ItemID{world.ItemID(2), world.ItemID(3), world.ItemID(4)}, after[:3], "what others turned to after it")
}

// counted keeps what a learner hands to its model.
type counted struct {
	batches int
	offsets []engagement.Offset
}

func (c *counted) Learn(events []engagement.Logged) {
	c.batches++
	for _, e := range events {
		c.offsets = append(c.offsets, e.Offset)
	}
}

func (c *counted) Model() uint64 { return 0 }

// stuck is a log that fails at its n-th reading.
type stuck struct {
	engagement.EventLog
	reads atomic.Int64
	at    int64
}

func (s *stuck) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	if s.reads.Add(1) == s.at {
		return nil, world.ErrBroken
	}
	return s.EventLog.Read(ctx, after, limit)
}

func TestLearningGoesOnWhereItStopped(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	events := make([]engagement.Event, 4500)
	for i := range events {
		events[i] = p.Did("v", audience.Seen, world.ItemID(1))
	}
	p.Record(events...)
	model, log := &counted{}, &stuck{EventLog: mysqlstore.NewEventLog(w.DB), at: 2}
	learner := learning.NewLearner(log, model)
	n, err := learner.CatchUp(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	require.Equal(t, 2000, n)
	n, err = learner.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, 2500, n)
	require.Equal(t, 3, model.batches)
	for i, offset := range model.offsets {
		require.EqualValues(t, i+1, offset)
	}
}

// long is a log that claims to be long.
type long struct {
	engagement.EventLog
	after engagement.Offset
}

func (l *long) Head(context.Context) (engagement.Offset, error) { return learning.Replayed + 1000, nil }

func (l *long) Read(_ context.Context, after engagement.Offset, _ int) ([]engagement.Logged, error) {
	l.after = after
	return nil, nil
}

func TestAnInstanceThatStartsLearnsFromTheNewestOnly(t *testing.T) {
	log := &long{}
	_, err := learning.NewLearner(log, &counted{}).CatchUp(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1000, log.after)
}

func TestEventsAreCountedOnceWhicheverInstanceComesFirst(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	lively(t, w, one, 30)
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)
	n, err := one.Counter.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, 90, n)
	n, err = two.Counter.CatchUp(ctx)
	require.NoError(t, err)
	require.Zero(t, n, "counted already")
	for _, p := range []*world.Process{one, two} {
		require.EqualValues(t, 30, counts(p, 1).Likes, "and yet both show it")
	}

	one.Record(one.Did("vaa", audience.Unlike, world.ItemID(1)), one.Did("w", audience.Comment, world.ItemID(1)))
	for _, p := range []*world.Process{two, one} {
		_, err = p.Counter.CatchUp(ctx)
		require.NoError(t, err)
		require.Equal(t, engagement.Counts{Likes: 29, Comments: 1}, counts(p, 1))
	}
}

func TestDuplicatesAreNotCounted(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(3)
	comment := p.Did("v", audience.Comment, world.ItemID(1))
	for range 3 {
		outcomes, err := p.Events.Record(ctx, []engagement.Event{comment, comment})
		require.NoError(t, err)
		require.Equal(t, observing.Duplicate, outcomes[1].Status)
		_, err = p.Counter.CatchUp(ctx)
		require.NoError(t, err)
	}
	require.Equal(t, engagement.Counts{Comments: 1}, counts(p, 1))
}

func counts(p *world.Process, item int) engagement.Counts {
	into := make([]engagement.Counts, 1)
	p.Index.CountsOf([]catalog.ItemID{world.ItemID(item)}, into)
	return into[0]
}
