package relaying_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/world"
)

func lettersOf(w *world.World) *relaying.Letters {
	return relaying.NewLetters(mysqlstore.NewDeadLetters(w.DB))
}

func dead(t *testing.T, w *world.World) (all []string) {
	t.Helper()
	letters, err := lettersOf(w).All(ctx)
	require.NoError(t, err)
	for _, l := range letters {
		all = append(all, fmt.Sprint(l.Item, " ", l.Version))
	}
	return all
}

// drained drains until nothing is left to wait for.
func drained(t *testing.T, w *world.World, relays ...*relaying.Relay) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, r := range relays {
			_, err := r.Drain(ctx)
			require.NoError(t, err)
		}
		return waiting(t, w) == 0
	}, 30*time.Second, 5*time.Millisecond)
}

func TestAPoisonRowKeepsNoOtherItemBack(t *testing.T) {
	for _, c := range []struct{ name, spoil, why string }{
		{"it cannot be decoded", `UPDATE outbox SET details = '{"t":' WHERE id = 'bad'`, "unexpected end of JSON"},
		{"its state is unknown", "UPDATE outbox SET state = 9 WHERE id = 'bad'", "state 9"},
		{"a number is a word", "UPDATE outbox SET version = 'first' WHERE id = 'bad'", `column version holds "first"`},
		{"its number is none", "UPDATE outbox SET number = 0 WHERE id = 'bad'", `column number holds "0"`},
		{"its id is no item's", "UPDATE outbox SET id = 'b/d' WHERE id = 'bad'", "id"},
		{"it is too large for the stream", "UPDATE outbox SET payload = zeroblob(2000000) WHERE id = 'bad'", "at most 1047552 fit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(t)
			p := w.Process()
			put(t, p, "a", "1")
			put(t, p, "bad", "1")
			put(t, p, "b", "1")
			put(t, p, "a", "2")
			require.EqualValues(t, 1, w.SQL(c.spoil))
			n, err := p.Relay.Drain(ctx)
			require.NoError(t, err)
			require.Equal(t, 3, n)
			require.Equal(t, []string{"a 1", "b 1", "a 2"}, streamed(t, w))
			require.Equal(t, 1, waiting(t, w))
			require.Empty(t, dead(t, w), "it failed once")

			drained(t, w, p.Relay)
			letters, err := lettersOf(w).All(ctx)
			require.NoError(t, err)
			require.Len(t, letters, 1)
			require.Equal(t, catalog.MostFailures, letters[0].Failures)
			require.Contains(t, letters[0].Why, c.why)
			stats := p.Relay.Stats()
			require.Equal(t, []int{6, 3, 3, 0, 1}, []int{stats.Attempts, stats.Delivered, stats.Failed, stats.Broken, stats.Buried})
		})
	}
}

func TestLaterFactsOfTheItemGoOnOnceItIsGivenUp(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	put(t, p, "bad", "1")
	put(t, p, "bad", "2")
	put(t, p, "bad", "3")
	w.SQL("UPDATE outbox SET details = '?' WHERE version = 2")
	for range 2 {
		_, err := p.Relay.Drain(ctx)
		require.NoError(t, err)
		require.Equal(t, []string{"bad 1"}, streamed(t, w), "the third waits for the second")
	}
	drained(t, w, p.Relay)
	require.Equal(t, []string{"bad 1", "bad 3"}, streamed(t, w))
	require.Equal(t, []string{"bad 2"}, dead(t, w))
	letters, err := lettersOf(w).All(ctx)
	require.NoError(t, err)
	require.True(t, letters[0].Superseded())
}

