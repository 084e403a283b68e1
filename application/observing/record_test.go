package observing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

func statuses(outcomes []observing.Outcome) []observing.Status {
	out := make([]observing.Status, len(outcomes))
	for i, o := range outcomes {
		out[i] = o.Status
	}
	return out
}

func head(t *testing.T, w *world.World) int {
	t.Helper()
	n, err := mysqlstore.NewEventLog(w.DB).Head(ctx)
	require.NoError(t, err)
	return int(n)
}

// known is what the next page would be made from, and the viewer's actions in it as words.
func known(p *world.Process, viewer audience.ViewerID) (audience.Knowledge, []string) {
	k := p.Ladder.Look(ctx, viewer, "", 1).Knowledge
	acts := []string{}
	for _, a := range k.Actions {
		acts = append(acts, a.Act.String()+" "+string(a.Item))
	}
	return k, acts
}

func TestABadEventDoesNotKeepTheOthersOut(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	good := p.Did("v", audience.Like, world.ItemID(1))
	noID, future, noItem := good, good, good
	noID.ID = ""
	future.ID, future.At = "f", w.Clock.Now().Add(engagement.MaxAhead+time.Millisecond)
	noItem.ID, noItem.Item = "n", ""
	last := p.Did("v", audience.Seen, world.ItemID(2))
	outcomes, err := p.Events.Record(ctx, []engagement.Event{noID, good, future, noItem, last})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"rejected", "accepted", "rejected", "rejected", "accepted"}, statuses(outcomes))
	for i, field := range map[int]string{0: "event_id", 2: "at", 3: "item"} {
		require.Equal(t, field, outcomes[i].Err.Field())
	}
	require.ErrorIs(t, outcomes[2].Err, engagement.ErrFuture)
	require.Nil(t, outcomes[1].Err)
	require.Equal(t, 2, head(t, w))
	_, acts := known(p, "v")
	require.ElementsMatch(t, []string{"like i0001", "seen i0002"}, acts)
}

func TestAnEmptyBatchIsNoFault(t *testing.T) {
	outcomes, err := world.New(t).Process().Events.Record(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, outcomes)
}

func TestABatchHasALimit(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	_, err := p.Events.Record(ctx, make([]engagement.Event, observing.MaxBatch+1))
	require.ErrorIs(t, err, observing.ErrBatch)
	require.Zero(t, head(t, w))

	events := make([]engagement.Event, observing.MaxBatch)
	for i := range events {
		events[i] = p.Did("v", audience.Seen, world.ItemID(i))
	}
	p.Record(events...)
	require.Equal(t, observing.MaxBatch, head(t, w))
}

func TestAnIDRepeatedInABatchCountsOnce(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	known(p, "v") // the copy is filled, so that notes reach it
	like := p.Did("v", audience.Like, world.ItemID(1))
	other := like
	other.Item = world.ItemID(2) // the same id, and yet something else
	bad := like
	bad.At = time.Time{}
	outcomes, err := p.Events.Record(ctx, []engagement.Event{bad, like, like, other})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"rejected", "accepted", "duplicate", "duplicate"}, statuses(outcomes))
	require.Equal(t, 1, head(t, w))
	k, acts := known(p, "v")
	require.Equal(t, []string{"like i0001"}, acts, "the first of an id is the event")
	require.Len(t, k.Memory.Consumed, 1)
}

func TestAnEventSentAgainIsADuplicateAndChangesNothing(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	known(p, "v")
	like := p.Did("v", audience.Like, world.ItemID(1))
	p.Record(like)
	before, _ := known(p, "v")
	other := like // the same id, said of something else
	other.Item, other.Act = world.ItemID(2), audience.Share
	for _, again := range []engagement.Event{like, like, other} {
		outcomes, err := p.Events.Record(ctx, []engagement.Event{again})
		require.NoError(t, err)
		require.Equal(t, []observing.Status{"duplicate"}, statuses(outcomes))
	}
	require.Equal(t, 1, head(t, w))
	after, _ := known(p, "v")
	require.Equal(t, before.Actions, after.Actions)
	require.Len(t, after.Memory.Seen, 1)
	require.Len(t, after.Memory.Consumed, 1)
}

// A try that died between the log and the fast copy is completed by the next.
func TestADuplicateCompletesATryThatDied(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	known(p, "v")
	like := p.Did("v", audience.Like, world.ItemID(1))
	_, err := mysqlstore.NewEventLog(w.DB).Append(ctx, []engagement.Event{like}, w.Clock.Now())
	require.NoError(t, err)
	_, acts := known(p, "v")
	require.Empty(t, acts)
	_, err = p.Events.Record(ctx, []engagement.Event{like})
	require.NoError(t, err)
	_, acts = known(p, "v")
	require.Equal(t, []string{"like i0001"}, acts)
}

