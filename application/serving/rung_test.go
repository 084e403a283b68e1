package serving_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
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

func TestProcessesThatAreCutOffFromTheSharedStoreAnswerOnePage(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), newFaulty(w)
	f.Stock(100)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	first := f.Page("v", "")
	f.redis(world.Fails)
	other.redis(world.Fails)
	page := f.Page("v", first.Cursor)
	f.Record(f.Did("v", audience.Like, page.Items[3].Item)) // so that the same would not come by itself
	require.Equal(t, world.IDs(page), world.IDs(other.Page("v", first.Cursor)))

	require.Equal(t, feed.CursorOnly, page.Rung)
	_, kept, err := w.Archived(first.Visit.ID)
	require.NoError(t, err)
	require.Equal(t, page.Page.Number, kept[len(kept)-1].Number, "it outlives its process, without a drain")

	f.durable(world.Fails)
	alone := f.Page("v", page.Cursor)
	require.Len(t, alone.Items, len(page.Items), "without the archive it is decided all the same")
}

func TestAPageAskedAgainIsAsWholeAsItWasMade(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(100)
	first := f.Page("v", "")
	f.fast.Set(world.Fails)
	f.past.Set(world.Fails)
	f.Known.Part()
	page := f.Page("v", first.Cursor)
	require.NotEqual(t, feed.Full, page.Rung)
	f.fast.Set(world.Works)
	f.past.Set(world.Works)
	w.Clock.Advance(time.Minute)
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, page.Rung, f.Page("v", first.Cursor).Rung)
	require.Equal(t, feed.Full, f.Page("v", page.Cursor).Rung)
}

func TestThePageThatIsArchivedIsTheOneThatAllOthersWereAnswered(t *testing.T) {
	w := world.New(t)
	cut, other := newFaulty(w), w.Process()
	cut.Stock(200)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	first := cut.Page("v", "")
	cut.commit.Set(world.Fails) // so that all answered while the page was computed
	alone := cut.Page("v", first.Cursor)
	other.Record(other.Did("v", audience.Like, world.ItemID(151)), other.Did("v", audience.Like, world.ItemID(153)))
	full := other.Page("v", first.Cursor)
	require.Equal(t, []feed.Rung{feed.CursorOnly, feed.Full}, []feed.Rung{alone.Rung, full.Rung})
	require.NotEqual(t, world.IDs(alone), world.IDs(full))

	_, err = cut.Archivist.Drain(ctx)
	require.NoError(t, err)
	_, err = other.Archivist.Drain(ctx)
	require.NoError(t, err)
	_, pages, err := w.Archived(first.Visit.ID)
	require.NoError(t, err)
	require.Equal(t, full.Page.Items, pages[1].Items)
}

func TestAPageThatAnotherProcessDecidedAloneIsAnsweredInASessionOfTheOutage(t *testing.T) {
	w := world.New(t)
	waits := func(p *world.Parts) { p.Pause = time.Minute }
	f, other := newFaulty(w, waits), newFaulty(w, waits)
	f.Stock(200)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	f.redis(world.Fails)
	other.redis(world.Fails)
	other.Page("somebody else", "")
	w.Clock.Advance(time.Second) // it is not asked again before the pause is over
	first := other.Page("v", "")
	page := f.Page("v", first.Cursor)
	other.Record(other.Did("v", audience.Like, world.ItemID(151)), other.Did("v", audience.Like, world.ItemID(153)))
	require.Equal(t, world.IDs(page), world.IDs(other.Page("v", first.Cursor)))
}

func TestAPageMadeOfACopyThatMayBeOldSaysSo(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(100)
	require.Equal(t, feed.Full, f.Page("v", "").Rung)
	f.redis(world.Fails)
	f.Page("v", "")
	f.redis(world.Works)
	f.durable(world.Fails)
	w.Clock.Advance(time.Minute)
	require.False(t, f.Known.Sure())
	require.Equal(t, feed.StaleViewer, f.Page("v", "").Rung)
	f.durable(world.Works)
	require.Equal(t, feed.Full, f.Page("v", "").Rung)
}

func TestAPageDecidedAloneGivesWayToTheOneThatOthersWereAnswered(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), newFaulty(w)
	f.Stock(100)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	first := f.Page("v", "")
	f.redis(world.Fails)
	f.durable(world.Fails)
	alone := f.Page("v", first.Cursor)
	require.NoError(t, other.Decisions.Relate(ctx, "v", audience.Mutes, alone.Items[0].Author))
	shared := other.Page("v", first.Cursor)
	require.NotEqual(t, world.IDs(alone), world.IDs(shared))
	require.Equal(t, world.IDs(alone), world.IDs(f.Page("v", first.Cursor)), "as long as it is out of reach")

	f.redis(world.Works)
	f.durable(world.Works)
	w.Clock.Advance(time.Minute)
	again := f.Page("v", first.Cursor)
	require.Equal(t, world.IDs(shared), world.IDs(again))
	require.Equal(t, feed.Full, again.Rung)
}
