package serving_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

// faulty is a process whose stores can be broken one by one.
type faulty struct {
	*world.Process
	open, commit, fast, past, archive world.Breaker
}

func newFaulty(w *world.World, change ...func(*world.Parts)) *faulty {
	f := &faulty{}
	f.Process = w.Process(append([]func(*world.Parts){func(p *world.Parts) {
		p.Shared = world.Sessions{SessionRepository: p.Shared, Opening: &f.open, Committing: &f.commit}
		p.Fast = world.Remembrance{Remembrance: p.Fast, Breaker: &f.fast}
		p.Past = world.Recollection{Recollection: p.Past, Breaker: &f.past}
		p.Archive = world.Archive{PageArchive: p.Archive, Breaker: &f.archive}
	}}, change...)...)
	return f
}

// redis breaks, or mends, all that the fast store does.
func (f *faulty) redis(s world.State) { f.open.Set(s); f.commit.Set(s); f.fast.Set(s) }

// durable breaks, or mends, what pages need of the durable store.
func (f *faulty) durable(s world.State) { f.past.Set(s); f.archive.Set(s) }

func TestEveryAnswerNamesItsRung(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken func(*faulty)
		want   feed.Rung
	}{
		{"everything answers", func(*faulty) {}, feed.Full},
		{"the archive does not keep", func(f *faulty) { f.archive.Set(world.Fails) }, feed.NoArchive},
		{"the commit fails", func(f *faulty) { f.commit.Set(world.Fails) }, feed.CursorOnly},
		{"the commit is done and its answer lost", func(f *faulty) { f.commit.Set(world.Deceives) }, feed.CursorOnly},
		{"Redis fails", func(f *faulty) { f.redis(world.Fails) }, feed.CursorOnly},
		{"nothing answers", func(f *faulty) { f.redis(world.Fails); f.durable(world.Fails) }, feed.Popular},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(t)
			f := newFaulty(w, func(p *world.Parts) { p.Through = true })
			f.Stock(100)
			before := f.Page("v", "")
			require.Equal(t, feed.Full, before.Rung)
			c.broken(f)
			given := map[catalog.ItemID]int{}
			noRepeats(t, given, before)
			a := f.Page("v", before.Cursor)
			require.Equal(t, c.want, a.Rung)
			require.Len(t, a.Items, 10)
			noRepeats(t, given, a)
			again := f.Page("v", before.Cursor)
			require.Equal(t, world.IDs(a), world.IDs(again), "a bookmark, on every rung")

			f.redis(world.Works)
			f.durable(world.Works)
			w.Clock.Advance(time.Minute)
			require.Equal(t, world.IDs(a), world.IDs(f.Page("v", before.Cursor)), "and after the recovery")
			next := f.Page("v", a.Cursor)
			require.Equal(t, feed.Full, next.Rung)
			noRepeats(t, given, next)
		})
	}
}

func TestAViewerIsKnownOnTheLowerRung(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(100)
	require.NoError(t, f.Decisions.Relate(ctx, "v", audience.Mutes, "a1"))
	f.redis(world.Fails)
	a := f.Page("v", "")
	require.Equal(t, feed.CursorOnly, a.Rung)
	for _, it := range a.Items {
		require.NotEqual(t, catalog.AuthorID("a1"), it.Author)
	}
}

func TestNothingRepeatsThroughAnOutage(t *testing.T) {
	for _, how := range []world.State{world.Fails, world.Deceives} {
		t.Run(fmt.Sprint(how), func(t *testing.T) {
			w := world.New(t)
			f := newFaulty(w)
			f.Stock(300)
			given := map[catalog.ItemID]int{}
			var chain []serving.Answer
			cursor := ""
			for n := range 12 {
				switch n {
				case 3:
					f.redis(how)
				case 7:
					f.redis(world.Works)
					w.Clock.Advance(time.Minute)
				}
				a := f.Page("v", cursor)
				if n >= 3 && n < 7 {
					require.Equal(t, feed.CursorOnly, a.Rung)
				} else {
					require.Equal(t, feed.Full, a.Rung)
				}
				require.Len(t, a.Items, 10)
				noRepeats(t, given, a)
				chain = append(chain, a)
				cursor = a.Cursor
			}
			_, err := f.Archivist.Drain(ctx)
			require.NoError(t, err)
			for n := 1; n < len(chain); n++ {
				require.Equal(t, world.IDs(chain[n]), world.IDs(f.Page("v", chain[n-1].Cursor)), "page %d", n+1)
			}
			visit, pages, err := w.Archived(chain[0].Visit.ID)
			require.NoError(t, err)
			require.Equal(t, audience.ViewerID("v"), visit.Viewer)
			require.Len(t, pages, len(chain), "pages of the outage are archived too")
		})
	}
}

