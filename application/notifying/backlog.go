package notifying

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ErrNoTask is about a task that is not there, or is not waiting to be tried again.
var ErrNoTask = fault.New(fault.NotFound, "no_task", "there is no such task that failed")

// Sizes is how many tasks there are.
type Sizes struct {
	Waiting  int // for a hand that is free
	Running  int
	Retried  int // that failed and are tried again later
	Archived int // that failed too often and were put aside
}

// Failing is a task that failed. Its Task is empty when it was told meanwhile or has been forgotten.
type Failing struct {
	ID       string
	Task     Task
	Archived bool
	Failures int
	Why      string // of the last failure
	FailedAt time.Time
	Next     time.Time // when it is tried again; zero for one that was put aside
}

// Backlog is what an operator sees of the queue. Methods are safe for concurrent use and may fail with ErrUnavailable.
type Backlog interface {
	Sizes(ctx context.Context) (Sizes, error)
	// List hands over those that were put aside, then those that are tried again. When each fails it stops with that error.
	List(ctx context.Context, each func(Failing) error) error
	// Again has one that failed run now. It fails with ErrNoTask.
	Again(ctx context.Context, id string) error
	// AgainAll has all that were put aside run now, and says how many those were.
	AgainAll(ctx context.Context) (int, error)
}