func TestWhileTheStreamIsGoneNothingIsGivenUp(t *testing.T) {
	for _, state := range []world.State{world.Fails, world.Deceives, world.Hangs} {
		t.Run(fmt.Sprint(state), func(t *testing.T) {
			w := world.New(t)
			var stream world.Breaker
			p := w.Process(func(parts *world.Parts) { parts.Stream = world.Stream{Changes: parts.Stream, Breaker: &stream} })
			for i := range 5 {
				put(t, p, "a", fmt.Sprint(i))
				put(t, p, world.ItemID(i), "1")
			}
			stream.Set(state)
			for range 5 {
				short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
				_, err := p.Relay.Drain(short)
				cancel()
				require.ErrorIs(t, err, world.ErrBroken)
			}
			require.Equal(t, 10, waiting(t, w))
			stream.Release()
			n, err := p.Relay.Drain(ctx)
			require.NoError(t, err)
			require.Equal(t, 10, n)
			require.Empty(t, dead(t, w))
			require.Equal(t, 5, p.Relay.Stats().Broken)
			all := streamed(t, w)
			require.Equal(t, []string{"a 1", "i0000 1", "a 2", "i0001 1", "a 3", "i0002 1", "a 4", "i0003 1", "a 5", "i0004 1"}, all[len(all)-10:])
		})
	}
}

// A relay that dies after the delivery leaves the facts, its lease and no trace of a failure.
func TestARelayThatDiesBeforeForgettingDeliversTwice(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	put(t, p, "a", "1")
	put(t, p, "b", "1")
	dying, die := context.WithCancel(ctx)
	_, err := mysqlstore.NewOutbox(w.DB).Relay(dying, "dead", 10, func(facts []catalog.Snapshot) ([]error, error) {
		require.NoError(t, w.Publish(facts...))
		die()
		return make([]error, len(facts)), nil
	})
	require.Error(t, err)
	require.Equal(t, 2, waiting(t, w))
	follower := w.Process()
	drained(t, w, p.Relay)
	require.Equal(t, []string{"a 1", "b 1", "a 1", "b 1"}, streamed(t, w))
	_, err = follower.Keeper.CatchUp(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, follower.Index.Stats().Live)
	require.Empty(t, dead(t, w))
}

func TestTwoRelaysGiveUpOnceWhatFails(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(60)
	poisoned := w.SQL("UPDATE outbox SET details = '?' WHERE seq % 10 = 0")
	until := time.Now().Add(30 * time.Second)
	var both sync.WaitGroup
	for _, p := range []*world.Process{one, two} {
		both.Go(func() {
			for time.Now().Before(until) {
				if _, err := p.Relay.Drain(ctx); err != nil {
					t.Error(err)
				}
				if b, err := mysqlstore.NewOutbox(w.DB).Backlog(ctx); err == nil && b.Pending == 0 {
					return
				}
				time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
			}
		})
	}
	both.Wait()
	require.Len(t, streamed(t, w), 60-int(poisoned))
	require.Len(t, dead(t, w), int(poisoned))
	require.Equal(t, 3*int(poisoned), one.Relay.Stats().Failed+two.Relay.Stats().Failed)
	require.Equal(t, int(poisoned), one.Relay.Stats().Buried+two.Relay.Stats().Buried)
}

func TestRequeuedLettersAreDeliveredInOrderBesideARelay(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	for _, id := range []catalog.ItemID{"a", "b", "c"} {
		put(t, p, id, "1")
	}
	w.SQL("UPDATE outbox SET details = '?' || details")
	drained(t, w, p.Relay)
	require.Equal(t, []string{"a 1", "b 1", "c 1"}, dead(t, w))
	put(t, p, "c", "2")
	drained(t, w, p.Relay)
	w.SQL("UPDATE dead_letters SET details = substr(details, 2)")

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = p.Relay.Drain(ctx)
			}
		}
	}()
	dealt, err := lettersOf(w).RequeueAll(ctx)
	require.NoError(t, err)
	more, err := lettersOf(w).Requeue(ctx, []catalog.LetterID{99, 3, 99})
	require.NoError(t, err)
	require.Equal(t, []relaying.Dealt{{ID: 1, What: catalog.Requeued}, {ID: 2, What: catalog.Requeued}, {ID: 3, What: catalog.Superseded}}, dealt)
	require.Equal(t, []relaying.Dealt{{ID: 3, What: catalog.Superseded}, {ID: 99, Err: catalog.ErrNoLetter}}, more)
	require.Eventually(t, func() bool { return waiting(t, w) == 0 }, 30*time.Second, time.Millisecond)
	close(stop)
	<-stopped
	require.Equal(t, []string{"c 2", "a 1", "b 1"}, streamed(t, w))

	gone, err := lettersOf(w).Drop(ctx, []catalog.LetterID{3, 1})
	require.NoError(t, err)
	require.Equal(t, []relaying.Dealt{{ID: 1, Err: catalog.ErrNoLetter}, {ID: 3}}, gone)
	require.Empty(t, dead(t, w))
}

