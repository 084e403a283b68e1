package training_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/databases"
)

var dawn = time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)

// room is what processes that train share.
type room struct {
	t      *testing.T
	db     *mysqlstore.DB
	log    engagement.EventLog
	models training.Models
	now    time.Time
}

func newRoom(t *testing.T) *room {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "f.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &room{t, db, mysqlstore.NewEventLog(db), mysqlstore.NewModels(db), dawn}
}

func (r *room) clock() time.Time { return r.now }

func (r *room) train(owner string) *training.Train {
	return training.NewTrain(r.log, engagement.DefaultWeights(), trainedmodel.EASE{}, r.models, mysqlstore.NewItems(r.db, nil), mysqlstore.NewTurn(r.db), owner, r.clock)
}

func options() training.Options {
	return training.Options{Items: 100, Viewers: 1000, Lambda: 1, Workers: 2}
}

// two groups of viewers like two groups of items, each viewer all of the group but a few.
func (r *room) lively(viewers int) {
	r.t.Helper()
	var events []engagement.Event
	for v := range viewers {
		for i := range 20 {
			if (i+v)%7 == 0 {
				continue
			}
			events = append(events, engagement.Event{
				ID: engagement.EventID(fmt.Sprint("e", v, "-", i, "-", r.now.UnixNano())), Viewer: audience.ViewerID(fmt.Sprint("v", v)),
				Act: audience.Like, Item: catalog.ItemID(fmt.Sprint("g", v%2, "-", (i+v)%20)), At: dawn,
			})
		}
	}
	_, err := r.log.Append(r.t.Context(), events, dawn)
	require.NoError(r.t, err)
}

func unheard(training.Phase, int64, int64) {}

func TestAModelIsTrainedMeasuredAndPutInForce(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	head, err := r.log.Head(t.Context())
	require.NoError(t, err)
	var phases []training.Phase
	far := map[training.Phase]int64{}
	how, err := r.train("one").Run(t.Context(), options(), func(p training.Phase, done, total int64) {
		if !slices.Contains(phases, p) {
			phases = append(phases, p)
			require.Zero(t, done)
		}
		require.Equal(t, phases[len(phases)-1], p, "one phase after the other")
		require.GreaterOrEqual(t, done, far[p])
		require.LessOrEqual(t, done, total)
		if far[p] = done; p == training.Reading {
			require.EqualValues(t, head, total)
		}
		r.now = r.now.Add(time.Millisecond)
	})
	require.NoError(t, err)
	require.Equal(t, []training.Phase{training.Reading, training.Rehearsing, training.Measuring, training.Fitting, training.Storing}, phases)
	require.EqualValues(t, head, how.UpTo)
	require.EqualValues(t, head, how.Events)
	require.Equal(t, 50, how.Viewers)
	require.Equal(t, 50, how.Tested)
	require.Equal(t, 40, how.Items)
	require.Equal(t, 1.0, how.Lambda)
	require.Equal(t, 1.0, how.HR, "what a viewer left out is among the few of the group")
	require.Greater(t, how.NDCG, 0.3)
	require.Positive(t, how.Took)
	require.Equal(t, how.Took, how.At.Sub(dawn))

	active, err := r.models.Active(t.Context())
	require.NoError(t, err)
	require.Equal(t, how.Version, active)
	m, told, err := r.models.Load(t.Context(), active)
	require.NoError(t, err)
	require.Equal(t, how.Training, told, "what is known of it is in it")
	for i, item := range m.Items() {
		strongest := slices.Index(m.Row(i).Weights, slices.Max(m.Row(i).Weights))
		require.Equal(t, item[:2], m.Items()[strongest][:2], "what is liked with %s is of its group", item)
	}

	r.lively(10)
	again, err := r.train("two").Run(t.Context(), options(), unheard)
	require.NoError(t, err, "the turn was given")
	require.Greater(t, again.Version, how.Version)
	require.Greater(t, again.UpTo, how.UpTo)
}

func TestTheMostItemsAndViewersAreNotPassed(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	o := options()
	o.Items, o.Viewers = 7, 20
	how, err := r.train("one").Run(t.Context(), o, unheard)
	require.NoError(t, err)
	require.Equal(t, 7, how.Items)
	require.LessOrEqual(t, how.Viewers, 20)
}

