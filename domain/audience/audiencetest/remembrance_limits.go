package audiencetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func actionsCapped(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	const count = 2*audience.MaxActions + 7
	var notes []audience.Note
	for i := range count {
		like := act(fmt.Sprintf("i%d", i), audience.Like, at.Add(time.Duration(i)*time.Millisecond))
		notes = append(notes, audience.Note{Viewer: id, Action: &like})
	}
	for some := range slices.Chunk(notes, 50) {
		note(t, r, some...)
	}
	actions := recallKnown(t, r, id).Actions
	require.Len(t, actions, audience.MaxActions)
	for i, a := range actions {
		require.Equal(t, *notes[count-1-i].Action, a)
	}
}

func marksCapped(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment().Add(-time.Hour)
	const count = 2*audience.MaxSeen + 7
	var marks []audience.Mark
	for i := range count {
		marks = append(marks, audience.Mark{Item: catalog.Number(i + 1), At: at.Add(time.Duration(i/10) * time.Second)})
	}
	for some := range slices.Chunk(marks, 400) {
		note(t, r, audience.Note{Viewer: id, Seen: some, Consumed: some})
	}
	m := recallKnown(t, r, id).Memory
	require.Equal(t, marks[count-audience.MaxSeen:], m.Seen)
	require.Equal(t, marks[count-audience.MaxConsumed:], m.Consumed)

	restore(t, r, id, audience.Knowledge{Memory: audience.Memory{Served: marks, Seen: marks, Consumed: marks}})
	m = recallKnown(t, r, id).Memory
	require.Equal(t, marks[count-audience.MaxServed:], m.Served)
	require.Equal(t, marks[count-audience.MaxSeen:], m.Seen)

	late := audience.Mark{Item: 1 << 40, At: at}
	note(t, r, audience.Note{Viewer: id, Consumed: []audience.Mark{late}})
	got := recallKnown(t, r, id).Memory.Consumed
	require.True(t, slices.IsSortedFunc(got, func(a, b audience.Mark) int { return a.At.Compare(b.At) }), "what comes late takes its place")
}

func tooOld(t *testing.T, r audience.Remembrance) {
	id, ancient := known(t, r), moment().AddDate(-3, 0, 0)
	m := audience.Mark{Item: 1, At: ancient}
	note(t, r, audience.Note{Viewer: id, Seen: []audience.Mark{m}, Consumed: []audience.Mark{m}})
	require.Empty(t, recallKnown(t, r, id).Memory)
	restore(t, r, id, audience.Knowledge{Memory: audience.Memory{Served: []audience.Mark{m}, Seen: []audience.Mark{m}, Consumed: []audience.Mark{m}}})
	require.Empty(t, recallKnown(t, r, id).Memory)
}
