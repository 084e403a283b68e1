package audiencetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
)

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
