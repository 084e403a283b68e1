package training

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

const (
	quiet = time.Minute      // a process that starts has other things to do for so long
	look  = 30 * time.Second // between two looks whether it is time
	again = 10 * time.Minute // after a failure, at most
)

// Schedule trains by itself, when the newest model is old and enough has happened since.
type Schedule struct {
	train   *Train
	log     engagement.EventLog
	models  recommend.ModelStore
	every   time.Duration
	least   uint64
	options Options
	trained func(Made)
	clock   func() time.Time
	next    time.Time // nothing is looked at before

	withheld atomic.Int64
}

// NewSchedule trains every so often, once there are at least so many new events. trained hears of every model made.
func NewSchedule(train *Train, log engagement.EventLog, models recommend.ModelStore, every time.Duration, least uint64, o Options,
	trained func(Made), clock func() time.Time) *Schedule {
	return &Schedule{train: train, log: log, models: models, every: every, least: least, options: o, trained: trained, clock: clock,
		next: clock().Add(min(quiet, every))}
}

// Withheld counts the models it made that were not put in force.
func (s *Schedule) Withheld() int64 { return s.withheld.Load() }

// Run trains if it is time to, and returns how many models it made. It is not safe for concurrent use.
func (s *Schedule) Run(ctx context.Context) (int, error) {
	if s.clock().Before(s.next) {
		return 0, nil
	}
	due, err := s.due(ctx)
	if err != nil {
		return 0, err
	}
	if !due {
		s.next = s.clock().Add(min(look, s.every))
		return 0, nil
	}
	made, err := s.train.Run(ctx, s.options, func(Phase, int64, int64) {})
	if err == nil {
		if made.Withheld != "" {
			s.withheld.Add(1)
		}
		s.trained(made)
		return 1, nil
	}
	s.next = s.clock().Add(min(again, s.every))
	if errors.Is(err, ErrTraining) || errors.Is(err, ErrTooLittle) {
		return 0, nil
	}
	return 0, err
}

func (s *Schedule) due(ctx context.Context) (bool, error) {
	kept, err := s.models.List(ctx)
	if err != nil {
		return false, err
	}
	var newest recommend.Training
	if len(kept) > 0 {
		newest = kept[0].Training
	}
	if at := newest.At.Add(s.every); s.clock().Before(at) {
		return false, nil
	}
	head, err := s.log.Head(ctx)
	return err == nil && uint64(head) >= newest.UpTo+s.least, err
}
