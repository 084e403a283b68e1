package audiencetest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func aViewer() audience.ViewerID { return audience.ViewerID("viewer:" + rand.Text()) }

// began is the same for what is restored and what is expected, whatever second it is meanwhile.
var began = time.Now().UTC().Truncate(time.Second)

func moment() time.Time { return began }

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

// decide runs commands on the viewer and hands the changes on.
func decide(t *testing.T, r audience.Remembrance, v *audience.Viewer, commands ...func(*audience.Viewer) error) {
	t.Helper()
	from := len(v.Changes())
	for _, command := range commands {
		require.NoError(t, command(v))
	}
	require.NoError(t, r.Decide(t.Context(), v.ID(), v.Changes()[from:]))
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
