package audiencetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
)

func noteIsRecalled(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	like := act("i1", audience.Like, at)
	note(t, r, audience.Note{Viewer: id, Action: &like, Seen: []audience.Mark{{Item: 1, At: at}}, Consumed: []audience.Mark{{Item: 1, At: at}}})
	note(t, r, audience.Note{Viewer: id, Seen: []audience.Mark{{Item: 2, At: at}}})
	k := recallKnown(t, r, id)
	require.Equal(t, []audience.Action{like}, k.Actions)
	require.Equal(t, []audience.Mark{{Item: 1, At: at}, {Item: 2, At: at}}, k.Memory.Seen)
	require.Equal(t, []audience.Mark{{Item: 1, At: at}}, k.Memory.Consumed)
	require.Empty(t, k.Memory.Served)
}

func decisionIsRecalled(t *testing.T, r audience.Remembrance) {
	id, at := aViewer(), moment()
	restore(t, r, id, full(id))
	v := full(id).Viewer
	tag := audience.Target{Kind: audience.OnTag, ID: "t"}
	for _, command := range []func(*audience.Viewer) error{
		func(v *audience.Viewer) error { return v.Block("a:1", at) },
		func(v *audience.Viewer) error { return v.Follow("3", at) },
		func(v *audience.Viewer) error { v.Drop(audience.Mutes, "a2", at); return nil },
		func(v *audience.Viewer) error { return v.Steer(tag, audience.More, at) },
		func(v *audience.Viewer) error { return v.Steer(tag, audience.Less, at.Add(time.Second)) },
		func(v *audience.Viewer) error { return v.Undo(audience.Target{Kind: audience.OnItem, ID: "i1"}) },
	} {
		decide(t, r, v, command)
		want := full(id)
		want.Viewer = v
		requireKnowledge(t, want, recallKnown(t, r, id))
	}
}

func decisionsInOrder(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	v := audience.NewViewer(id, nil, nil)
	tag := audience.Target{Kind: audience.OnTag, ID: "t"}
	decide(t, r, v,
		func(v *audience.Viewer) error { return v.Follow("a", at) },
		func(v *audience.Viewer) error { return v.Block("a", at) },
		func(v *audience.Viewer) error { return v.Steer(tag, audience.More, at) },
		func(v *audience.Viewer) error { return v.Undo(tag) },
		func(v *audience.Viewer) error { return v.Steer(tag, audience.Less, at) },
	)
	requireKnowledge(t, audience.Knowledge{Viewer: v}, recallKnown(t, r, id))
}

func notesOfUnknown(t *testing.T, r audience.Remembrance) {
	id, at := aViewer(), moment()
	like := act("i1", audience.Like, at)
	note(t, r, audience.Note{Viewer: id, Action: &like, Seen: []audience.Mark{{Item: 1, At: at}}, Consumed: []audience.Mark{{Item: 1, At: at}}})
	decide(t, r, audience.NewViewer(id, nil, nil), func(v *audience.Viewer) error { return v.Follow("a", at) })
	_, held := recall(t, r, id)
	require.False(t, held)
	restore(t, r, id, audience.Knowledge{})
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, recallKnown(t, r, id))
}

func noteRepeats(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	like := act("i1", audience.Like, at)
	play := act("i2", audience.PlayProgress, at)
	play.Watched = time.Second
	n := []audience.Note{
		{Viewer: id, Action: &like, Seen: []audience.Mark{{Item: 1, At: at}}, Consumed: []audience.Mark{{Item: 1, At: at}}},
		{Viewer: id, Action: &play, Seen: []audience.Mark{{Item: 2, At: at}}},
	}
	note(t, r, n...)
	want := recallKnown(t, r, id)
	for range 3 {
		note(t, r, n...)
		note(t, r, append(n, n...)...)
	}
	requireKnowledge(t, want, recallKnown(t, r, id))
	require.Len(t, want.Actions, 2)
	require.Len(t, want.Memory.Seen, 2)
}

func manyViewers(t *testing.T, r audience.Remembrance) {
	at := moment()
	var ids []audience.ViewerID
	var notes []audience.Note
	for i := range 300 {
		id := aViewer()
		if i%2 == 0 {
			id = known(t, r)
		}
		ids = append(ids, id)
		for j := range 2 {
			a := act(fmt.Sprintf("i%d.%d", i, j), audience.Like, at)
			notes = append(notes, audience.Note{Viewer: id, Action: &a})
		}
	}
	note(t, r, notes...)
	for i, id := range ids {
		k, held := recall(t, r, id)
		require.Equal(t, i%2 == 0, held)
		if held {
			require.ElementsMatch(t, []audience.Action{*notes[2*i].Action, *notes[2*i+1].Action}, k.Actions)
		}
	}
}
