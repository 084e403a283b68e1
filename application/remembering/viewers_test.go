package remembering_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// faulty is a process whose fast copy and whose list of repairs can be broken.
type faulty struct {
	*world.Process
	w           *world.World
	fast, marks world.Breaker
	heart       *world.Heart
}

func newFaulty(w *world.World) *faulty {
	f := &faulty{w: w, heart: &world.Heart{ID: "one", Breaker: &world.Breaker{}}}
	f.Process = w.Process(func(p *world.Parts) {
		p.Fast = world.Remembrance{Remembrance: p.Fast, Breaker: &f.fast}
		p.Repairs = world.Repairs{Repairs: p.Repairs, Breaker: &f.marks}
		p.Heart = f.heart
	})
	return f
}

// likes is how often the viewer likes something in the knowledge that the next page would be made of.
func (f *faulty) likes(t *testing.T, viewer audience.ViewerID) int {
	t.Helper()
	k := f.Ladder.Look(ctx, viewer, "", 1).Knowledge
	n := 0
	for _, a := range k.Actions {
		if a.Act == audience.Like {
			n++
		}
	}
	return n
}

// copied is likes in the fast copy alone; -1 when nothing is held there.
func copied(t *testing.T, w *world.World, viewer audience.ViewerID) int {
	t.Helper()
	k, known, err := redisstore.NewRemembrance(w.Redis).Recall(ctx, viewer)
	require.NoError(t, err)
	if !known {
		return -1
	}
	return len(k.Actions)
}

func pending(t *testing.T, w *world.World) []audience.ViewerID {
	t.Helper()
	ids, err := mysqlstore.NewRepairs(w.DB).Pending(ctx, 1000)
	require.NoError(t, err)
	return ids
}

func TestWhatTheFastCopyMissedIsMended(t *testing.T) {
	for _, how := range []world.State{world.Fails, world.Deceives} {
		t.Run(fmt.Sprint(how), func(t *testing.T) {
			w := world.New(t)
			f := newFaulty(w)
			f.Stock(10)
			require.Zero(t, f.likes(t, "v"))
			require.Zero(t, copied(t, w, "v"), "the first look filled the copy")

			f.fast.Set(how)
			f.Record(f.Did("v", audience.Like, world.ItemID(1)))
			require.False(t, f.Known.Trusted("v"))
			require.Equal(t, []audience.ViewerID{"v"}, pending(t, w))
			require.Equal(t, 1, f.likes(t, "v"), "while the copy cannot be written, the records answer")
			_, err := f.Known.Repair(ctx)
			require.ErrorIs(t, err, world.ErrBroken)
			require.False(t, f.Known.Trusted("v"))
			require.Equal(t, []audience.ViewerID{"v"}, pending(t, w))

			f.fast.Set(world.Works)
			n, err := f.Known.Repair(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.True(t, f.Known.Trusted("v"))
			require.Empty(t, pending(t, w))
			require.Equal(t, 1, f.likes(t, "v"))
			require.Equal(t, 1, copied(t, w, "v"), "and the copy is whole again")
			n, err = f.Known.Repair(ctx)
			require.NoError(t, err)
			require.Zero(t, n)
		})
	}
}

func TestADecisionTheFastCopyMissedIsMended(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.likes(t, "v")
	f.fast.Set(world.Fails)
	require.NoError(t, f.Decisions.Relate(ctx, "v", audience.Mutes, "a1"))
	f.fast.Set(world.Works)
	require.True(t, f.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"), "before the repair")
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.True(t, f.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"), "and after it")
}

func TestAProcessThatDiesInBetweenLeavesTheRepairToOthers(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(10)
	f.likes(t, "v")
	f.fast.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))

	other := newFaulty(w) // knows nothing of it but for the list
	require.Zero(t, other.likes(t, "v"))
	n, err := other.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, 1, other.likes(t, "v"))
}

