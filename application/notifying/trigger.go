package notifying

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

const (
	readBatch = 2000
	dueBatch  = 500
	writers   = 16 // tasks enqueued at a time

	patience = 2 * time.Second // of the queue, for the tasks of one step
)

// Interest is which acts make tasks of their viewer, and of their author.
type Interest struct{ Viewer, Author map[audience.Act]bool }

// Trigger makes tasks of the events in the log: on one instance of the fleet, from where the last one stopped.
//
// What is not in the queue is not put down as done, so that a crash loses nothing; what was enqueued shortly before one may be
// enqueued again. While the queue is out of reach the events wait in the log.
type Trigger struct {
	log      engagement.EventLog
	progress Progress
	tasks    Tasks
	index    recommend.Index
	interest Interest
	rule     Rule
	owner    string
	clock    func() time.Time

	windows *Windows
	after   engagement.Offset // read up to here
	kept    engagement.Offset
	keptAt  time.Time
	renewed time.Time // when the right was last asked for
	held    bool

	mu   sync.Mutex
	gone []Subject // to be forgotten

	stats statistics
}

// NewTrigger gives it a name that no other instance has.
func NewTrigger(log engagement.EventLog, progress Progress, tasks Tasks, index recommend.Index, interest Interest, rule Rule, owner string, clock func() time.Time) *Trigger {
	return &Trigger{
		log: log, progress: progress, tasks: tasks, index: index, interest: interest, rule: rule, owner: owner, clock: clock,
		windows: NewWindows(rule),
	}
}

// Follow takes in what is new in the log, enqueues what is due, and returns how much of either it did. It is called every 50 ms
// or so, not beside itself or Close.
func (t *Trigger) Follow(ctx context.Context) (int, error) {
	if err := t.forget(ctx); err != nil {
		return 0, err
	}
	has, err := t.take(ctx)
	if err != nil || !has {
		return 0, err
	}
	read, err := t.read(ctx)
	if err != nil {
		return 0, err
	}
	enqueued, err := t.enqueue(ctx)
	t.stats.open.Store(int64(t.windows.Open()))
	return read + enqueued, errors.Join(err, t.keep(ctx))
}

// read takes in a batch of events, no more than there is room for.
func (t *Trigger) read(ctx context.Context) (int, error) {
	most := min(readBatch, t.windows.Room()/2) // an event has a viewer and an author
	if most == 0 {
		return 0, nil
	}
	events, err := t.log.Read(ctx, t.after, most)
	if err != nil {
		return 0, err
	}
	now := t.clock()
	authors := t.authors(events)
	for i := range events {
		e := &events[i]
		if t.interest.Viewer[e.Act] {
			t.windows.Add(Subject{Viewer, string(e.Viewer)}, e.Offset, e.Received, now)
		}
		if a := authors[i]; a != "" && t.interest.Author[e.Act] {
			t.windows.Add(Subject{Author, string(a)}, e.Offset, e.Received, now)
		}
		t.after = e.Offset
	}
	behind := time.Duration(0)
	if n := len(events); n > 0 {
		behind = max(0, now.Sub(events[n-1].Received))
	}
	t.stats.behind.Store(int64(behind))
	return len(events), nil
}

// enqueue hands over what is due, and puts off what is not taken.
func (t *Trigger) enqueue(ctx context.Context) (int, error) {
	due := t.windows.Due(t.clock(), dueBatch)
	if len(due) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	outcomes, errs := make([]Outcome, len(due)), make([]error, len(due))
	group, ctx := errgroup.WithContext(ctx) // once the queue is out of reach, it is for all
	group.SetLimit(writers)
	for i := range due {
		group.Go(func() error {
			if errs[i] = ctx.Err(); errs[i] == nil {
				outcomes[i], errs[i] = t.tasks.Enqueue(ctx, due[i], t.rule.Window)
			}
			if errors.Is(errs[i], ErrHeld) {
				return nil
			}
			return errs[i]
		})
	}
	err := group.Wait()
	now, done := t.clock(), 0
	for i, task := range due {
		switch {
		case errs[i] == nil:
			t.windows.Begun(task, now)
			t.stats.took(outcomes[i], task.Events)
			done++
		case errors.Is(errs[i], ErrHeld):
			t.windows.Later(task, now.Add(t.rule.Window))
			t.stats.held.Add(1)
		default:
			t.windows.Later(task, now)
			t.stats.refused.Add(1)
		}
	}
	return done, err
}

// Erase implements erasing.Store for what is on its way into the queue, and for what this instance put there before it heard of
// the erasure: both are gone with the next Follow. It is safe for concurrent use.
func (t *Trigger) Erase(_ context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = append(t.gone, Subject{Viewer, string(viewer)})
	return nil, nil
}

// forget comes between two readings of the log: what was read before is in a window or in the queue, and nothing is read after.
func (t *Trigger) forget(ctx context.Context) error {
	t.mu.Lock()
	gone := t.gone
	t.mu.Unlock()
	for _, s := range gone {
		t.windows.Forget(s)
		if _, err := t.tasks.Forget(ctx, s); err != nil {
			return err
		}
		t.mu.Lock()
		t.gone = t.gone[1:]
		t.mu.Unlock()
	}
	return nil
}
