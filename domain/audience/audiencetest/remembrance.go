package audiencetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
)

// Remembrance is the contract of audience.Remembrance. open gives a store that may hold what others
// put there.
func Remembrance(t *testing.T, open func(t *testing.T) audience.Remembrance) {
	for name, clause := range map[string]func(*testing.T, audience.Remembrance){
		"nothing held is not known, and empty":                      nothingHeld,
		"what was restored is recalled":                             restoredIsRecalled,
		"nothing restored is known, and empty":                      emptyIsKnown,
		"a restore replaces what was held":                          restoreReplaces,
		"a note is recalled as soon as it returned":                 noteIsRecalled,
		"a decision is recalled as soon as it returned":             decisionIsRecalled,
		"decisions apply in order":                                  decisionsInOrder,
		"where nothing is held, notes and decisions are not known":  notesOfUnknown,
		"a note that came while records were read ends the restore": noteEndsRestore,
		"a decision does, too":                                      decisionEndsRestore,
		"forgetting does, too":                                      forgetEndsRestore,
		"a restore with a made-up version does nothing":             madeUpVersion,
		"a version that a note ended never restores":                endedVersion,
		"no note is lost between racing notes and restores":         noNoteIsLost,
		"a note repeated changes nothing":                           noteRepeats,
		"plays of one item in one session are one action":           playsCoalesce,
		"a late play does not take watched time back":               latePlay,
		"plays of other sessions and other acts stand alone":        otherPlays,
		"actions come newest first, the oldest forgotten":           actionsCapped,
		"marks come oldest first, the oldest forgotten":             marksCapped,
		"marks are at whole seconds":                                wholeMarks,
		"forgotten is not known, but what was served":               forgotten,
		"viewers share nothing":                                     viewersApart,
		"many viewers are noted at once":                            manyViewers,
		"what is too old is forgotten":                              tooOld,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func nothingHeld(t *testing.T, r audience.Remembrance) {
	k, held := recall(t, r, aViewer())
	require.False(t, held)
	require.Empty(t, k.Actions)
	require.Empty(t, k.Memory)
}

func restoredIsRecalled(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	restore(t, r, id, full(id))
	requireKnowledge(t, full(id), recallKnown(t, r, id))
}

func emptyIsKnown(t *testing.T, r audience.Remembrance) {
	k := recallKnown(t, r, known(t, r))
	require.Empty(t, k.Actions)
	require.Empty(t, k.Memory)
}

func restoreReplaces(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	restore(t, r, id, full(id))
	restore(t, r, id, audience.Knowledge{})
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, recallKnown(t, r, id))
}

func wholeMarks(t *testing.T, r audience.Remembrance) {
	id, at := aViewer(), moment()
	late := []audience.Mark{{Item: 1, At: at.Add(999 * time.Millisecond)}}
	restore(t, r, id, audience.Knowledge{Memory: audience.Memory{Served: late, Seen: late}})
	note(t, r, audience.Note{Viewer: id, Consumed: late})
	whole := []audience.Mark{{Item: 1, At: at}}
	require.Equal(t, audience.Memory{Served: whole, Seen: whole, Consumed: whole}, recallKnown(t, r, id).Memory)
}

func forgotten(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	require.NoError(t, r.Forget(t.Context(), id))
	restore(t, r, id, full(id))
	require.NoError(t, r.Forget(t.Context(), id))
	k, held := recall(t, r, id)
	require.False(t, held)
	require.Empty(t, k.Memory)
	restore(t, r, id, audience.Knowledge{})
	served := audience.Memory{Served: full(id).Memory.Served}
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil), Memory: served}, recallKnown(t, r, id))
}

func viewersApart(t *testing.T, r audience.Remembrance) {
	one, two := aViewer(), known(t, r)
	restore(t, r, one, full(one))
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(two, nil, nil)}, recallKnown(t, r, two))
	require.NoError(t, r.Forget(t.Context(), two))
	requireKnowledge(t, full(one), recallKnown(t, r, one))
}