func TestADuplicateDoesNotDecideAgain(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	follow := p.Did("v", audience.FollowAuthor, world.ItemID(1))
	less := p.Did("v", audience.NotInterested, world.ItemID(2))
	p.Record(follow, less)
	require.NoError(t, p.Decisions.Unrelate(ctx, "v", audience.Follows, "a1"))
	require.NoError(t, p.Decisions.Undo(ctx, "v", audience.Target{Kind: audience.OnItem, ID: "i0002"}))

	outcomes, err := p.Events.Record(ctx, []engagement.Event{follow, less})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"duplicate", "duplicate"}, statuses(outcomes))
	k, _ := known(p, "v")
	require.False(t, k.Viewer.Has(audience.Follows, "a1"), "a later decision has overtaken it")
	require.Empty(t, k.Viewer.Decisions())
}

// An event in the log has always taken effect; one that took effect and is not in the log is sent again.
func TestADecisionComesBeforeTheLog(t *testing.T) {
	w := world.New(t)
	var log world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Log = world.Log{EventLog: parts.Log, Breaker: &log} })
	p.Stock(5)
	mute := p.Did("v", audience.MuteAuthor, "")
	mute.Author = "a3"
	log.Set(world.Fails)
	_, err := p.Events.Record(ctx, []engagement.Event{mute})
	require.ErrorIs(t, err, world.ErrBroken)
	k, _ := known(p, "v")
	require.True(t, k.Viewer.Has(audience.Mutes, "a3"))
	require.Zero(t, head(t, w))

	log.Set(world.Works)
	outcomes, err := p.Events.Record(ctx, []engagement.Event{mute})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"accepted"}, statuses(outcomes))
	require.Equal(t, 1, head(t, w))
}

func TestACommitWhoseAnswerWasLostIsADuplicateNextTime(t *testing.T) {
	w := world.New(t)
	var log world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Log = world.Log{EventLog: parts.Log, Breaker: &log} })
	p.Stock(5)
	known(p, "v")
	like := p.Did("v", audience.Like, world.ItemID(1))
	log.Set(world.Deceives)
	_, err := p.Events.Record(ctx, []engagement.Event{like})
	require.ErrorIs(t, err, world.ErrBroken)
	log.Set(world.Works)
	outcomes, err := p.Events.Record(ctx, []engagement.Event{like})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"duplicate"}, statuses(outcomes))
	_, acts := known(p, "v")
	require.Equal(t, []string{"like i0001"}, acts)
}

func TestEventsThatAreDecisions(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(9)
	on := func(act audience.Act, item int) engagement.Event {
		w.Clock.Advance(time.Second)
		return p.Did("v", act, world.ItemID(item))
	}
	p.Record(on(audience.FollowAuthor, 1), on(audience.FollowAuthor, 2), on(audience.MuteAuthor, 3), on(audience.BlockAuthor, 4),
		on(audience.UnfollowAuthor, 2), on(audience.MuteAuthor, 5), on(audience.UnmuteAuthor, 5), on(audience.BlockAuthor, 1),
		on(audience.MoreLikeThis, 6), on(audience.NotInterested, 7))
	for _, where := range []string{"in the copy", "in the records"} {
		v := p.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer
		if where == "in the records" {
			var err error
			v, err = mysqlstore.NewViewers(w.DB).Find(ctx, "v")
			require.NoError(t, err)
		}
		require.Empty(t, v.Ties(audience.Follows), "one unfollowed, the other blocked")
		require.Len(t, v.Ties(audience.Mutes), 1)
		require.True(t, v.Has(audience.Mutes, "a3"))
		require.True(t, v.Has(audience.Blocks, "a4"))
		require.True(t, v.Has(audience.Blocks, "a1"))
		require.Len(t, v.Decisions(), 2)
	}
}

