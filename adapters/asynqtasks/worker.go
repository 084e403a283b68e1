package asynqtasks

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/fault"
)

const (
	taskType = "tell"
	runTime  = 30 * time.Second // of one task; what runs it has shorter patience

	idle    = 50 * time.Millisecond // between two looks for work
	delayed = time.Second           // between two looks for what is to be tried again; asynq counts in whole seconds
	finish  = 5 * time.Second       // how long a Worker that stops waits for what it runs
)

// WorkerOptions say how to work.
type WorkerOptions struct {
	Tasks   int           // run at a time; default 8
	Backoff time.Duration // before the first retry, four times as long before each further one, half of it by chance; default 5 s
	Log     *slog.Logger
	Clock   func() time.Time
}

// Worker runs the tasks of a queue.
type Worker struct {
	q       *Queue
	run     func(context.Context, notifying.Task) error
	options WorkerOptions
	server  *asynq.Server
	once    sync.Once

	done, failed, retried, archived atomic.Int64
	latency                         latency
}

// NewWorker runs nothing yet. Run is called from several goroutines.
func NewWorker(q *Queue, run func(context.Context, notifying.Task) error, o WorkerOptions) *Worker {
	o.Tasks, o.Backoff = cmp.Or(o.Tasks, 8), cmp.Or(o.Backoff, 5*time.Second)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Worker{q: q, run: run, options: o}
}

// Start begins to run tasks. Redis need not answer now. It is called once.
func (w *Worker) Start() error {
	w.server = asynq.NewServerFromRedisClient(w.q.rdb, asynq.Config{
		Concurrency: w.options.Tasks, Queues: map[string]int{w.q.name: 1},
		TaskCheckInterval: idle, DelayedTaskCheckInterval: delayed, JanitorInterval: time.Minute, ShutdownTimeout: finish,
		RetryDelayFunc: func(n int, _ error, _ *asynq.Task) time.Duration {
			return backoff(w.options.Backoff, n, rand.Float64())
		},
		Logger: &plainLog{to: w.options.Log}, LogLevel: asynq.ErrorLevel,
	})
	return w.server.Start(asynq.HandlerFunc(w.process))
}

// backoff is how long to wait after the n-th failure, from 0: between a half and the whole, as chance (0 to 1) has it.
func backoff(first time.Duration, n int, chance float64) time.Duration {
	whole := first << (2 * min(n, notifying.Retries))
	return whole/2 + time.Duration(chance*float64(whole/2))
}

// Stop takes no more tasks and waits for those that run, 5 s at most; what does not end by then is run again by somebody else. It
// may be called again, and without Start.
func (w *Worker) Stop() {
	w.once.Do(func() {
		if w.server != nil {
			w.server.Shutdown()
		}
	})
}

// process runs what is in the box, not what was when the task was made.
func (w *Worker) process(ctx context.Context, task *asynq.Task) error {
	id := string(task.Payload())
	t, any, err := w.q.take(ctx, id)
	if err == nil && any {
		if n, _ := asynq.GetRetryCount(ctx); n == 0 {
			w.latency.observe(w.options.Clock().Sub(t.Since))
		}
		err = w.run(ctx, t)
	}
	// It is known what became of it: that is put down though its time may be up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
	defer cancel()
	switch {
	case err != nil || !any:
		err = errors.Join(err, w.q.release(ctx, id))
	default:
		if err = w.q.settle(ctx, id, t); err == nil {
			w.done.Add(1)
		}
	}
	if err != nil {
		return w.fail(ctx, err)
	}
	return nil
}

// fail is what asynq keeps of an error: nothing that names anybody.
func (w *Worker) fail(ctx context.Context, err error) error {
	w.failed.Add(1)
	if n, _ := asynq.GetRetryCount(ctx); n < notifying.Retries {
		w.retried.Add(1)
	} else {
		w.archived.Add(1)
	}
	f := fault.Of(err)
	return errors.New(f.Code() + ": " + f.Message())
}

// WorkerStats says what became of tasks that this process ran.
type WorkerStats struct {
	Done     int64
	Failed   int64 // runs; each is followed by a retry, or puts the task aside
	Retried  int64
	Archived int64 // put aside

	Begun  uint64             // tasks that ran for the first time
	Waited time.Duration      // from the first event to that, all together
	AtMost map[float64]uint64 // how many of them waited at most so many seconds
}

// Stats is safe for concurrent use.
func (w *Worker) Stats() WorkerStats {
	s := WorkerStats{Done: w.done.Load(), Failed: w.failed.Load(), Retried: w.retried.Load(), Archived: w.archived.Load()}
	s.Begun, s.Waited, s.AtMost = w.latency.read()
	return s
}
