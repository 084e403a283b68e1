package rebuilding_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

// meddled lets a test in between the steps.
type meddled struct {
	rebuilding.Copies
	beforeVersions, beforeRestore, beforeReopen func() error
}

func (m *meddled) Versions(ctx context.Context, ids []audience.ViewerID) ([]int64, error) {
	if m.beforeVersions != nil {
		if err := m.beforeVersions(); err != nil {
			return nil, err
		}
	}
	return m.Copies.Versions(ctx, ids)
}

func (m *meddled) Restore(ctx context.Context, copies []rebuilding.Copy) ([]bool, error) {
	if m.beforeRestore != nil {
		if err := m.beforeRestore(); err != nil {
			return nil, err
		}
	}
	return m.Copies.Restore(ctx, copies)
}

func (m *meddled) Reopen(ctx context.Context, sessions []rebuilding.Opening) (int, error) {
	if m.beforeReopen != nil {
		if err := m.beforeReopen(); err != nil {
			return 0, err
		}
	}
	return m.Copies.Reopen(ctx, sessions)
}

// crowd is a town in which so many viewers liked something before Redis was lost.
func crowd(t *testing.T, viewers int) *town {
	n := newTown(t)
	n.Stock(40)
	for i := range viewers {
		n.Record(n.Did(audience.ViewerID(fmt.Sprintf("v%04d", i)), audience.Like, world.ItemID(1)))
	}
	n.WipeRedis()
	return n
}

func TestARebuildThatWasKilledGoesOnWhenItIsRunAgain(t *testing.T) {
	n := crowd(t, 700)
	dead := errors.New("killed")
	var batches atomic.Int32
	m := &meddled{Copies: n.copies, beforeRestore: func() error {
		if batches.Add(1) > 4 {
			return dead
		}
		return nil
	}}
	n.copies = m
	p, err := n.try(ctx)
	require.ErrorIs(t, err, dead)
	require.Less(t, p.Looked, 700)

	m.beforeRestore = nil
	again := n.rebuild(t)
	require.Equal(t, 700, again.Looked)
	require.Equal(t, 4*64, again.Held, "what was done is not done again")
	require.Equal(t, 700-4*64, again.Restored)
	require.Equal(t, rebuilding.Progress{Looked: 700, Held: 700}, n.rebuild(t))
}

func TestAnInterruptedRebuildEnds(t *testing.T) {
	n := crowd(t, 200)
	ctx, cancel := context.WithCancel(ctx)
	n.copies = &meddled{Copies: n.copies, beforeRestore: func() error { cancel(); return nil }}
	_, err := n.try(ctx)
	require.Error(t, err)
}

func TestARebuildWaitsForAStoreThatDoesNotAnswer(t *testing.T) {
	n := crowd(t, 100)
	var failed atomic.Int32
	n.copies = &meddled{Copies: n.copies, beforeRestore: func() error {
		if failed.Add(1) <= 2 {
			return world.ErrBroken
		}
		return nil
	}}
	p := n.rebuild(t)
	require.Equal(t, 100, p.Restored+p.Held)
	require.Equal(t, rebuilding.Progress{Looked: 100, Held: 100}, n.rebuild(t))
}

func TestWhatIsRecordedBetweenReadingAndRestoringIsKept(t *testing.T) {
	n := crowd(t, 1)
	once := true
	n.copies = &meddled{Copies: n.copies, beforeRestore: func() error {
		if once {
			once = false
			n.Record(n.Did("v0000", audience.Like, world.ItemID(2)))
		}
		return nil
	}}
	p := n.rebuild(t)
	require.Equal(t, rebuilding.Progress{Looked: 1, Restored: 1}, p)
	require.Len(t, n.held(t, "v0000").Actions, 2)
}

func TestAViewerWhoIsAlwaysBusyIsLeftToTheNextPage(t *testing.T) {
	n := crowd(t, 1)
	items := 1
	n.copies = &meddled{Copies: n.copies, beforeRestore: func() error {
		items++
		n.Record(n.Did("v0000", audience.Like, world.ItemID(items)))
		return nil
	}}
	require.Equal(t, rebuilding.Progress{Looked: 1, Left: 1}, n.rebuild(t))
	require.Nil(t, n.held(t, "v0000"))
}

func TestACopyThatAnInstanceFilledFirstIsLeftAsItIs(t *testing.T) {
	n := crowd(t, 2)
	n.Page("v0000", "") // not archived: only the copy knows what was served
	before := n.held(t, "v0000")
	require.Len(t, before.Memory.Served, 10)
	require.Equal(t, rebuilding.Progress{Looked: 2, Held: 1, Restored: 1}, n.rebuild(t))
	require.Equal(t, before, n.held(t, "v0000"))
}