func TestAfterAnOutageOrARestartNoCopyIsTrustedBeforeARepair(t *testing.T) {
	for name, c := range map[string]struct {
		notice func(f *faulty)
	}{
		"noticed by a page":             {func(f *faulty) { f.Known.Part() }},
		"noticed by the next repair":    {func(f *faulty) { f.heart.Set(world.Fails); _, _ = f.Known.Repair(ctx); f.heart.Set(world.Works) }},
		"noticed by its connection":     {func(f *faulty) { f.heart.News++ }},
		"noticed by connection and run": {func(f *faulty) { f.heart.News++; f.heart.ID = "two" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			f, other := newFaulty(w), newFaulty(w)
			require.False(t, other.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"))
			_, err := other.Known.Repair(ctx)
			require.NoError(t, err)
			f.fast.Set(world.Fails)
			require.NoError(t, f.Decisions.Relate(ctx, "v", audience.Mutes, "a1"))

			c.notice(other)
			require.False(t, other.Known.Sure())
			look := other.Ladder.Look(ctx, "v", "", 1)
			require.True(t, look.Knowledge.Viewer.Has(audience.Mutes, "a1"), "it was acknowledged")
			require.Equal(t, feed.Full, look.Rung)
			_, err = other.Known.Repair(ctx)
			require.NoError(t, err)
			require.True(t, other.Known.Sure())
			require.True(t, other.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"))
		})
	}
}

func TestAProcessThatWasNotThereLearnsOfARestartFromTheStore(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	require.Zero(t, f.likes(t, "v"), "the copy is filled")
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	// The store lost this with its end, and nobody was left to see it.
	require.NoError(t, mysqlstore.NewViewers(w.DB).Update(ctx, "v", func(v *audience.Viewer) error { return v.Mute("a1", w.Clock.Now()) }))

	late := newFaulty(w)
	late.heart.ID, late.heart.Kept = "two", f.heart.Kept
	n, err := late.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.True(t, late.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"))
	require.False(t, late.Known.LostSince().IsZero())

	later := newFaulty(w)
	later.heart.ID, later.heart.Kept = "two", late.heart.Kept
	n, err = later.Known.Repair(ctx)
	require.NoError(t, err)
	require.Zero(t, n, "it is dealt with")
	require.Equal(t, late.Known.LostSince(), later.Known.LostSince(), "and sessions from before it are looked up in the archive")
}

func TestAViewerMendedByAnotherProcessIsTrustedAgain(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), newFaulty(w)
	f.Stock(10)
	f.likes(t, "v")
	f.fast.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))
	_, err := other.Known.Repair(ctx)
	require.NoError(t, err)
	require.Empty(t, pending(t, w))

	f.fast.Set(world.Works)
	_, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	require.True(t, f.Known.Trusted("v"))
}

func TestWhatCouldNotEvenBeMarkedIsNotAcknowledgedAndStillMended(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(10)
	f.likes(t, "v")
	f.fast.Set(world.Fails)
	f.marks.Set(world.Fails)
	like := f.Did("v", audience.Like, world.ItemID(1))
	_, err := f.Events.Record(ctx, []engagement.Event{like})
	require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
	require.Error(t, f.Decisions.Relate(ctx, "v", audience.Follows, "a1"))

	f.fast.Set(world.Works)
	f.marks.Set(world.Works)
	_, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	require.True(t, f.Known.Trusted("v"), "else every page of this viewer would go to the records, for ever")
	require.Equal(t, 1, f.likes(t, "v"), "the event is in the log, though nobody was told")
	require.Equal(t, 1, newFaulty(w).likes(t, "v"), "for the others too")
}

func TestARepairDoesNotForgetAMarkMadeMeanwhile(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(10)
	f.likes(t, "v")
	f.fast.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))
	f.fast.Set(world.Hangs)
	mended := make(chan error)
	asked := f.fast.Calls()
	go func() { _, err := f.Known.Repair(ctx); mended <- err }()
	require.Eventually(t, func() bool { return f.fast.Calls() == asked+1 }, 10*time.Second, time.Millisecond)
	f.fast.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(2))) // missed by the copy too
	f.fast.Release()
	require.NoError(t, <-mended)
	require.Equal(t, 2, f.likes(t, "v"))
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.True(t, f.Known.Trusted("v"))
	require.Empty(t, pending(t, w))
}

