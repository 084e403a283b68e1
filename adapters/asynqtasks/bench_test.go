package asynqtasks_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/asynqtasks"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/test/servers"
)

// BenchmarkEnqueue is what tasks of different subjects cost to enqueue, sixteen at a time as the trigger does.
func BenchmarkEnqueue(b *testing.B) {
	for name, opts := range onBoth(b) {
		b.Run(name, func(b *testing.B) {
			q := open(b, own(b, opts))
			var wg sync.WaitGroup
			next := make(chan int)
			for range 16 {
				wg.Go(func() {
					for i := range next {
						if _, err := q.Enqueue(context.Background(), subject(i), 300*time.Millisecond); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ResetTimer()
			for i := range b.N {
				next <- i
			}
			close(next)
			wg.Wait()
		})
	}
}

// BenchmarkEnqueueToRun is how long a task waits for a worker that has nothing else to do; ns/op is made up of pauses.
func BenchmarkEnqueueToRun(b *testing.B) {
	for name, opts := range onBoth(b) {
		b.Run(name, func(b *testing.B) {
			q := open(b, own(b, opts))
			ran := make(chan struct{})
			w := asynqtasks.NewWorker(q, func(context.Context, notifying.Task) error { ran <- struct{}{}; return nil }, asynqtasks.WorkerOptions{})
			require.NoError(b, w.Start())
			var took []time.Duration
			for i := range b.N {
				time.Sleep(time.Duration(i%70) * time.Millisecond)
				began := time.Now()
				_, err := q.Enqueue(context.Background(), subject(i), 300*time.Millisecond)
				require.NoError(b, err)
				<-ran
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			w.Stop()
		})
	}
}

func subject(i int) notifying.Task {
	return notifying.Task{Subject: notifying.Subject{Kind: notifying.Viewer, ID: fmt.Sprint("viewer-", i)}, Events: 1, UpTo: 1, Since: time.Now(), At: time.Now()}
}

func onBoth(b *testing.B) map[string]redisstore.Options {
	return map[string]redisstore.Options{"embedded": embedded(b), "redis": patient(redisstore.Options{Addrs: servers.RedisAddrs(b)})}
}
