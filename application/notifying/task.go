package notifying

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Kind is whom a task is about.
type Kind string

// The kinds.
const (
	Viewer Kind = "viewer"
	Author Kind = "author"
)

// Subject is whom a task is about.
type Subject struct {
	Kind Kind
	ID   string
}

// Task says that something was recorded of its subject.
type Task struct {
	Subject
	Events int64             // how many events that were; one may be counted twice after a crash
	UpTo   engagement.Offset // of the newest of them
	Since  time.Time         // when the oldest of them was received
	At     time.Time         // when the newest of them was received
}

// Retries is how often a task that failed is tried again.
const Retries = 3

// The ways in which a task is not enqueued.
var (
	// ErrHeld: a task of the subject was enqueued within the window, or is being run now.
	ErrHeld = fault.New(fault.Conflict, "task_held", "a task of the subject was enqueued just now")
	// ErrUnavailable: the queue did not answer.
	ErrUnavailable = fault.New(fault.Unavailable, "tasks_unavailable", "the queue of tasks did not answer")
)

// Outcome is what became of a task that was taken.
type Outcome uint8

// The outcomes.
const (
	// Enqueued: the task runs as soon as somebody has a hand free.
	Enqueued Outcome = iota
	// Merged: one of the subject waits already, and tells of this too; or one that did has run.
	Merged
)

// Tasks is a queue that all instances share. Every implementation passes notifyingtest.Tasks.
//
// Methods are safe for concurrent use. A task that was taken is run by some instance that works on the queue, at least once; one
// that fails is tried again up to Retries times, later each time, and is then put aside. Whatever is enqueued for the subject
// after that runs with what was put aside. A running task tells of all that was taken before it began.
type Tasks interface {
	// Enqueue takes the task, to run now. It takes one task of a subject in a window, whoever asks, and fails with ErrHeld
	// otherwise: the same task is then enqueued again later. It fails with ErrUnavailable when it may or may not have been
	// taken; asked again for the same task it takes it once.
	Enqueue(ctx context.Context, t Task, window time.Duration) (Outcome, error)
	// Forget removes what is held of the subject, and says how many tasks that were. One that is being run ends, and is
	// not tried again.
	Forget(ctx context.Context, s Subject) (int, error)
}
