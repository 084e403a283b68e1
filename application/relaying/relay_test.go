package relaying_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// streamed is everything in the stream, in order, as "id version".
func streamed(t *testing.T, w *world.World) (all []string) {
	t.Helper()
	position := ""
	for {
		items, at, err := redisstore.NewChanges(w.Redis).Follow(ctx, position, 1000, 0)
		require.NoError(t, err)
		if len(items) == 0 {
			return all
		}
		for _, it := range items {
			all = append(all, fmt.Sprint(it.ID, " ", it.Version))
		}
		position = at
	}
}

func waiting(t *testing.T, w *world.World) int {
	t.Helper()
	b, err := mysqlstore.NewOutbox(w.DB).Backlog(ctx)
	require.NoError(t, err)
	return int(b.Pending)
}

func put(t *testing.T, p *world.Process, id catalog.ItemID, title string) {
	t.Helper()
	_, err := p.Items.Put(ctx, id, catalog.Details{Title: title})
	require.NoError(t, err)
}

func TestFactsReachTheStreamInOrder(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	put(t, p, "a", "1")
	put(t, p, "b", "1")
	put(t, p, "a", "2")
	require.NoError(t, p.Items.Hide(ctx, "b"))
	n, err := p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, []string{"a 1", "b 1", "a 2", "b 2"}, streamed(t, w))
	require.Zero(t, waiting(t, w))
	n, err = p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestMoreThanABatchIsDrainedAtOnce(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(1201)
	n, err := p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 1201, n)
	require.Len(t, streamed(t, w), 1201)
}

func TestWhatCannotBeDeliveredWaits(t *testing.T) {
	w := world.New(t)
	var stream world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Stream = world.Stream{Changes: parts.Stream, Breaker: &stream} })
	put(t, p, "a", "1")
	stream.Set(world.Fails)
	n, err := p.Relay.Drain(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	require.Zero(t, n)
	require.Equal(t, 1, waiting(t, w))
	put(t, p, "a", "2")
	stream.Set(world.Works)
	n, err = p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, []string{"a 1", "a 2"}, streamed(t, w))
}

func TestWhatIsDeliveredTwiceDoesNoHarm(t *testing.T) {
	w := world.New(t)
	var stream world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Stream = world.Stream{Changes: parts.Stream, Breaker: &stream} })
	follower := w.Process()
	_, err := follower.Keeper.Build(ctx)
	require.NoError(t, err)
	put(t, p, "a", "1")
	put(t, p, "a", "2")
	stream.Set(world.Deceives)
	_, err = p.Relay.Drain(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	stream.Set(world.Works)
	_, err = p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"a 1", "a 2", "a 1", "a 2"}, streamed(t, w))
	n, err := follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.EqualValues(t, 2, follower.Index.View().Version())
	require.Equal(t, world.IDs(p.Page("v", "")), world.IDs(follower.Page("w", "")))
}

func TestTwoRelaysDoNotDeliverTwice(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(300)
	var wg sync.WaitGroup
	moved, errs := make([]int, 2), make([]error, 2)
	for i, p := range []*world.Process{one, two} {
		wg.Go(func() { moved[i], errs[i] = p.Relay.Drain(ctx) })
	}
	wg.Wait()
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
	require.Equal(t, 300, moved[0]+moved[1])
	require.Len(t, streamed(t, w), 300)
}

// The one that holds the lease is gone; another takes over, at the latest once the lease has run out.
func TestAnotherRelayTakesOver(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	put(t, one, "a", "1")
	_, err := one.Relay.Drain(ctx)
	require.NoError(t, err)
	put(t, one, "a", "2")
	moved := 0
	require.Eventually(t, func() bool {
		n, err := two.Relay.Drain(ctx)
		moved += n
		return err == nil && moved == 1
	}, 30*time.Second, 20*time.Millisecond)
	require.Equal(t, []string{"a 1", "a 2"}, streamed(t, w))
}

// timed is a stream that writes down how long it is given.
type timed struct {
	catalog.Changes
	given time.Duration
}

func (s *timed) Publish(ctx context.Context, items []catalog.Snapshot) error {
	if until, ok := ctx.Deadline(); ok {
		s.given = time.Until(until)
	}
	return s.Changes.Publish(ctx, items)
}

// Otherwise a stream that hangs has another relay deliver the same beside this one.
func TestADeliveryEndsBeforeItsLease(t *testing.T) {
	w := world.New(t)
	var stream *timed
	p := w.Process(func(parts *world.Parts) {
		stream = &timed{Changes: parts.Stream}
		parts.Stream = stream
	})
	put(t, p, "a", "1")
	_, err := p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Positive(t, stream.given)
	require.Less(t, stream.given, 3*time.Second)
}