func TestAPageServedDuringARebuildStaysServed(t *testing.T) {
	for name, when := range map[string]func(m *meddled, serve func() error){
		"after it was seen that no copy is held": func(m *meddled, serve func() error) { m.beforeVersions = serve },
		"after the records were read":            func(m *meddled, serve func() error) { m.beforeRestore = serve },
	} {
		t.Run(name, func(t *testing.T) {
			n := crowd(t, 1)
			m, served := &meddled{Copies: n.copies}, 0
			n.copies = m
			when(m, func() error {
				if served == 0 { // the page fills the copy, and no archive has it yet
					served = len(n.Page("v0000", "").Items)
				}
				return nil
			})
			n.rebuild(t)
			require.Equal(t, 10, served)
			require.Len(t, n.held(t, "v0000").Memory.Served, 10)
		})
	}
}

func TestAViewerWhoIsErasedMeanwhileIsNotBroughtBack(t *testing.T) {
	for name, when := range map[string]func(m *meddled, erase func() error){
		"before the copy is restored":    func(m *meddled, erase func() error) { m.beforeRestore = erase },
		"before the session is reopened": func(m *meddled, erase func() error) { m.beforeReopen = erase },
	} {
		t.Run(name, func(t *testing.T) {
			n := newTown(t)
			n.Stock(40)
			n.Record(n.Did("erased-one", audience.Like, world.ItemID(1)))
			n.Page("erased-one", "")
			n.archived(t)
			n.WipeRedis()
			m := &meddled{Copies: n.copies}
			n.copies = m
			erased := false
			when(m, func() error {
				if erased {
					return nil
				}
				erased = true
				_, err := n.Viewers.Erase(ctx, "erased-one")
				return err
			})
			n.rebuild(t)
			require.True(t, erased)
			k := n.held(t, "erased-one")
			require.True(t, k == nil || len(k.Actions)+len(k.Memory.Served)+len(k.Memory.Seen) == 0)
			for _, key := range n.Traces("erased-one") {
				require.NotContains(t, key, "session")
			}
		})
	}
}

func TestASessionThatWentOnMeanwhileIsLeftAsItIs(t *testing.T) {
	n := newTown(t)
	n.Stock(60)
	first := n.Page("v", "")
	n.archived(t)
	n.WipeRedis()
	second := n.Page("v", first.Cursor) // from the archive and the cursor
	require.Zero(t, n.rebuild(t).Sessions)
	require.Equal(t, world.IDs(second), world.IDs(n.Page("v", first.Cursor)))
	require.Len(t, n.Page("v", second.Cursor).Items, 10)
}

func TestOnlyLiveSessionsAreReopened(t *testing.T) {
	n := newTown(t)
	n.Stock(60)
	n.Page("v", "")
	n.Clock.Advance(feed.DefaultLife)
	n.Page("v", "")
	n.archived(t)
	n.WipeRedis()
	require.Equal(t, 1, n.rebuild(t).Sessions)
	n.WipeRedis()
	n.Clock.Advance(feed.DefaultLife)
	require.Zero(t, n.rebuild(t).Sessions)
}

func TestADryRunWritesNothing(t *testing.T) {
	n := crowd(t, 3)
	dry := func(o *rebuilding.Options) { o.DryRun = true }
	require.Equal(t, rebuilding.Progress{Looked: 3, Restored: 3}, n.rebuild(t, dry))
	require.Equal(t, rebuilding.Progress{Looked: 3, Restored: 3}, n.rebuild(t, dry))
	require.Nil(t, n.held(t, "v0000"))
	require.Empty(t, n.Traces("v0000")[traces(n.Traces("v0000")):], "no key")
}

// traces counts those in SQL, which come first.
func traces(places []string) (n int) {
	for _, p := range places {
		if len(p) > 7 && p[:7] != "string " {
			n++
		}
	}
	return n
}

func TestOnlyViewersActiveSinceThenAreRestored(t *testing.T) {
	n := crowd(t, 3)
	since := func(at time.Time) func(*rebuilding.Options) {
		return func(o *rebuilding.Options) { o.Since = at }
	}
	require.Equal(t, rebuilding.Progress{}, n.rebuild(t, since(n.Clock.Now().Add(time.Minute))))
	require.Equal(t, rebuilding.Progress{Looked: 3, Restored: 3}, n.rebuild(t, since(n.Clock.Now().Add(-time.Minute))))
}

func TestARateIsKept(t *testing.T) {
	n := crowd(t, 60)
	began := time.Now()
	n.clock = time.Now
	n.rebuild(t, func(o *rebuilding.Options) { o.Rate = 100 })
	require.GreaterOrEqual(t, time.Since(began), 350*time.Millisecond, "60 viewers at 100 a second, the first 25 at once")
}