func TestAnActOnAnAuthorMeansTheItemsAuthor(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(3)
	_, err := p.Items.Put(ctx, "anonymous", catalog.Details{})
	require.NoError(t, err)
	byItem, byAuthor, both := p.Did("v", audience.FollowAuthor, world.ItemID(1)), p.Did("v", audience.FollowAuthor, ""), p.Did("v", audience.FollowAuthor, world.ItemID(2))
	byAuthor.Author, both.Author = "somebody", "else"
	unheard, nobody := p.Did("v", audience.FollowAuthor, "unheard-of"), p.Did("v", audience.MuteAuthor, "anonymous")
	outcomes, err := p.Events.Record(ctx, []engagement.Event{byItem, byAuthor, both, unheard, nobody})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"accepted", "accepted", "accepted", "rejected", "rejected"}, statuses(outcomes))
	for _, o := range outcomes[3:] {
		require.Equal(t, "author", o.Err.Field())
		require.Equal(t, fault.Invalid, o.Err.Kind())
	}
	k, _ := known(p, "v")
	for _, a := range []catalog.AuthorID{"a1", "somebody", "else"} {
		require.True(t, k.Viewer.Has(audience.Follows, a), a)
	}
	require.Len(t, k.Viewer.Ties(audience.Follows), 3)
	require.Equal(t, 3, head(t, w), "what was rejected is not in the log")
}

func TestWithoutTuningEventsSteerNothing(t *testing.T) {
	w := world.New(t)
	p := w.Process(func(parts *world.Parts) { parts.Untuned = true })
	p.Stock(5)
	p.Record(p.Did("v", audience.NotInterested, world.ItemID(1)), p.Did("v", audience.MoreLikeThis, world.ItemID(2)), p.Did("v", audience.FollowAuthor, world.ItemID(3)))
	k, acts := known(p, "v")
	require.Empty(t, k.Viewer.Decisions())
	require.Len(t, acts, 3, "they are recorded all the same")
	require.True(t, k.Viewer.Has(audience.Follows, "a3"), "a follow is no tuning")
}

func TestADecisionPastTheLimitIsRejectedAlone(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(3)
	require.NoError(t, mysqlstore.NewViewers(w.DB).Update(ctx, "v", func(v *audience.Viewer) error {
		for i := range audience.MaxFollows {
			if err := v.Follow(catalog.AuthorID(fmt.Sprint("f", i)), w.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
	outcomes, err := p.Events.Record(ctx, []engagement.Event{
		p.Did("v", audience.FollowAuthor, world.ItemID(1)), p.Did("w", audience.FollowAuthor, world.ItemID(1)), p.Did("v", audience.Like, world.ItemID(2)),
	})
	require.NoError(t, err)
	require.Equal(t, []observing.Status{"rejected", "accepted", "accepted"}, statuses(outcomes))
	require.ErrorIs(t, outcomes[0].Err, audience.ErrTooManyFollows)
}

func TestWhatHappensToAnItemFollowsFromTheAct(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(9)
	known(p, "v")
	numbers := map[catalog.ItemID]catalog.Number{}
	items, err := mysqlstore.NewItems(w.DB, nil).Scan(ctx, time.Time{}, 0, 100)
	require.NoError(t, err)
	for _, it := range items {
		numbers[it.ID] = it.Number
	}
	watched := p.Did("v", audience.PlayProgress, world.ItemID(4))
	watched.Watched, watched.Duration = 50*time.Second, time.Minute
	p.Record(p.Did("v", audience.PlayStart, world.ItemID(1)), p.Did("v", audience.Seen, world.ItemID(2)), p.Did("v", audience.Like, world.ItemID(3)), watched,
		p.Did("v", audience.Like, "unheard-of"))
	for _, wiped := range []bool{false, true} {
		if wiped {
			w.WipeRedis()
		}
		k, _ := known(p, "v")
		var seen, consumed []catalog.Number
		for _, m := range k.Memory.Seen {
			seen = append(seen, m.Item)
		}
		for _, m := range k.Memory.Consumed {
			consumed = append(consumed, m.Item)
		}
		require.ElementsMatch(t, []catalog.Number{numbers["i0002"], numbers["i0003"], numbers["i0004"]}, seen, "wiped: %v", wiped)
		require.ElementsMatch(t, []catalog.Number{numbers["i0003"], numbers["i0004"]}, consumed, "wiped: %v", wiped)
		require.Len(t, k.Actions, 5)
	}
}

func TestPlaysOfASessionAreOneActionThatOnlyGrows(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(3)
	known(p, "v")
	for _, seconds := range []int{10, 40, 20} {
		e := p.Did("v", audience.PlayProgress, world.ItemID(1))
		e.Watched, e.Session = time.Duration(seconds)*time.Second, "s"
		p.Record(e)
		w.Clock.Advance(time.Second)
	}
	k, _ := known(p, "v")
	require.Len(t, k.Actions, 1)
	require.Equal(t, 40*time.Second, k.Actions[0].Watched)
}
