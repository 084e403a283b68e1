package notifyingtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Queue is one empty queue as two instances see it.
type Queue struct {
	Here, There notifying.Tasks
	Backlog     notifying.Backlog
	// Work runs tasks, and tries those that fail again as soon as it can, until it is stopped or the test ends.
	Work func(t *testing.T, run func(context.Context, notifying.Task) error) (stop func())
}

// Tasks holds a queue to what notifying.Tasks and notifying.Backlog promise.
func Tasks(t *testing.T, open func(t *testing.T) Queue) {
	for name, clause := range map[string]func(*testing.T, Queue){
		"a task is run with what it tells, once":                        runOnce,
		"of all who ask at the same time one is taken in a window":      oneInAWindow,
		"a window that is over takes the next":                          nextWindow,
		"subjects of two kinds with one name are two":                   twoKinds,
		"what comes while a task waits is told by it":                   mergedWhileWaiting,
		"the same task asked for again tells nothing twice":             sameAgain,
		"nothing is taken while it runs, what comes then is told after": heldWhileRunning,
		"one that fails is tried again so often, and is then put aside": putAside,
		"what was put aside is told with what comes next":               toldWithTheNext,
		"what was put aside can be run by hand":                         byHand,
		"what comes while one is to be tried again is told by that":     mergedWhileRetried,
		"a forgotten subject leaves nothing that runs":                  forgotten,
		"a subject forgotten while its task runs is not told of again":  forgottenWhileRunning,
		"an empty queue has nothing, and forgets nothing":               empty,
		"what is enqueued while nobody works is run when somebody does": nobodyWorks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of them wait
			clause(t, open(t))
		})
	}
}

const (
	brief = 20 * time.Millisecond // a window
	long  = time.Minute
	soon  = 20 * time.Second // how long what is to happen may take
)

var (
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ann  = notifying.Subject{Kind: notifying.Viewer, ID: "ann"}
)

func task(s notifying.Subject, events int64, upTo engagement.Offset) notifying.Task {
	return notifying.Task{Subject: s, Events: events, UpTo: upTo, Since: noon, At: noon.Add(time.Duration(upTo) * time.Second)}
}

// notes are the tasks that ran.
type notes struct {
	mu    sync.Mutex
	tasks []notifying.Task
	fails func(nth int) error // of the nth run, from 1
}

func (n *notes) run(_ context.Context, t notifying.Task) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tasks = append(n.tasks, t)
	if n.fails != nil {
		return n.fails(len(n.tasks))
	}
	return nil
}

func (n *notes) all() []notifying.Task {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]notifying.Task(nil), n.tasks...)
}

func (n *notes) eventually(t *testing.T, want int) []notifying.Task {
	t.Helper()
	require.Eventually(t, func() bool { return len(n.all()) >= want }, soon, 10*time.Millisecond, "%d runs, has %v", want, n)
	time.Sleep(150 * time.Millisecond) // and no more
	require.Len(t, n.all(), want)
	return n.all()
}

