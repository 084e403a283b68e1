package audiencetest

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// endsRestore runs between on a viewer after the version was taken and before the restore, with
// nothing held and with something held.
func endsRestore(t *testing.T, r audience.Remembrance, between func(id audience.ViewerID)) {
	id := aViewer()
	v := version(t, r, id)
	between(id)
	require.NoError(t, r.Restore(t.Context(), id, v, full(id)))
	_, held := recall(t, r, id)
	require.False(t, held, "the restore did nothing")

	restore(t, r, id, audience.Knowledge{})
	v = version(t, r, id)
	between(id)
	require.NoError(t, r.Restore(t.Context(), id, v, full(id)))
	k, _ := recall(t, r, id)
	require.NotContains(t, k.Memory.Consumed, full(id).Memory.Consumed[0])
}

func noteEndsRestore(t *testing.T, r audience.Remembrance) {
	like := act("i1", audience.Like, moment())
	endsRestore(t, r, func(id audience.ViewerID) { note(t, r, audience.Note{Viewer: id, Action: &like}) })
}

func decisionEndsRestore(t *testing.T, r audience.Remembrance) {
	endsRestore(t, r, func(id audience.ViewerID) {
		decide(t, r, audience.NewViewer(id, nil, nil), func(v *audience.Viewer) error { return v.Mute("a", moment()) })
	})
}

func forgetEndsRestore(t *testing.T, r audience.Remembrance) {
	endsRestore(t, r, func(id audience.ViewerID) { require.NoError(t, r.Forget(t.Context(), id)) })
}

func madeUpVersion(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	for _, made := range []int64{0, 1, -1, 42} {
		require.NoError(t, r.Restore(t.Context(), id, made, full(id)))
		_, held := recall(t, r, id)
		require.False(t, held)
	}
}

func endedVersion(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	one, two := version(t, r, id), version(t, r, id)
	require.NoError(t, r.Restore(t.Context(), id, one, full(id)))
	like := act("late", audience.Like, moment())
	note(t, r, audience.Note{Viewer: id, Action: &like})
	for _, v := range []int64{one, two} {
		require.NoError(t, r.Restore(t.Context(), id, v, full(id)))
	}
	require.Equal(t, like, recallKnown(t, r, id).Actions[0])
}

// ConcurrentNotes is how many notes race in the clause of that name.
const ConcurrentNotes = 40

// noNoteIsLost keeps a durable record of what was noted, as the service does, and restores from it
// while notes go on.
func noNoteIsLost(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	var mu sync.Mutex
	var durable []audience.Mark
	var all sync.WaitGroup
	all.Go(func() {
		for i := range ConcurrentNotes {
			m := audience.Mark{Item: catalog.Number(i + 1), At: moment()}
			mu.Lock()
			durable = append(durable, m)
			mu.Unlock()
			if err := r.Note(t.Context(), []audience.Note{{Viewer: id, Seen: []audience.Mark{m}}}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		all.Go(func() {
			for range ConcurrentNotes {
				v, err := r.Version(t.Context(), id)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				k := audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil), Memory: audience.Memory{Seen: slices.Clone(durable)}}
				mu.Unlock()
				if err := r.Restore(t.Context(), id, v, k); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	k, held := recall(t, r, id)
	if !held {
		return // every restore met a note; nothing is held, so nothing is wrong
	}
	seen := map[catalog.Number]bool{}
	for _, m := range k.Memory.Seen {
		seen[m.Item] = true
	}
	require.Len(t, seen, ConcurrentNotes)
}
