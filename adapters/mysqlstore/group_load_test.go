package mysqlstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/servers"
)

// witness is a caller that remembers what it was told. Its events name it as their viewer.
type witness struct {
	name  string
	fresh []engagement.EventID // in the order of its acknowledgements
	known []engagement.EventID // acknowledged as duplicates
}

// append appends until it is acknowledged, as clients do, each time with twice the patience; it gives up after a minute.
func (w *witness) append(t *testing.T, log engagement.EventLog, ids []engagement.EventID, patience time.Duration) {
	events := make([]engagement.Event, len(ids))
	for i, id := range ids {
		events[i] = engagement.Event{ID: id, Viewer: audience.ViewerID(w.name), Act: audience.Like, Item: "i", At: dawn}
	}
	for began := time.Now(); time.Since(began) < time.Minute; {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		fresh, err := log.Append(ctx, events, dawn)
		cancel()
		if err == nil {
			for i, id := range ids {
				if fresh[i] {
					w.fresh = append(w.fresh, id)
				} else {
					w.known = append(w.known, id)
				}
			}
			return
		}
		if !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Limited) {
			t.Error(err)
			return
		}
		time.Sleep(time.Millisecond)
		patience = min(2*patience, time.Minute)
	}
	t.Error("never acknowledged")
}

// contents are the log's events by id, after a look at its offsets.
func contents(t *testing.T, log engagement.EventLog) map[engagement.EventID]engagement.Logged {
	t.Helper()
	all := make(map[engagement.EventID]engagement.Logged)
	for after := engagement.Offset(0); ; {
		some, err := log.Read(t.Context(), after, 5000)
		require.NoError(t, err)
		if len(some) == 0 {
			head, err := log.Head(t.Context())
			require.NoError(t, err)
			require.Equal(t, after, head)
			return all
		}
		for _, e := range some {
			require.Equal(t, after+1, e.Offset)
			require.NotContains(t, all, e.ID, "twice in the log")
			all[e.ID], after = e, e.Offset
		}
	}
}

// TestAnswersUnderLoadAreThoseOfOneOrder has callers of two instances append ids that others append too, with little room,
// little patience and some who give up, and compares what they were told with what the log holds.
func TestAnswersUnderLoadAreThoseOfOneOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		tight := mysqlstore.GroupOptions{Waiting: 60, Size: 40, Patience: 20 * time.Millisecond}
		logs := []*mysqlstore.GroupedLog{grouped(t, a, tight), grouped(t, b, mysqlstore.GroupOptions{})}
		witnesses := make([]witness, 12)
		var all sync.WaitGroup
		for i := range witnesses {
			w := &witnesses[i]
			w.name = fmt.Sprint("w", i)
			dice := rand.New(rand.NewPCG(7, uint64(i)))
			all.Go(func() {
				for range 25 {
					ids := make([]engagement.EventID, 1+dice.IntN(12))
					for k := range ids {
						ids[k] = engagement.EventID(fmt.Sprint(dice.IntN(1500)))
					}
					patience := time.Minute
					if dice.IntN(4) == 0 {
						patience = time.Duration(dice.IntN(5000)) * time.Microsecond
					}
					w.append(t, logs[i%2], ids, max(patience, 200*time.Microsecond))
				}
			})
		}
		all.Wait()

		log, owners := contents(t, logs[0]), map[engagement.EventID]string{}
		for _, w := range witnesses {
			last := engagement.Offset(0)
			for _, id := range w.fresh {
				require.NotContains(t, owners, id, "new to two callers")
				owners[id] = w.name
				require.EqualValues(t, w.name, log[id].Viewer, "new to another than the one it is from")
				require.Greater(t, log[id].Offset, last, "a caller's events keep their order")
				last = log[id].Offset
			}
			for _, id := range w.known {
				require.Contains(t, log, id, "a duplicate of nothing")
			}
		}
		require.Zero(t, logs[0].Stats().Waiting+logs[1].Stats().Waiting)
	})
}

// TestWhatWasAcknowledgedIsThereOnceAfterTheServerWasKilled kills the server in the middle of the load.
func TestWhatWasAcknowledgedIsThereOnceAfterTheServerWasKilled(t *testing.T) {
	server := servers.StartMySQL(t)
	db := migrated(t, mysqlstore.Options{DSN: newDatabase(t, server)})
	log := grouped(t, db, mysqlstore.GroupOptions{})
	witnesses, stop := make([]witness, 8), make(chan struct{})
	var all sync.WaitGroup
	for i := range witnesses {
		w := &witnesses[i]
		w.name = fmt.Sprint("w", i)
		all.Go(func() {
			for batch := 0; ; batch++ {
				select {
				case <-stop:
					return
				default:
				}
				ids := make([]engagement.EventID, 40)
				for k := range ids {
					ids[k] = engagement.EventID(fmt.Sprintf("%d-%d-%d", i, batch, k))
				}
				w.append(t, log, ids, 30*time.Second)
			}
		})
	}
	failed := uint64(0)
	for range 3 {
		done := log.Stats().Groups
		require.Eventually(t, func() bool { return log.Stats().Groups > done+20 }, 30*time.Second, time.Millisecond)
		server.Kill()
		require.Eventually(t, func() bool { return log.Stats().Failed > failed }, 10*time.Second, time.Millisecond)
		server.Restart()
		failed = log.Stats().Failed
	}
	close(stop)
	all.Wait()

	held, told := contents(t, log), 0
	for _, w := range witnesses {
		for _, id := range append(w.fresh, w.known...) {
			require.EqualValues(t, w.name, held[id].Viewer, "acknowledged and gone")
			told++
		}
	}
	require.Len(t, held, told, "each was acknowledged in the end, once")
	t.Logf("%d events in %d transactions, %d failed", told, log.Stats().Groups, log.Stats().Failed)
}