func TestAfterARestartOfTheFastStoreThoseTouchedLatelyAreMended(t *testing.T) {
	w := world.New(t)
	w.Clock.Advance(-time.Hour) // so that it ends at the time by which the stores go
	f := newFaulty(w)
	f.Stock(40)
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Zero(t, f.Known.LostSince())
	f.Record(f.Did("long-ago", audience.Like, world.ItemID(1)))
	w.Clock.Advance(time.Hour)
	_, err = f.Known.Repair(ctx)
	require.NoError(t, err, "the same store is still there")

	for _, viewer := range []audience.ViewerID{"acts", "decides", "long-ago"} {
		f.likes(t, viewer) // their copies are filled
	}
	// What these did reached the records; the store died with the last of what it acknowledged.
	_, err = mysqlstore.NewEventLog(w.DB).Append(ctx, []engagement.Event{f.Did("acts", audience.Like, world.ItemID(2))}, w.Clock.Now())
	require.NoError(t, err)
	require.NoError(t, mysqlstore.NewViewers(w.DB).Update(ctx, "decides", func(v *audience.Viewer) error {
		return v.Mute("a1", w.Clock.Now())
	}))
	f.heart.Set(world.Fails)
	_, err = f.Known.Repair(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	w.Clock.Advance(time.Hour)
	f.heart.Set(world.Works)
	f.heart.ID = "two"

	n, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, w.Clock.Now(), f.Known.LostSince().UTC())
	require.Equal(t, 1, f.likes(t, "acts"))
	require.True(t, f.Ladder.Look(ctx, "decides", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1"))
	require.Equal(t, 1, copied(t, w, "long-ago"), "whom nothing happened to keeps the copy")
	n, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Zero(t, n, "noticed once")
}

func TestARestartIsNoticedAgainWhenTheRecordsDidNotAnswer(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(5)
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))
	f.heart.ID = "two"
	f.marks.Set(world.Fails)
	_, err = f.Known.Repair(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	f.marks.Set(world.Works)
	n, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestMoreThanABatchIsMended(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	var notes []audience.Note
	for i := range 1201 {
		notes = append(notes, audience.Note{Viewer: audience.ViewerID(fmt.Sprintf("v%04d", i))})
	}
	f.fast.Set(world.Fails)
	require.NoError(t, f.Known.Note(ctx, notes))
	f.fast.Set(world.Works)
	n, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, len(notes), n)
	require.Empty(t, pending(t, w))
}

// A process may die between the commit and the fast copy. Nothing was acknowledged, and who repeats it changes nothing any more.
func TestADecisionThatIsRepeatedReachesTheCopyThatMissedIt(t *testing.T) {
	committed := func(t *testing.T, w *world.World, change func(v *audience.Viewer) error) {
		require.NoError(t, mysqlstore.NewViewers(w.DB).Update(ctx, "v", change))
	}
	mute := func(w *world.World) func(v *audience.Viewer) error {
		return func(v *audience.Viewer) error { return v.Mute("a1", w.Clock.Now()) }
	}
	mutes := func(f *faulty) bool { return f.Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Has(audience.Mutes, "a1") }
	for name, again := range map[string]func(t *testing.T, f *faulty){
		"by a command": func(t *testing.T, f *faulty) { require.NoError(t, f.Decisions.Relate(ctx, "v", audience.Mutes, "a1")) },
		"by an event": func(t *testing.T, f *faulty) {
			f.Record(engagement.Event{ID: "e", Viewer: "v", Act: audience.MuteAuthor, Author: "a1", At: f.w.Clock.Now()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			f := newFaulty(w)
			require.False(t, mutes(f), "the copy is filled")
			committed(t, w, mute(w))
			again(t, f)
			require.True(t, mutes(f))
		})
	}
	t.Run("when it was taken back", func(t *testing.T) {
		w := world.New(t)
		f := newFaulty(w)
		require.NoError(t, f.Decisions.Relate(ctx, "v", audience.Mutes, "a1"))
		require.True(t, mutes(f))
		committed(t, w, func(v *audience.Viewer) error { v.Drop(audience.Mutes, "a1", w.Clock.Now()); return nil })
		require.ErrorIs(t, f.Decisions.Unrelate(ctx, "v", audience.Mutes, "a1"), steering.ErrNoRelation)
		require.False(t, mutes(f))
	})
}

// The store comes back with a copy from before an outage, is told to empty it, and dies before that is on its disk.
func TestACopyThatWasEmptiedAndCameBackWithItsStoreIsEmptiedAgain(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	require.Zero(t, f.likes(t, "v"), "the copy is filled")
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	f.fast.Set(world.Fails)
	f.heart.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))
	for range 20 { // a long outage
		w.Clock.Advance(30 * time.Second)
		_, err := f.Known.Repair(ctx)
		require.Error(t, err)
	}
	f.fast.Set(world.Works)
	f.heart.Set(world.Works)
	f.heart.ID = "two"
	n, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Positive(t, n)
	w.Clock.Advance(time.Second)
	_, err = f.Known.Repair(ctx)
	require.NoError(t, err)

	f.heart.ID = "three"
	n, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Positive(t, n, "that it was emptied may be lost")

	for range 3 {
		w.Clock.Advance(6 * time.Second)
		_, err = f.Known.Repair(ctx)
		require.NoError(t, err)
	}
	w.Clock.Advance(time.Minute)
	_, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	f.heart.ID = "four"
	n, err = f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Zero(t, n, "it is on the disk by now")
}

func TestAMarkIsNotTakenForOneThatWasDoneBefore(t *testing.T) {
	w := world.New(t)
	one, two := mysqlstore.NewRepairs(w.DB), mysqlstore.NewRepairs(w.DB)
	ids := []audience.ViewerID{"v"}
	require.NoError(t, one.Mark(ctx, ids))
	for _, r := range []*mysqlstore.Repairs{one, two} {
		_, err := r.Pending(ctx, 10)
		require.NoError(t, err)
	}
	require.NoError(t, one.Done(ctx, ids))
	require.NoError(t, one.Mark(ctx, ids), "missed again")
	require.NoError(t, two.Done(ctx, ids))
	require.Equal(t, ids, pending(t, w))
}

// What the store may still lose was recorded before the process began, and nobody else is left to know.
func TestANewProcessDoubtsBackToWhereTheOnesBeforeItWereSure(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	require.Zero(t, f.likes(t, "v"), "the copy is filled")
	_, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	_, err = mysqlstore.NewEventLog(w.DB).Append(ctx, []engagement.Event{f.Did("v", audience.Like, world.ItemID(1))}, w.Clock.Now())
	require.NoError(t, err)
	w.Clock.Advance(10 * time.Minute)

	late := newFaulty(w)
	late.heart.Kept = f.heart.Kept
	n, err := late.Known.Repair(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	late.heart.ID = "two"
	n, err = late.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, 1, late.likes(t, "v"))
}
