package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/adapters/asynqtasks"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/adapters/webhook"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/job"
)

// openWindows is how many viewers and authors have a window at a time, some 300 bytes each; while there are so many, the event log is
// not read on.
const openWindows = 50_000

// notifications tell of events, and prepare for what follows from them; nil where neither is configured.
type notifications struct {
	queue    *asynqtasks.Queue
	trigger  *notifying.Trigger
	deliver  *notifying.Deliver
	worker   *asynqtasks.Worker
	backlog  atomic.Pointer[notifying.Sizes]
	embedded bool
}

// provideQueue connects to nothing before it is asked for something. Erasures ask it always: tasks may be left from when
// notifications were configured.
func provideQueue(opts redisstore.Options) (*asynqtasks.Queue, func(), error) {
	q, err := asynqtasks.Open(opts)
	if err != nil {
		return nil, nil, err
	}
	return q, func() { _ = q.Close() }, nil
}

func provideNotifications(cfg *config.Config, queue *asynqtasks.Queue, db *mysqlstore.DB, events engagement.EventLog, index recommend.Index,
	known *remembering.Viewers, clock func() time.Time, log *slog.Logger) (*notifications, func(), error) {
	c := cfg.Notify
	if c.URL == "" && !c.Refresh {
		return nil, func() {}, nil
	}
	var interest notifying.Interest
	var err error
	if interest.Viewer, err = actsOf(c.ViewerActs); err != nil {
		return nil, nil, err
	}
	var hook notifying.Hook
	var warmer notifying.Warmer
	hangUp := func() {}
	if c.URL != "" {
		posts := webhook.NewHook(c.URL, c.Secret, c.Timeout, c.Concurrency)
		hook, hangUp = posts, posts.Close
		if interest.Author, err = actsOf(c.AuthorActs); err != nil {
			return nil, nil, err
		}
	}
	if c.Refresh {
		warmer = known
	}
	n := &notifications{queue: queue, deliver: notifying.NewDeliver(hook, warmer), embedded: embedded(cfg)}
	n.worker = asynqtasks.NewWorker(queue, n.deliver.Run, asynqtasks.WorkerOptions{Tasks: c.Concurrency, Backoff: c.Backoff, Log: log, Clock: clock})
	n.trigger = notifying.NewTrigger(events, mysqlstore.NewProgress(db), queue, index, interest,
		notifying.Rule{Window: c.Window, Current: c.Current, Most: openWindows}, randomness.Name(), clock)
	n.backlog.Store(&notifying.Sizes{})
	return n, func() { n.worker.Stop(); hangUp() }, nil
}

func actsOf(names []string) (map[audience.Act]bool, error) {
	acts := make(map[audience.Act]bool, len(names))
	for _, name := range names {
		act, err := audience.ParseAct(name)
		if err != nil {
			return nil, err
		}
		acts[act] = true
	}
	return acts, nil
}

// holds is what of a viewer is forgotten on this instance when any erases.
func (n *notifications) holds() []erasing.Store {
	if n == nil {
		return nil
	}
	return []erasing.Store{n.trigger}
}

func (n *notifications) loops() []job.Loop {
	if n == nil {
		return nil
	}
	return []job.Loop{
		{Name: "trigger", Every: 50 * time.Millisecond, Run: n.trigger.Follow},
		{Name: "tasks", Every: 5 * time.Second, Run: n.look},
	}
}

func (n *notifications) look(ctx context.Context) (int, error) {
	sizes, err := n.queue.Sizes(ctx)
	if err == nil {
		n.backlog.Store(&sizes)
	}
	return 0, err
}

func (n *notifications) start() error {
	if n == nil {
		return nil
	}
	return n.worker.Start()
}

// stop comes after the loops have ended. Tasks that wait are run by other instances; where this one is all there is, and its Redis
// ends with it, they are run now.
func (n *notifications) stop(ctx context.Context) error {
	if n == nil {
		return nil
	}
	var err error
	if n.embedded {
		err = n.drain(ctx)
	}
	n.worker.Stop()
	return errors.Join(err, n.trigger.Close(ctx))
}

// embeddedDrain is how long the last tasks may take.
const embeddedDrain = 3 * time.Second

func (n *notifications) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, embeddedDrain)
	defer cancel()
	for {
		sizes, err := n.queue.Sizes(ctx)
		if err != nil || sizes.Waiting+sizes.Running == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
