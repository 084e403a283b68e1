package asynqtasks

import (
	"context"
	"errors"
	"slices"

	"github.com/hibiken/asynq"

	"github.com/freshet/freshet/application/notifying"
)

const page = 100

// Sizes implements notifying.Backlog.
func (q *Queue) Sizes(context.Context) (notifying.Sizes, error) {
	info, err := q.inspect.GetQueueInfo(q.name)
	if err != nil && q.neverUsed() {
		return notifying.Sizes{}, nil
	}
	if err != nil {
		return notifying.Sizes{}, notifying.ErrUnavailable.Because(err)
	}
	return notifying.Sizes{Waiting: info.Pending + info.Scheduled, Running: info.Active, Retried: info.Retry, Archived: info.Archived}, nil
}

// List implements notifying.Backlog.
func (q *Queue) List(ctx context.Context, each func(notifying.Failing) error) error {
	for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){q.inspect.ListArchivedTasks, q.inspect.ListRetryTasks} {
		for n := 1; ; n++ {
			infos, err := list(q.name, asynq.PageSize(page), asynq.Page(n))
			if errors.Is(err, asynq.ErrQueueNotFound) {
				return nil
			}
			if err != nil {
				return notifying.ErrUnavailable.Because(err)
			}
			for _, info := range infos {
				t, err := q.read(ctx, info.ID)
				if err != nil {
					return notifying.ErrUnavailable.Because(err)
				}
				f := notifying.Failing{ID: info.ID, Task: t, Failures: info.Retried, Why: info.LastErr, FailedAt: info.LastFailedAt.UTC()}
				if f.Archived = info.State == asynq.TaskStateArchived; f.Archived {
					f.Failures++ // asynq counts retries
				} else {
					f.Next = info.NextProcessAt.UTC()
				}
				if err := each(f); err != nil {
					return err
				}
			}
			if len(infos) < page {
				break
			}
		}
	}
	return nil
}

// Again implements notifying.Backlog.
func (q *Queue) Again(_ context.Context, id string) error {
	switch err := q.inspect.RunTask(q.name, id); {
	case err == nil:
		return nil
	case isGone(err):
		return notifying.ErrNoTask
	default:
		return notifying.ErrUnavailable.Because(err)
	}
}

// AgainAll implements notifying.Backlog.
func (q *Queue) AgainAll(context.Context) (int, error) {
	n, err := q.inspect.RunAllArchivedTasks(q.name)
	if err != nil && !q.neverUsed() {
		return n, notifying.ErrUnavailable.Because(err)
	}
	return n, nil
}

// neverUsed is for those of asynq's errors that do not say that there is no queue yet.
func (q *Queue) neverUsed() bool {
	names, err := q.inspect.Queues()
	return err == nil && !slices.Contains(names, q.name)
}
