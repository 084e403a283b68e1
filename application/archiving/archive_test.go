package archiving_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

func TestServedPagesReachTheArchive(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(60)
	first := p.Page("v", "")
	second := p.Page("v", first.Cursor)
	p.Page("v", first.Cursor) // asked for again, it is not served again
	other := p.Page("w", "")
	n, err := p.Archivist.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	visit, pages, err := w.Archived(first.Visit.ID)
	require.NoError(t, err)
	require.Equal(t, first.Visit, visit)
	require.Equal(t, []feed.Page{first.Page, second.Page}, pages)
	_, pages, err = w.Archived(other.Visit.ID)
	require.NoError(t, err)
	require.Equal(t, []feed.Page{other.Page}, pages)
	n, err = p.Archivist.Drain(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestMoreThanABatchIsDrainedAtOnce(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(5)
	for range 450 {
		p.Page("v", "")
	}
	n, err := p.Archivist.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 450, n)
}

func TestWhatCouldNotBeKeptComesAgain(t *testing.T) {
	for name, how := range map[string]world.State{"not kept": world.Fails, "kept, and the answer lost": world.Deceives} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			var archive, commit world.Breaker
			p := w.Process(func(parts *world.Parts) {
				parts.Archive = world.Archive{PageArchive: parts.Archive, Breaker: &archive}
				parts.Shared = world.Sessions{SessionRepository: parts.Shared, Opening: &world.Breaker{}, Committing: &commit}
			})
			p.Stock(60)
			shared := p.Page("v", "")
			commit.Set(world.Fails)
			local := p.Page("v", shared.Cursor) // waits in this process
			archive.Set(how)
			for range 2 {
				_, err := p.Archivist.Drain(ctx)
				require.ErrorIs(t, err, world.ErrBroken)
			}
			archive.Set(world.Works)
			n, err := p.Archivist.Drain(ctx)
			require.NoError(t, err)
			require.Equal(t, 2, n)
			_, pages, err := w.Archived(shared.Visit.ID)
			require.NoError(t, err)
			local.Page.Rung = local.Rung // as it was answered
			require.Equal(t, []feed.Page{shared.Page, local.Page}, pages)
		})
	}
}

func TestInstancesArchiveSideBySide(t *testing.T) {
	w := world.New(t)
	fleet := []*world.Process{w.Process(), w.Process(), w.Process()}
	fleet[0].Stock(60)
	var sessions []feed.SessionID
	for range 60 {
		sessions = append(sessions, fleet[0].Page("v", "").Visit.ID)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(fleet))
	for i, p := range fleet {
		wg.Go(func() { _, errs[i] = p.Archivist.Drain(ctx) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, id := range sessions {
		_, pages, err := w.Archived(id)
		require.NoError(t, err)
		require.Len(t, pages, 1)
	}
}
