package learning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
)

// An instance that was down while viewers were erased goes on from its snapshot, and forgets them before it serves.
func TestASnapshotDoesNotBringBackWhoWasErasedMeanwhile(t *testing.T) {
	log := &shelfLog{events: stream(1, 300, 10, 20)}
	for _, c := range []struct {
		name    string
		notices notices
		remains int
		ignored error
	}{
		{"nobody was", notices{of: []audience.ViewerID{"before"}}, 10, nil},
		{"two were", notices{of: []audience.ViewerID{"before", "v1", "v2"}}, 8, nil},
		{"two were, and what was posted before is gone", notices{of: []audience.ViewerID{"before", "v1", "v2"}, gone: 1}, 8, nil},
		{"so long ago that it cannot tell", notices{of: []audience.ViewerID{"before", "v1", "v2"}, gone: 2}, 0, learning.ErrSnapshotStale},
		{"the database is another", notices{}, 0, learning.ErrSnapshotStale},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d drawer
			one, heard := newSchool(t, 20, learning.StudentOptions{}), erasing.NewHeard(&notices{of: []audience.ViewerID{"before"}})
			require.NoError(t, heard.Begin(ctx))
			one.student.Learn(log.events)
			clock := func() time.Time { return dawn }
			_, err := learning.NewNotebook(one.room, one.model, &d, log, heard, clock, nil).Save(ctx)
			require.NoError(t, err)

			two := newSchool(t, 20, learning.StudentOptions{})
			heard = erasing.NewHeard(&c.notices)
			var ignored error
			notebook := learning.NewNotebook(two.room, two.model, &d, log, heard, clock, func(err error) { ignored = err })
			require.NoError(t, notebook.Restore(ctx))
			require.ErrorIs(t, ignored, c.ignored)
			n, err := erasing.NewForgetting(heard, []erasing.Store{notebook}, clock).Follow(ctx)
			require.NoError(t, err)
			if c.ignored != nil {
				require.Zero(t, n, "it remembers nobody")
			}
			require.Equal(t, c.remains, two.student.Stats().Viewers)
			require.Equal(t, c.remains, two.model.Stats().Viewers)
			require.Equal(t, c.remains == 8, d.held == nil)
		})
	}
}