func TestAnotherProcessGoesOnWithPagesOfAnOutage(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), w.Process()
	f.Stock(200)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	given := map[catalog.ItemID]int{}
	a := f.Page("v", "")
	noRepeats(t, given, a)
	f.redis(world.Fails)
	for range 3 {
		a = f.Page("v", a.Cursor)
		noRepeats(t, given, a)
	}
	for range 3 { // the first process is gone, with what it held
		a = other.Page("v", a.Cursor)
		noRepeats(t, given, a)
	}
}

func TestAPageOfAnOutageStandsAtEveryProcessThatNoticedIt(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), newFaulty(w)
	f.Stock(200)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	first := f.Page("v", "")
	w.Clock.Advance(time.Second)
	f.redis(world.Fails)
	other.redis(world.Fails)
	require.Equal(t, feed.CursorOnly, other.Page("somebody else", "").Rung)
	page := f.Page("v", first.Cursor)
	_, err = f.Archivist.Drain(ctx)
	require.NoError(t, err)

	w.Clock.Advance(time.Minute)
	other.redis(world.Works)
	other.Record(other.Did("v", audience.Like, world.ItemID(151)), other.Did("v", audience.Like, world.ItemID(153)))
	require.Equal(t, world.IDs(page), world.IDs(other.Page("v", first.Cursor)))
}

func TestAChainOfCursorsDoesNotRepeatWhenTwoProcessesServedOnePage(t *testing.T) {
	w := world.New(t)
	f, other := newFaulty(w), w.Process()
	f.Stock(200)
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	first := f.Page("v", "")
	other.Record(other.Did("v", audience.Like, world.ItemID(151)), other.Did("v", audience.Like, world.ItemID(153)))
	f.redis(world.Fails)
	f.durable(world.Fails)
	here, there := f.Page("v", first.Cursor), other.Page("v", first.Cursor)
	require.NotEqual(t, world.IDs(here), world.IDs(there), "cut off from everything, it could not know")

	given := map[catalog.ItemID]int{}
	for _, a := range []serving.Answer{first, here} {
		noRepeats(t, given, a)
	}
	cursor := here.Cursor
	for range 4 {
		a := other.Page("v", cursor)
		noRepeats(t, given, a)
		require.Equal(t, world.IDs(a), world.IDs(other.Page("v", cursor)))
		cursor = a.Cursor
	}
}

func TestAStoreThatHangsCostsItsPatienceOnce(t *testing.T) {
	const patience = 150 * time.Millisecond
	w := world.New(t)
	f := newFaulty(w, func(p *world.Parts) { p.Patience, p.Pause = patience, time.Minute })
	f.Stock(100)
	// A busy machine may lose a patience this short even while all works: the rung before does not matter.
	before := f.Page("v", "")
	w.Clock.Advance(time.Hour)
	f.redis(world.Hangs)

	began, asked := time.Now(), f.open.Calls()
	a := f.Page("v", before.Cursor)
	require.NotEqual(t, feed.Full, a.Rung)
	require.Less(t, time.Since(began), 20*patience)
	require.Equal(t, asked+1, f.open.Calls())
	for range 5 {
		a = f.Page("v", a.Cursor)
	}
	require.Equal(t, asked+1, f.open.Calls(), "a store that failed is left alone for a while")

	w.Clock.Advance(time.Minute)
	f.Page("v", a.Cursor)
	require.Equal(t, asked+2, f.open.Calls(), "and then asked again")
}

func TestAPageComesWhenEverythingHangs(t *testing.T) {
	const patience = 50 * time.Millisecond
	w := world.New(t)
	f := newFaulty(w, func(p *world.Parts) { p.Patience, p.Pause = patience, time.Minute })
	f.Stock(100)
	cursor := f.Page("v", "").Cursor
	w.Clock.Advance(time.Hour)
	f.redis(world.Hangs)
	f.durable(world.Hangs)
	began := time.Now()
	a := f.Page("v", cursor)
	require.Equal(t, feed.Popular, a.Rung)
	require.Len(t, a.Items, 10)
	require.Less(t, time.Since(began), 40*patience)
}