// enqueue asks again while a window that has to end has not ended.
func enqueue(t *testing.T, on notifying.Tasks, k notifying.Task, window time.Duration, want notifying.Outcome) {
	t.Helper()
	var got notifying.Outcome
	var err error
	require.Eventually(t, func() bool {
		got, err = on.Enqueue(t.Context(), k, window)
		return !errors.Is(err, notifying.ErrHeld)
	}, soon, 10*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func pass(window time.Duration) { time.Sleep(5 * window) }

func sizes(t *testing.T, q Queue, want notifying.Sizes) {
	t.Helper()
	var got notifying.Sizes
	require.Eventually(t, func() bool {
		var err error
		got, err = q.Backlog.Sizes(t.Context())
		return err == nil && got == want
	}, soon, 20*time.Millisecond, "want %+v, last %+v", want, &got)
}

func runOnce(t *testing.T, q Queue) {
	var n notes
	q.Work(t, n.run)
	k := notifying.Task{Subject: ann, Events: 7, UpTo: 1<<53 - 1, Since: noon.Add(-time.Millisecond), At: noon.Add(time.Millisecond)}
	enqueue(t, q.Here, k, brief, notifying.Enqueued)
	require.Equal(t, []notifying.Task{k}, n.eventually(t, 1))
	sizes(t, q, notifying.Sizes{})
}

func nobodyWorks(t *testing.T, q Queue) {
	enqueue(t, q.Here, task(ann, 1, 1), brief, notifying.Enqueued)
	sizes(t, q, notifying.Sizes{Waiting: 1})
	var n notes
	q.Work(t, n.run)
	n.eventually(t, 1)
}

func oneInAWindow(t *testing.T, q Queue) {
	var wg sync.WaitGroup
	taken, held := make(chan notifying.Outcome, 20), make(chan error, 20)
	for i := range 20 {
		on := q.Here
		if i%2 == 1 {
			on = q.There
		}
		wg.Go(func() {
			if o, err := on.Enqueue(t.Context(), task(ann, 1, engagement.Offset(i+1)), long); err == nil {
				taken <- o
			} else {
				held <- err
			}
		})
	}
	wg.Wait()
	require.Len(t, taken, 1)
	require.Equal(t, notifying.Enqueued, <-taken)
	for range 19 {
		require.ErrorIs(t, <-held, notifying.ErrHeld)
	}
	var n notes
	q.Work(t, n.run)
	n.eventually(t, 1)
	_, err := q.There.Enqueue(t.Context(), task(ann, 1, 99), long)
	require.ErrorIs(t, err, notifying.ErrHeld, "the window goes on when the task is done")
}

func nextWindow(t *testing.T, q Queue) {
	var n notes
	q.Work(t, n.run)
	enqueue(t, q.Here, task(ann, 1, 1), brief, notifying.Enqueued)
	n.eventually(t, 1)
	pass(brief)
	enqueue(t, q.There, task(ann, 2, 3), brief, notifying.Enqueued)
	require.Equal(t, []notifying.Task{task(ann, 1, 1), task(ann, 2, 3)}, n.eventually(t, 2))
}

func twoKinds(t *testing.T, q Queue) {
	author := notifying.Subject{Kind: notifying.Author, ID: ann.ID}
	enqueue(t, q.Here, task(ann, 1, 1), long, notifying.Enqueued)
	enqueue(t, q.Here, task(author, 1, 1), long, notifying.Enqueued)
	var n notes
	q.Work(t, n.run)
	require.ElementsMatch(t, []notifying.Task{task(ann, 1, 1), task(author, 1, 1)}, n.eventually(t, 2))
}

func mergedWhileWaiting(t *testing.T, q Queue) {
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	pass(brief)
	enqueue(t, q.There, task(ann, 2, 5), brief, notifying.Merged)
	var n notes
	q.Work(t, n.run)
	require.Equal(t, []notifying.Task{task(ann, 5, 5)}, n.eventually(t, 1))
}

func sameAgain(t *testing.T, q Queue) {
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	pass(brief)
	enqueue(t, q.There, task(ann, 3, 3), brief, notifying.Merged)
	var n notes
	q.Work(t, n.run)
	require.Equal(t, []notifying.Task{task(ann, 3, 3)}, n.eventually(t, 1))
	pass(brief)
	enqueue(t, q.There, task(ann, 3, 3), brief, notifying.Merged)
	require.Len(t, n.eventually(t, 1), 1)
}

func heldWhileRunning(t *testing.T, q Queue) {
	var n notes
	begun, finish := make(chan struct{}), make(chan struct{})
	q.Work(t, func(ctx context.Context, k notifying.Task) error {
		if len(n.all()) == 0 {
			close(begun)
			<-finish
		}
		return n.run(ctx, k)
	})
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	<-begun
	pass(brief)
	_, err := q.There.Enqueue(t.Context(), task(ann, 2, 5), brief)
	require.ErrorIs(t, err, notifying.ErrHeld)
	close(finish)
	n.eventually(t, 1)
	enqueue(t, q.There, task(ann, 4, 7), brief, notifying.Enqueued) // with what has come since
	require.Equal(t, []notifying.Task{task(ann, 3, 3), task(ann, 4, 7)}, n.eventually(t, 2))
}

var errDown = fault.New(fault.Unavailable, "down", "nobody is there")

func always(int) error { return errDown }

func putAside(t *testing.T, q Queue) {
	n := notes{fails: always}
	q.Work(t, n.run)
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	sizes(t, q, notifying.Sizes{Archived: 1})
	for _, ran := range n.eventually(t, 1+notifying.Retries) {
		require.Equal(t, task(ann, 3, 3), ran)
	}
	var all []notifying.Failing
	require.NoError(t, q.Backlog.List(t.Context(), func(f notifying.Failing) error { all = append(all, f); return nil }))
	require.Len(t, all, 1)
	require.Equal(t, task(ann, 3, 3), all[0].Task)
	require.True(t, all[0].Archived)
	require.Equal(t, 1+notifying.Retries, all[0].Failures)
	require.Equal(t, "down: nobody is there", all[0].Why)
	require.WithinDuration(t, time.Now(), all[0].FailedAt, time.Minute)
	require.Zero(t, all[0].Next)
}

func toldWithTheNext(t *testing.T, q Queue) {
	n := notes{fails: func(nth int) error {
		if nth <= 1+notifying.Retries {
			return errDown
		}
		return nil
	}}
	q.Work(t, n.run)
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	sizes(t, q, notifying.Sizes{Archived: 1})
	enqueue(t, q.There, task(ann, 2, 5), brief, notifying.Enqueued)
	require.Equal(t, task(ann, 5, 5), n.eventually(t, 2+notifying.Retries)[1+notifying.Retries])
	sizes(t, q, notifying.Sizes{})
}

func byHand(t *testing.T, q Queue) {
	n := notes{fails: func(nth int) error {
		if nth <= 1+notifying.Retries {
			return errDown
		}
		return nil
	}}
	q.Work(t, n.run)
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	sizes(t, q, notifying.Sizes{Archived: 1})
	var id string
	require.NoError(t, q.Backlog.List(t.Context(), func(f notifying.Failing) error { id = f.ID; return nil }))
	require.ErrorIs(t, q.Backlog.Again(t.Context(), "nobody"), notifying.ErrNoTask)
	require.NoError(t, q.Backlog.Again(t.Context(), id))
	require.Equal(t, task(ann, 3, 3), n.eventually(t, 2+notifying.Retries)[1+notifying.Retries])
	sizes(t, q, notifying.Sizes{})
	all, err := q.Backlog.AgainAll(t.Context())
	require.NoError(t, err)
	require.Zero(t, all)
}

func mergedWhileRetried(t *testing.T, q Queue) {
	n := notes{fails: func(nth int) error {
		if nth == 1 {
			return errDown
		}
		return nil
	}}
	stop := q.Work(t, n.run)
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	sizes(t, q, notifying.Sizes{Retried: 1})
	stop()
	pass(brief)
	enqueue(t, q.There, task(ann, 2, 5), brief, notifying.Merged)
	q.Work(t, n.run)
	require.Equal(t, []notifying.Task{task(ann, 3, 3), task(ann, 5, 5)}, n.eventually(t, 2))
}

func forgotten(t *testing.T, q Queue) {
	enqueue(t, q.Here, task(ann, 3, 3), long, notifying.Enqueued)
	removed, err := q.There.Forget(t.Context(), ann)
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	removed, err = q.Here.Forget(t.Context(), ann)
	require.NoError(t, err)
	require.Zero(t, removed)
	sizes(t, q, notifying.Sizes{})
	var n notes
	q.Work(t, n.run)
	ben := notifying.Subject{Kind: notifying.Viewer, ID: "ben"}
	enqueue(t, q.Here, task(ben, 1, 1), long, notifying.Enqueued)
	require.Equal(t, []notifying.Task{task(ben, 1, 1)}, n.eventually(t, 1))
	enqueue(t, q.Here, task(ann, 1, 1), long, notifying.Enqueued)
	n.eventually(t, 2)
}

func forgottenWhileRunning(t *testing.T, q Queue) {
	n := notes{fails: always}
	begun, finish := make(chan struct{}), make(chan struct{})
	q.Work(t, func(ctx context.Context, k notifying.Task) error {
		if len(n.all()) == 0 {
			close(begun)
			<-finish
		}
		return n.run(ctx, k)
	})
	enqueue(t, q.Here, task(ann, 3, 3), brief, notifying.Enqueued)
	<-begun
	_, err := q.There.Forget(t.Context(), ann)
	require.NoError(t, err)
	close(finish)
	sizes(t, q, notifying.Sizes{})
	require.Len(t, n.eventually(t, 1), 1)
}

func empty(t *testing.T, q Queue) {
	sizes(t, q, notifying.Sizes{})
	removed, err := q.Here.Forget(t.Context(), ann)
	require.NoError(t, err)
	require.Zero(t, removed)
	require.NoError(t, q.Backlog.List(t.Context(), func(notifying.Failing) error { t.Error("there is none"); return nil }))
	n, err := q.Backlog.AgainAll(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.ErrorIs(t, q.Backlog.Again(t.Context(), "nobody"), notifying.ErrNoTask)
}
