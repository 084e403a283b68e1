package asynqtasks

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/audience"
)

const (
	patience = time.Second           // for asynq to take a task
	ending   = 10 * time.Millisecond // how long to wait for asynq to put down the end of a task
)

// Queue is the notifying.Tasks of one installation. It is safe for concurrent use.
type Queue struct {
	rdb     redis.UniversalClient
	client  *asynq.Client
	inspect *asynq.Inspector
	prefix  string // of our keys
	name    string // asynq's keys are asynq:{name}:…, all of them on one node of a cluster
	closing chan struct{}
	once    sync.Once
}

// Open connects to the Redis that opts name when first asked for something; the prefix of the keys also names the queue. The
// caller closes it, after the workers on it.
func Open(opts redisstore.Options) (*Queue, error) {
	rdb, err := redisstore.Connect(opts)
	if err != nil {
		return nil, err
	}
	prefix := cmp.Or(opts.Prefix, "fr:")
	q := &Queue{rdb: rdb, prefix: prefix, name: prefix + "tasks", closing: make(chan struct{})}
	rdb.AddHook(pacing{q.closing})
	q.client, q.inspect = asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb)
	return q, nil
}

// Close ends all connections; calls under way fail.
func (q *Queue) Close() error {
	q.once.Do(func() { close(q.closing) })
	return q.rdb.Close()
}

// Enqueue implements notifying.Tasks.
func (q *Queue) Enqueue(ctx context.Context, t notifying.Task, window time.Duration) (notifying.Outcome, error) {
	id := token(t.Subject)
	answer, err := q.put(ctx, id, t, window)
	switch {
	case err != nil:
		return 0, notifying.ErrUnavailable.Because(err)
	case answer == 1:
		return notifying.Merged, nil
	case answer == 2:
		return 0, notifying.ErrHeld
	}
	// What was put down is enqueued though whoever asked has given up: asked again with more, it would be counted twice.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for range 5 {
		_, err := q.client.EnqueueContext(ctx, asynq.NewTask(taskType, []byte(id)),
			asynq.Queue(q.name), asynq.TaskID(id), asynq.MaxRetry(notifying.Retries), asynq.Timeout(runTime), asynq.Retention(0))
		if err == nil {
			return notifying.Enqueued, nil
		}
		if !errors.Is(err, asynq.ErrTaskIDConflict) {
			return 0, notifying.ErrUnavailable.Because(err)
		}
		waits, err := q.waits(ctx, id)
		if err != nil || waits {
			return notifying.Merged, err
		}
	}
	return 0, notifying.ErrHeld
}

// waits reports whether the task will begin. One that was given up makes way.
func (q *Queue) waits(ctx context.Context, id string) (bool, error) {
	info, err := q.inspect.GetTaskInfo(q.name, id)
	switch {
	case isGone(err):
		return false, nil
	case err != nil:
		return false, notifying.ErrUnavailable.Because(err)
	case info.State == asynq.TaskStateActive: // it has told, and asynq is about to put that down; or it begins just now
		select {
		case <-time.After(ending):
		case <-ctx.Done():
		}
		return false, nil
	case info.State != asynq.TaskStateArchived:
		return true, nil
	}
	if err := q.inspect.DeleteTask(q.name, id); err != nil && !isGone(err) {
		return false, notifying.ErrUnavailable.Because(err)
	}
	return false, nil
}

func isGone(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}

// Forget implements notifying.Tasks.
func (q *Queue) Forget(ctx context.Context, s notifying.Subject) (int, error) {
	id := token(s)
	k := q.keysOf(id)
	removed, err := q.rdb.Del(ctx, k.box).Result()
	if err != nil {
		return 0, notifying.ErrUnavailable.Because(err)
	}
	if err := q.rdb.Del(ctx, k.held, k.run, k.told).Err(); err != nil {
		return 0, notifying.ErrUnavailable.Because(err)
	}
	// One that is being run cannot be deleted; it finds nothing to tell if it is tried again.
	info, err := q.inspect.GetTaskInfo(q.name, id)
	if err == nil && info.State != asynq.TaskStateActive {
		err = q.inspect.DeleteTask(q.name, id)
	}
	if err != nil && !isGone(err) {
		return 0, notifying.ErrUnavailable.Because(err)
	}
	return int(removed), nil
}

// Erase implements erasing.Store.
func (q *Queue) Erase(ctx context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	n, err := q.Forget(ctx, notifying.Subject{Kind: notifying.Viewer, ID: string(viewer)})
	if err != nil {
		return nil, err
	}
	return []erasing.Removed{{Store: "redis", What: "tasks", Count: int64(n)}}, nil
}
