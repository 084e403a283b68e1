package training_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

func (r *room) schedule(owner string, every time.Duration, least uint64, made *[]uint64) *training.Schedule {
	return training.NewSchedule(r.train(owner), r.log, r.models, every, least, options(),
		func(how training.Made) { *made = append(*made, how.Version) }, r.clock)
}

func run(t *testing.T, s *training.Schedule, want int) {
	t.Helper()
	n, err := s.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, n)
}

func TestItTrainsBySchedule(t *testing.T) {
	r := newRoom(t)
	r.lively(20) // 343 events
	var made []uint64
	s := r.schedule("one", 6*time.Hour, 300, &made)
	run(t, s, 0)
	r.now = r.now.Add(time.Minute - 1)
	run(t, s, 0)
	r.now = r.now.Add(1)
	run(t, s, 1)
	run(t, s, 0)
	require.Len(t, made, 1)

	r.now = r.now.Add(7 * time.Hour)
	run(t, s, 0) // nothing happened since
	r.lively(20)
	run(t, s, 0) // looked at a moment ago
	r.now = r.now.Add(30 * time.Second)
	run(t, s, 1)

	r.lively(20)
	r.now = r.now.Add(5 * time.Hour)
	run(t, s, 0) // the newest is not old enough
	r.now = r.now.Add(time.Hour)
	run(t, s, 1)
	require.Len(t, made, 3)
}

func TestAnotherProcessesModelCounts(t *testing.T) {
	r := newRoom(t)
	r.lively(20)
	var one, two []uint64
	a, b := r.schedule("one", 6*time.Hour, 300, &one), r.schedule("two", 6*time.Hour, 300, &two)
	r.now = r.now.Add(time.Minute)
	run(t, a, 1)
	run(t, b, 0)
	require.Empty(t, two)
}

func TestAShortScheduleWaitsNoMinute(t *testing.T) {
	r := newRoom(t)
	r.lively(20)
	var made []uint64
	s := r.schedule("one", time.Second, 1, &made)
	r.now = r.now.Add(time.Second)
	run(t, s, 1)
	r.lively(20)
	r.now = r.now.Add(time.Second)
	run(t, s, 1)
}

// failing is a trainer that fails so many times.
type failing struct {
	trainedmodel.EASE
	times, tries int
}

func (f *failing) Train(ctx context.Context, t training.Task) ([]recommend.LinearRow, *recommend.Recurrent, error) {
	if f.tries++; f.tries <= f.times {
		return nil, nil, errors.New("broken")
	}
	return f.EASE.Train(ctx, t)
}

func TestAFailureIsTriedAgainAfterAWhile(t *testing.T) {
	r := newRoom(t)
	r.lively(20)
	trainer := &failing{times: 1}
	train := training.NewTrain(r.log, engagement.DefaultWeights(), trainer, r.models, mysqlstore.NewItems(r.db, nil), &turns{answers: []any{true}}, "me", r.clock)
	s := training.NewSchedule(train, r.log, r.models, 6*time.Hour, 1, options(), func(training.Made) {}, r.clock)
	r.now = r.now.Add(time.Minute)
	_, err := s.Run(t.Context())
	require.Error(t, err)
	run(t, s, 0)
	r.now = r.now.Add(10*time.Minute - 1)
	run(t, s, 0)
	require.Equal(t, 1, trainer.tries)
	r.now = r.now.Add(1)
	run(t, s, 1)
}

func TestTooLittleAndOthersAtWorkAreNoFailures(t *testing.T) {
	r := newRoom(t)
	r.lively(1)
	var made []uint64
	s := r.schedule("one", 6*time.Hour, 1, &made)
	r.now = r.now.Add(time.Minute)
	run(t, s, 0)

	r.lively(20)
	train := training.NewTrain(r.log, engagement.DefaultWeights(), trainedmodel.EASE{}, r.models, mysqlstore.NewItems(r.db, nil), &turns{answers: []any{false}}, "me", r.clock)
	s = training.NewSchedule(train, r.log, r.models, 6*time.Hour, 1, options(), func(training.Made) {}, r.clock)
	r.now = r.now.Add(time.Minute)
	run(t, s, 0)
	nothingKept(t, r)
}
