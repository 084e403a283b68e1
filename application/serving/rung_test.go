package serving_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

func TestAPageThatOneProcessDecidedAloneIsNeverFull(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(100)
	first := f.Page("v", "")
	f.commit.Set(world.Fails)
	page := f.Page("v", first.Cursor)
	require.Equal(t, feed.CursorOnly, page.Rung)
	f.commit.Set(world.Works)
	w.Clock.Advance(time.Minute)
	again := f.Page("v", first.Cursor)
	require.Equal(t, world.IDs(page), world.IDs(again))
	require.Equal(t, feed.CursorOnly, again.Rung, "another process may answer another page")
}

func TestAPageThatTheArchiveMayHaveIsNotFullWhileItIsSilent(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), newFaulty(w)
	f.Stock(100)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	f.commit.Set(world.Fails)
	first := f.Page("v", "") // the store that is shared holds nothing of this session
	require.Equal(t, feed.Full, other.Page("v", first.Cursor).Rung)

	second := f.Page("v", "")
	other.archive.Set(world.Fails)
	require.Equal(t, feed.CursorOnly, other.Page("v", second.Cursor).Rung)
}