func TestARequeueWaitsForARelayThatDied(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	put(t, p, "a", "1")
	w.SQL("UPDATE outbox SET details = '?'")
	drained(t, w, p.Relay)
	w.SQL("UPDATE leases SET owner = 'dead', until_ms = CAST(unixepoch('subsec') * 1000 AS INTEGER) + 700 WHERE name = 'outbox'")
	dealt, err := lettersOf(w).RequeueAll(ctx)
	require.NoError(t, err)
	require.Equal(t, []relaying.Dealt{{ID: 1, What: catalog.Requeued}}, dealt)
}

func TestLookingTellsWhatWaits(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	put(t, p, "a", "1")
	require.Zero(t, p.Relay.Stats().Pending)
	_, err := p.Relay.Look(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, p.Relay.Stats().Pending)
}

// picky is a stream that refuses some facts, and remembers the others.
type picky struct {
	catalog.Changes
	refuses func(catalog.Snapshot) bool
	took    []string
	calls   int
}

func (s *picky) Publish(_ context.Context, items []catalog.Snapshot) error {
	s.calls++
	for _, it := range items {
		if s.refuses(it) {
			return catalog.ErrUndeliverable
		}
	}
	for _, it := range items {
		s.took = append(s.took, fmt.Sprint(it.ID, " ", it.Version))
	}
	return nil
}

func TestWhateverIsRefusedTheOthersAreDeliveredOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := make([]catalog.Snapshot, rapid.IntRange(0, 40).Draw(t, "facts"))
		bad := map[string]bool{}
		for i := range facts {
			facts[i] = catalog.Snapshot{ID: catalog.ItemID(rapid.StringMatching("[a-d]").Draw(t, "id")), Version: uint64(i)}
			bad[fmt.Sprint(i)] = rapid.IntRange(0, 9).Draw(t, "bad") == 0
		}
		stream := &picky{refuses: func(s catalog.Snapshot) bool { return bad[fmt.Sprint(s.Version)] }}
		outcomes, err := relaying.Deliver(ctx, stream, facts)
		require.NoError(t, err)
		var want []string
		broken := map[catalog.ItemID]bool{}
		for i, f := range facts {
			switch {
			case broken[f.ID]:
				require.ErrorIs(t, outcomes[i], catalog.ErrHeld)
			case bad[fmt.Sprint(i)]:
				broken[f.ID] = true
				require.ErrorIs(t, outcomes[i], catalog.ErrUndeliverable)
			default:
				require.NoError(t, outcomes[i])
				want = append(want, fmt.Sprint(f.ID, " ", f.Version))
			}
		}
		require.Equal(t, strings.Join(want, ","), strings.Join(stream.took, ","))
	})
}

func TestOneRefusedFactInABatchCostsFewCalls(t *testing.T) {
	facts := make([]catalog.Snapshot, 512)
	for i := range facts {
		facts[i] = catalog.Snapshot{ID: world.ItemID(i), Version: uint64(i)}
	}
	stream := &picky{refuses: func(s catalog.Snapshot) bool { return s.Version == 300 }}
	_, err := relaying.Deliver(ctx, stream, facts)
	require.NoError(t, err)
	require.Equal(t, 19, stream.calls)
	require.Len(t, stream.took, 511)
}

func TestRetriesWaitLongerEachTime(t *testing.T) {
	for failures, most := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 99: 32 * time.Second} {
		require.Equal(t, most/2, catalog.RetryAfter(failures, 0))
		require.Equal(t, most, catalog.RetryAfter(failures, 1))
	}
}
