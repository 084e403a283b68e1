package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// noteInParts notes a viewer's notes in batches of any size, among notes of others.
func noteInParts(t *testing.T, r *redisstore.Remembrance, rng *rand.Rand, notes []audience.Note) {
	t.Helper()
	for len(notes) > 0 {
		n := min(1+rng.IntN(40), len(notes))
		some := slices.Clone(notes[:n])
		for i := range rng.IntN(40) {
			some = append(some, audience.Note{Viewer: audience.ViewerID(fmt.Sprint("other-", i)), Seen: []audience.Mark{{Item: 1, At: time.Now()}}})
		}
		require.NoError(t, r.Note(t.Context(), some))
		notes = notes[n:]
	}
}

func TestBatchesOfAnySizeLeaveWhatTheirNotesSayOneByOne(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r, rng := redisstore.NewRemembrance(connect(t, opts)), rand.New(rand.NewPCG(3, 4))
		acts := []audience.Act{audience.Seen, audience.PlayStart, audience.PlayProgress, audience.Like, audience.PlayComplete}
		for round := range 5 {
			one, many := audience.ViewerID(fmt.Sprint("one-", round)), audience.ViewerID(fmt.Sprint("many-", round))
			fill(t, r, one)
			fill(t, r, many)
			var notes []audience.Note
			at := time.Now().UTC().Truncate(time.Second)
			for range 150 {
				at = at.Add(time.Duration(rng.IntN(4)-1) * time.Second) // some come late
				n := catalog.Number(1 + rng.IntN(300))
				a := audience.Action{Item: catalog.ItemID(fmt.Sprintf("item-%03d", n)), Act: acts[rng.IntN(len(acts))], At: at, Session: []string{"", "s1", "another session"}[rng.IntN(3)]}
				if a.Act == audience.PlayProgress {
					a.Watched, a.Duration = time.Duration(rng.IntN(100_000))*time.Millisecond, 100*time.Second
				}
				note := audience.Note{Viewer: many, Action: &a, Seen: []audience.Mark{{Item: n, At: at}}}
				if a.Act == audience.Like {
					note.Consumed = note.Seen
				}
				notes = append(notes, note)
			}
			noteInParts(t, r, rng, notes)
			for _, n := range notes {
				n.Viewer = one
				require.NoError(t, r.Note(t.Context(), []audience.Note{n}))
			}
			wanted, _, err := r.Recall(t.Context(), one)
			require.NoError(t, err)
			got, known, err := r.Recall(t.Context(), many)
			require.NoError(t, err)
			require.True(t, known)
			require.Equal(t, wanted.Actions, got.Actions)
			require.Equal(t, newestOf(wanted.Memory.Seen), newestOf(got.Memory.Seen))
			require.Equal(t, newestOf(wanted.Memory.Consumed), newestOf(got.Memory.Consumed))
			require.Equal(t, latest(notes, false), newestOf(got.Memory.Seen))
			require.Equal(t, latest(notes, true), newestOf(got.Memory.Consumed))
		}
	})
}

func newestOf(marks []audience.Mark) map[catalog.Number]int64 {
	all := make(map[catalog.Number]int64)
	for _, m := range marks {
		all[m.Item] = max(all[m.Item], m.At.Unix())
	}
	return all
}

func latest(notes []audience.Note, consumed bool) map[catalog.Number]int64 {
	var marks []audience.Mark
	for i := range notes {
		if consumed {
			marks = append(marks, notes[i].Consumed...)
		} else {
			marks = append(marks, notes[i].Seen...)
		}
	}
	return newestOf(marks)
}

func TestOfALongPastTheNewestActionsStayWithTheirSessions(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r, rng := redisstore.NewRemembrance(connect(t, opts)), rand.New(rand.NewPCG(5, 6))
		for viewer, late := range map[audience.ViewerID]bool{"in order": false, "some late": true} {
			fill(t, r, viewer)
			var notes []audience.Note
			began := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
			for i := range 6 * audience.MaxActions {
				a := audience.Action{Item: catalog.ItemID(fmt.Sprint("item-", i)), Act: audience.Like, At: began.Add(time.Duration(i) * time.Second)}
				if i%7 > 0 {
					a.Session = fmt.Sprint("session-", i/3)
				}
				if late && i%50 == 49 {
					a.At = a.At.Add(-10 * time.Second)
				}
				notes = append(notes, audience.Note{Viewer: viewer, Action: &a})
			}
			noteInParts(t, r, rng, notes)
			wanted := make([]audience.Action, 0, len(notes))
			for _, n := range notes {
				wanted = append(wanted, *n.Action)
			}
			slices.SortStableFunc(wanted, func(a, b audience.Action) int { return b.At.Compare(a.At) })
			k, known, err := r.Recall(t.Context(), viewer)
			require.NoError(t, err)
			require.True(t, known)
			require.ElementsMatch(t, wanted[:audience.MaxActions-20], k.Actions[:audience.MaxActions-20])
			require.Len(t, k.Actions, audience.MaxActions)
		}
	})
}

func TestOfMarksInOneBatchNoneIsLostToANewerOneOfAnotherKind(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r := redisstore.NewRemembrance(connect(t, opts))
		fill(t, r, "v")
		first := time.Now().UTC().Truncate(time.Second)
		then := first.Add(time.Second)
		like := audience.Action{Item: "a", Act: audience.Like, At: first}
		require.NoError(t, r.Note(t.Context(), []audience.Note{
			{Viewer: "v", Seen: []audience.Mark{{Item: 1, At: first}}},
			{Viewer: "v", Seen: []audience.Mark{{Item: 1, At: then}}},
			{Viewer: "v", Consumed: []audience.Mark{{Item: 1, At: first}}, Action: &like},
		}))
		k, known, err := r.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, []audience.Mark{{Item: 1, At: then}}, k.Memory.Seen)
		require.Equal(t, []audience.Mark{{Item: 1, At: first}}, k.Memory.Consumed)
		require.Equal(t, []audience.Action{like}, k.Actions)
	})
}
