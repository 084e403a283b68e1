package indexing_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

func title(p *world.Process, id catalog.ItemID) string {
	at, items := []recommend.Ordinal{0}, []*catalog.Snapshot{nil}
	view := p.Index.View()
	view.Locate([]catalog.ItemID{id}, at)
	view.Items(at, items)
	if items[0] == nil {
		return "(none)"
	}
	if items[0].State != catalog.Published {
		return "(" + items[0].State.String() + ")"
	}
	return items[0].Details.Title
}

// fleet is an instance that takes writes and one that follows, whose stream can be broken.
func fleet(t *testing.T) (w *world.World, writer, follower *world.Process, stream *world.Breaker) {
	w, stream = world.New(t), &world.Breaker{}
	writer = w.Process()
	follower = w.Process(func(p *world.Parts) { p.Stream = world.Stream{Changes: p.Stream, Breaker: stream} })
	return w, writer, follower, stream
}

func put(t *testing.T, p *world.Process, id catalog.ItemID, title string) {
	t.Helper()
	_, err := p.Items.Put(ctx, id, catalog.Details{Title: title})
	require.NoError(t, err)
}

func relay(t *testing.T, p *world.Process) {
	t.Helper()
	_, err := p.Relay.Drain(ctx)
	require.NoError(t, err)
}

func TestAnIndexIsBuiltFromTheRecords(t *testing.T) {
	_, writer, follower, _ := fleet(t)
	writer.Stock(2500) // more than one batch
	require.NoError(t, writer.Items.Hide(ctx, world.ItemID(7)))
	require.NoError(t, writer.Items.Remove(ctx, world.ItemID(8)))
	n, err := follower.Keeper.Build(ctx)
	require.NoError(t, err)
	require.Equal(t, 2500, n)
	require.Equal(t, "Item 2500", title(follower, world.ItemID(2500)))
	require.Equal(t, "(hidden)", title(follower, world.ItemID(7)))
	require.Equal(t, "(removed)", title(follower, world.ItemID(8)))
	require.Equal(t, writer.Index.View().Version(), follower.Index.View().Version(), "equal catalogues have equal versions")
	require.Equal(t, world.IDs(writer.Page("a", "")), world.IDs(follower.Page("b", "")))
}

func TestAnInstanceFollowsTheStream(t *testing.T) {
	_, writer, follower, _ := fleet(t)
	put(t, writer, "a", "A1")
	_, err := follower.Keeper.Build(ctx)
	require.NoError(t, err)
	put(t, writer, "a", "A2")
	put(t, writer, "b", "B1")
	relay(t, writer)
	n, err := follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n, "what the records had told is no news")
	require.Equal(t, "A2", title(follower, "a"))
	require.NoError(t, writer.Items.Hide(ctx, "b"))
	relay(t, writer)
	_, err = follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "(hidden)", title(follower, "b"))
	n, err = follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestOlderVersionsAreIgnored(t *testing.T) {
	w, writer, follower, _ := fleet(t)
	put(t, writer, "a", "A1")
	old, err := writer.Items.Get(ctx, "a")
	require.NoError(t, err)
	put(t, writer, "a", "A2")
	_, err = follower.Keeper.Build(ctx)
	require.NoError(t, err)
	relay(t, writer)
	require.NoError(t, w.Publish(old))
	n, err := follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, "A2", title(follower, "a"))
}

func TestAStreamThatWasLostCostsNothingButTime(t *testing.T) {
	w, writer, follower, _ := fleet(t)
	put(t, writer, "a", "A1")
	_, err := follower.Keeper.Build(ctx)
	require.NoError(t, err)
	w.Clock.Advance(time.Hour)
	put(t, writer, "a", "A2")
	put(t, writer, "b", "B1")
	relay(t, writer)
	w.WipeRedis()
	_, err = follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "A1", title(follower, "a"), "nothing told it")

	n, err := follower.Keeper.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, "A2", title(follower, "a"))
	put(t, writer, "b", "B2")
	relay(t, writer)
	_, err = follower.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "B2", title(follower, "b"), "and it goes on with the stream that came after")
}

func TestWhileTheStreamIsOutOfReachTheRecordsAreLookedAt(t *testing.T) {
	w, writer, follower, stream := fleet(t)
	put(t, writer, "a", "A1")
	stream.Set(world.Fails)
	_, err := follower.Keeper.Build(ctx)
	require.NoError(t, err, "an index is built all the same")
	require.Equal(t, "A1", title(follower, "a"))
	put(t, writer, "a", "A2")
	relay(t, writer)
	_, err = follower.Keeper.Follow(ctx)
	require.ErrorIs(t, err, world.ErrBroken)

	stream.Set(world.Works)
	n, err := follower.Keeper.Follow(ctx) // takes its place in the stream, and what it missed from the records
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "A2", title(follower, "a"))

	stream.Set(world.Fails)
	w.Clock.Advance(time.Minute)
	put(t, writer, "a", "A3")
	n, err = follower.Keeper.Follow(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	require.Equal(t, 1, n)
	require.Equal(t, "A3", title(follower, "a"))
}

func TestCatchingUpLooksBackAWhile(t *testing.T) {
	w, writer, follower, _ := fleet(t)
	put(t, writer, "early", "E1")
	w.Clock.Advance(90 * time.Second)
	_, err := follower.Keeper.Build(ctx)
	require.NoError(t, err)
	w.Clock.Advance(-90 * time.Second) // another instance's clock is behind
	put(t, writer, "late", "L1")
	w.Clock.Advance(90 * time.Second)
	n, err := follower.Keeper.CatchUp(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "L1", title(follower, "late"))
}