func TestTooLittleToLearn(t *testing.T) {
	r := newRoom(t)
	_, err := r.train("one").Run(t.Context(), options(), unheard)
	require.ErrorIs(t, err, training.ErrTooLittle)
	r.lively(1)
	_, err = r.train("two").Run(t.Context(), options(), unheard)
	require.ErrorIs(t, err, training.ErrTooLittle, "one viewer alone; and the turn was given")
	nothingKept(t, r)
}

func nothingKept(t *testing.T, r *room) {
	t.Helper()
	kept, err := r.models.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, kept)
}

func TestOneProcessTrainsAtATime(t *testing.T) {
	r := newRoom(t)
	r.lively(20)
	_, err := r.train("one").Run(t.Context(), options(), func(training.Phase, int64, int64) {
		_, err := r.train("two").Run(t.Context(), options(), unheard)
		require.ErrorIs(t, err, training.ErrTraining)
	})
	require.NoError(t, err)
}

func TestTrainingEndsWithItsContextAndChangesNothing(t *testing.T) {
	for _, at := range []training.Phase{training.Reading, training.Rehearsing, training.Measuring, training.Fitting, training.Storing} {
		t.Run(string(at), func(t *testing.T) {
			r := newRoom(t)
			r.lively(20)
			ctx, stop := context.WithCancel(t.Context())
			_, err := r.train("one").Run(ctx, options(), func(p training.Phase, _, _ int64) {
				if p == at {
					stop()
				}
			})
			require.Error(t, err)
			nothingKept(t, r)
			_, err = r.train("two").Run(t.Context(), options(), unheard)
			require.NoError(t, err, "the turn was given")
		})
	}
}

// turns are scripted: what Take answers, call by call; then the last one for ever.
type turns struct {
	answers []any
	taken   int
	given   int
}

func (s *turns) Take(context.Context, string, time.Duration) (bool, error) {
	a := s.answers[min(s.taken, len(s.answers)-1)]
	s.taken++
	if err, ok := a.(error); ok {
		return false, err
	}
	return a.(bool), nil
}

func (s *turns) Give(context.Context, string) error { s.given++; return nil }

func TestTheTurnIsKeptWhileTraining(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name    string
		turn    turns
		each    time.Duration // between two steps
		fails   bool
		becomes error
		given   int
	}{
		{"steps are short and nobody asks", turns{answers: []any{true, false}}, 0, false, nil, 1},
		{"it is kept", turns{answers: []any{true}}, 20 * time.Second, false, nil, 1},
		{"another process has it", turns{answers: []any{true, true, false}}, 20 * time.Second, true, nil, 0},
		{"the store does not answer once", turns{answers: []any{true, broken, true}}, 20 * time.Second, false, nil, 1},
		{"the store does not answer any more", turns{answers: []any{true, broken}}, 20 * time.Second, true, broken, 1},
		{"the store does not answer at first", turns{answers: []any{broken}}, 0, true, broken, 0},
		{"another process has it at first", turns{answers: []any{false}}, 0, true, training.ErrTraining, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			r.lively(20)
			train := training.NewTrain(r.log, engagement.DefaultWeights(), trainedmodel.EASE{}, r.models, mysqlstore.NewItems(r.db, nil), &c.turn, "me", r.clock)
			_, err := train.Run(t.Context(), options(), func(training.Phase, int64, int64) { r.now = r.now.Add(c.each) })
			require.Equal(t, c.fails, err != nil, err)
			require.Equal(t, c.given, c.turn.given)
			if c.becomes != nil {
				require.ErrorIs(t, err, c.becomes)
			}
			if c.fails {
				nothingKept(t, r)
			}
		})
	}
}

// holed is a log whose newest events were erased.
type holed struct{ engagement.EventLog }

func (h holed) Head(ctx context.Context) (engagement.Offset, error) {
	head, err := h.EventLog.Head(ctx)
	return head + 100, err
}

func TestErasedEventsAreNoEnd(t *testing.T) {
	r := newRoom(t)
	r.lively(20)
	events, err := r.log.Head(t.Context())
	require.NoError(t, err)
	r.log = holed{r.log}
	how, err := r.train("one").Run(t.Context(), options(), unheard)
	require.NoError(t, err)
	require.EqualValues(t, events, how.Events)
	require.EqualValues(t, events+100, how.UpTo)
}
