package audiencetest

import (
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Remembrance is the contract of audience.Remembrance. open gives a store that may hold what others
// put there. Marks may be kept to the second.
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
		"forgotten is not known":                                    forgotten,
		"viewers share nothing":                                     viewersApart,
		"many viewers are noted at once":                            manyViewers,
		"what is too old is forgotten":                              tooOld,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

// ConcurrentNotes is how many notes race in the clause of that name.
const ConcurrentNotes = 40

func aViewer() audience.ViewerID { return audience.ViewerID("viewer:" + rand.Text()) }

func moment() time.Time { return time.Now().UTC().Truncate(time.Second) }

func recall(t *testing.T, r audience.Remembrance, id audience.ViewerID) (audience.Knowledge, bool) {
	t.Helper()
	k, known, err := r.Recall(t.Context(), id)
	require.NoError(t, err)
	require.NotNil(t, k.Viewer)
	require.Equal(t, id, k.Viewer.ID())
	return k, known
}

func recallKnown(t *testing.T, r audience.Remembrance, id audience.ViewerID) audience.Knowledge {
	t.Helper()
	k, known := recall(t, r, id)
	require.True(t, known, "something is held of the viewer")
	return k
}

func version(t *testing.T, r audience.Remembrance, id audience.ViewerID) int64 {
	t.Helper()
	v, err := r.Version(t.Context(), id)
	require.NoError(t, err)
	return v
}

func restore(t *testing.T, r audience.Remembrance, id audience.ViewerID, k audience.Knowledge) {
	t.Helper()
	if k.Viewer == nil {
		k.Viewer = audience.NewViewer(id, nil, nil)
	}
	require.NoError(t, r.Restore(t.Context(), id, version(t, r, id), k))
}

func note(t *testing.T, r audience.Remembrance, notes ...audience.Note) {
	t.Helper()
	require.NoError(t, r.Note(t.Context(), notes))
}

// known is a viewer of whom nothing is held but that.
func known(t *testing.T, r audience.Remembrance) audience.ViewerID {
	t.Helper()
	id := aViewer()
	restore(t, r, id, audience.Knowledge{})
	return id
}

func act(item string, a audience.Act, at time.Time) audience.Action {
	return audience.Action{Item: catalog.ItemID(item), Act: a, At: at, Session: "s1"}
}

func full(id audience.ViewerID) audience.Knowledge {
	at := moment().Add(-time.Hour)
	return audience.Knowledge{
		Viewer: audience.NewViewer(id,
			[]audience.Tie{{Relation: audience.Follows, Author: "a:1", At: at}, {Relation: audience.Follows, Author: "作者", At: at}, {Relation: audience.Mutes, Author: "a2", At: at}, {Relation: audience.Blocks, Author: "3", At: at}},
			[]audience.Decision{
				{Target: audience.Target{Kind: audience.OnItem, ID: "i1"}, Direction: audience.More, At: at},
				{Target: audience.Target{Kind: audience.OnAuthor, ID: "i1"}, Direction: audience.Less, At: at},
				{Target: audience.Target{Kind: audience.OnTag, ID: "-1"}, Direction: audience.Less, At: at},
			}),
		Actions: []audience.Action{
			{Item: "i 2", Act: audience.PlayProgress, At: at.Add(1500 * time.Millisecond), Watched: 1234 * time.Millisecond, Duration: time.Minute, Session: "s1"},
			{Item: "i1", Act: audience.Like, At: at},
		},
		Memory: audience.Memory{
			Served:   []audience.Mark{{Item: 1, At: at}, {Item: 1<<53 - 1, At: at.Add(time.Second)}},
			Seen:     []audience.Mark{{Item: 256, At: at}},
			Consumed: []audience.Mark{{Item: 2, At: at}, {Item: 3, At: at}, {Item: 4, At: at}},
		},
	}
}

func requireKnowledge(t *testing.T, want, got audience.Knowledge) {
	t.Helper()
	for r := audience.Follows; r <= audience.Blocks; r++ {
		require.ElementsMatch(t, want.Viewer.Ties(r), got.Viewer.Ties(r))
	}
	require.ElementsMatch(t, want.Viewer.Decisions(), got.Viewer.Decisions())
	require.Empty(t, got.Viewer.Changes())
	require.Equal(t, want.Actions, got.Actions)
	require.Equal(t, want.Memory, got.Memory)
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

// decide runs commands on the viewer and hands the changes on.
func decide(t *testing.T, r audience.Remembrance, v *audience.Viewer, commands ...func(*audience.Viewer) error) {
	t.Helper()
	from := len(v.Changes())
	for _, command := range commands {
		require.NoError(t, command(v))
	}
	require.NoError(t, r.Decide(t.Context(), v.ID(), v.Changes()[from:]))
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

func progress(id audience.ViewerID, at time.Time, a audience.Act, watched time.Duration) audience.Note {
	p := act("i1", a, at)
	p.Watched, p.Duration = watched, time.Minute
	return audience.Note{Viewer: id, Action: &p}
}

func playsCoalesce(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	note(t, r, progress(id, at, audience.PlayStart, 0))
	note(t, r, progress(id, at.Add(5*time.Second), audience.PlayProgress, 5*time.Second), progress(id, at.Add(10*time.Second), audience.PlayProgress, 10*time.Second))
	want := *progress(id, at.Add(10*time.Second), audience.PlayProgress, 10*time.Second).Action
	require.Equal(t, []audience.Action{want}, recallKnown(t, r, id).Actions)
	note(t, r, progress(id, at.Add(60*time.Second), audience.PlayComplete, time.Minute))
	want = *progress(id, at.Add(60*time.Second), audience.PlayComplete, time.Minute).Action
	require.Equal(t, []audience.Action{want}, recallKnown(t, r, id).Actions)
}

func latePlay(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	note(t, r, progress(id, at, audience.PlayProgress, 40*time.Second))
	note(t, r, progress(id, at.Add(-30*time.Second), audience.PlayProgress, 9*time.Second))
	note(t, r, progress(id, at.Add(-35*time.Second), audience.PlayStart, 0))
	want := *progress(id, at, audience.PlayProgress, 40*time.Second).Action
	require.Equal(t, []audience.Action{want}, recallKnown(t, r, id).Actions)
}

func otherPlays(t *testing.T, r audience.Remembrance) {
	id, at := known(t, r), moment()
	one := act("i1", audience.PlayProgress, at)
	session, item, skip, again := one, one, one, one
	session.Session, item.Item, skip.Act = "s2", "i2", audience.Skip
	again.Act, again.At = audience.Skip, at.Add(time.Second)
	for _, a := range []audience.Action{one, session, item, skip, again} {
		note(t, r, audience.Note{Viewer: id, Action: &a})
	}
	require.ElementsMatch(t, []audience.Action{one, session, item, skip, again}, recallKnown(t, r, id).Actions)
}

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

func forgotten(t *testing.T, r audience.Remembrance) {
	id := aViewer()
	require.NoError(t, r.Forget(t.Context(), id))
	restore(t, r, id, full(id))
	require.NoError(t, r.Forget(t.Context(), id))
	k, held := recall(t, r, id)
	require.False(t, held)
	require.Empty(t, k.Memory)
	restore(t, r, id, audience.Knowledge{})
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, recallKnown(t, r, id))
}

func viewersApart(t *testing.T, r audience.Remembrance) {
	one, two := aViewer(), known(t, r)
	restore(t, r, one, full(one))
	requireKnowledge(t, audience.Knowledge{Viewer: audience.NewViewer(two, nil, nil)}, recallKnown(t, r, two))
	require.NoError(t, r.Forget(t.Context(), two))
	requireKnowledge(t, full(one), recallKnown(t, r, one))
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

func tooOld(t *testing.T, r audience.Remembrance) {
	id, ancient := known(t, r), moment().AddDate(-3, 0, 0)
	m := audience.Mark{Item: 1, At: ancient}
	note(t, r, audience.Note{Viewer: id, Seen: []audience.Mark{m}, Consumed: []audience.Mark{m}})
	require.Empty(t, recallKnown(t, r, id).Memory)
	restore(t, r, id, audience.Knowledge{Memory: audience.Memory{Served: []audience.Mark{m}, Seen: []audience.Mark{m}, Consumed: []audience.Mark{m}}})
	require.Empty(t, recallKnown(t, r, id).Memory)
}