func TestACommitOutlivesTheRequest(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(60)
	first := f.Page("v", "")
	gone, cancel := context.WithCancel(ctx)
	f.commit.Set(world.Hangs)
	done := make(chan serving.Answer, 1)
	go func() {
		a, _ := f.Pages.Serve(gone, serving.Request{Feed: "for-you", Viewer: "v", Size: 10, Cursor: first.Cursor})
		done <- a
	}()
	require.Eventually(t, func() bool { return f.commit.Calls() == 2 }, 10*time.Second, time.Millisecond)
	cancel()
	select {
	case <-done:
		require.Fail(t, "the commit was given up because the client went away")
	case <-time.After(50 * time.Millisecond):
	}
	f.commit.Release()
	a := <-done
	require.Equal(t, world.IDs(a), world.IDs(f.Page("v", first.Cursor)))
}

// The store flaps while clients ask for each cursor several times at once and go on from whichever
// answer they like.
func TestNothingRepeatsWhileTheStoreFlaps(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 1))
			w := world.New(t)
			f := newFaulty(w, func(p *world.Parts) { p.Pause = 20 * time.Millisecond })
			f.Stock(300)
			given := map[catalog.ItemID]int{}
			a := f.Page("v", "")
			noRepeats(t, given, a)
			for range 12 {
				stop := flap(w, rand.New(rand.NewPCG(dice.Uint64(), 2)), &f.open, &f.commit, &f.fast, &f.past)
				answers := together(t, 8, func(int) (serving.Answer, error) { return f.Ask("v", a.Cursor) })
				stop()
				a = answers[dice.IntN(len(answers))]
				require.Len(t, a.Items, 10)
				noRepeats(t, given, a)
				f.Record(f.Did("v", audience.Like, a.Items[2].Item))
			}
		})
	}
}

// flap breaks and mends parts at random until it is stopped.
func flap(w *world.World, dice *rand.Rand, parts ...*world.Breaker) (stop func()) {
	ended, stopped := make(chan struct{}), make(chan struct{})
	states := []world.State{world.Works, world.Fails, world.Deceives}
	go func() {
		defer close(stopped)
		tick := time.NewTicker(100 * time.Microsecond)
		defer tick.Stop()
		for {
			parts[dice.IntN(len(parts))].Set(states[dice.IntN(len(states))])
			w.Clock.Advance(time.Millisecond)
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(ended); <-stopped }
}

func TestABookmarkIsAnsweredWhileItsPageCannotBeReached(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken func(*faulty)
	}{
		{"Redis is away and the archive has nothing yet", func(f *faulty) { f.redis(world.Fails) }},
		{"both are away", func(f *faulty) { f.redis(world.Fails); f.durable(world.Fails) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(t)
			f := newFaulty(w)
			f.Stock(200)
			given := map[catalog.ItemID]int{}
			var chain []serving.Answer
			for cursor := ""; len(chain) < 3; cursor = chain[len(chain)-1].Cursor {
				chain = append(chain, f.Page("v", cursor))
				noRepeats(t, given, chain[len(chain)-1])
			}
			c.broken(f)
			alone := f.Page("v", chain[2].Cursor)
			require.NotEqual(t, feed.Full, alone.Rung)
			noRepeats(t, given, alone)

			meanwhile := f.Page("v", chain[0].Cursor)
			require.NotEqual(t, feed.Full, meanwhile.Rung)
			require.Len(t, meanwhile.Items, 10)
			seen := map[catalog.ItemID]int{}
			for _, a := range []serving.Answer{chain[0], alone, meanwhile} {
				noRepeats(t, seen, a)
			}
			require.Equal(t, world.IDs(alone), world.IDs(f.Page("v", chain[2].Cursor)), "it took nobody's place")

			f.redis(world.Works)
			f.durable(world.Works)
			w.Clock.Advance(time.Minute)
			require.Equal(t, world.IDs(chain[1]), world.IDs(f.Page("v", chain[0].Cursor)), "the page that was served is the cursor's")
			onward := f.Page("v", meanwhile.Cursor)
			require.Equal(t, world.IDs(chain[2]), world.IDs(onward))
		})
	}
}
