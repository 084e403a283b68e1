package audience_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func item(id string) audience.Target { return audience.Target{Kind: audience.OnItem, ID: id} }

func tie(r audience.Relation, a catalog.AuthorID) audience.Tie {
	return audience.Tie{Relation: r, Author: a, At: noon}
}

func TestViewerIDsAreIDs(t *testing.T) {
	id, err := audience.ParseViewerID("device 7")
	require.NoError(t, err)
	require.Equal(t, audience.ViewerID("device 7"), id)
	_, err = audience.ParseViewerID("a/b")
	require.ErrorIs(t, err, catalog.ErrID)
}

func TestWhatFollowsFromEachCommand(t *testing.T) {
	later := noon.Add(time.Hour)
	made := func(r audience.Relation) audience.Change {
		return audience.Change{Tie: &audience.Tie{Relation: r, Author: "a", At: later}}
	}
	ended := func(r audience.Relation) audience.Change {
		return audience.Change{Tie: &audience.Tie{Relation: r, Author: "a", At: later}, Gone: true}
	}
	follow := func(v *audience.Viewer) error { return v.Follow("a", later) }
	mute := func(v *audience.Viewer) error { return v.Mute("a", later) }
	block := func(v *audience.Viewer) error { return v.Block("a", later) }
	drop := func(r audience.Relation) func(v *audience.Viewer) error {
		return func(v *audience.Viewer) error { v.Drop(r, "a", later); return nil }
	}
	type relations = []audience.Relation
	for _, c := range []struct {
		name    string
		before  relations // to author a
		command func(*audience.Viewer) error
		after   relations
		changes []audience.Change
	}{
		{"follow", nil, follow, relations{audience.Follows}, []audience.Change{made(audience.Follows)}},
		{"follow twice", relations{audience.Follows}, follow, relations{audience.Follows}, nil},
		{"following unmutes and unblocks", relations{audience.Mutes, audience.Blocks}, follow, relations{audience.Follows},
			[]audience.Change{ended(audience.Mutes), ended(audience.Blocks), made(audience.Follows)}},
		{"mute", nil, mute, relations{audience.Mutes}, []audience.Change{made(audience.Mutes)}},
		{"mute twice", relations{audience.Mutes}, mute, relations{audience.Mutes}, nil},
		{"muting goes on following", relations{audience.Follows}, mute, relations{audience.Follows, audience.Mutes}, []audience.Change{made(audience.Mutes)}},
		{"block", nil, block, relations{audience.Blocks}, []audience.Change{made(audience.Blocks)}},
		{"block twice", relations{audience.Blocks}, block, relations{audience.Blocks}, nil},
		{"blocking unfollows", relations{audience.Follows}, block, relations{audience.Blocks},
			[]audience.Change{made(audience.Blocks), ended(audience.Follows)}},
		{"blocking leaves a mute", relations{audience.Mutes}, block, relations{audience.Mutes, audience.Blocks}, []audience.Change{made(audience.Blocks)}},
		{"unfollow", relations{audience.Follows}, drop(audience.Follows), nil, []audience.Change{ended(audience.Follows)}},
		{"unfollow one who is not followed", relations{audience.Mutes}, drop(audience.Follows), relations{audience.Mutes}, nil},
		{"unblocking leaves a mute", relations{audience.Mutes, audience.Blocks}, drop(audience.Blocks), relations{audience.Mutes}, []audience.Change{ended(audience.Blocks)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ties := []audience.Tie{tie(audience.Follows, "b"), tie(audience.Mutes, "b"), tie(audience.Blocks, "b")}
			for _, r := range c.before {
				ties = append(ties, tie(r, "a"))
			}
			v := audience.NewViewer("v", ties, nil)
			require.NoError(t, c.command(v))
			require.Equal(t, c.changes, v.Changes())

			var after relations
			for _, r := range []audience.Relation{audience.Follows, audience.Mutes, audience.Blocks} {
				if v.Has(r, "a") {
					after = append(after, r)
				}
				require.True(t, v.Has(r, "b"), "other authors are left alone")
			}
			require.Equal(t, c.after, after)
		})
	}
}

func TestATieHoldsSinceItWasMadeFirst(t *testing.T) {
	v := audience.NewViewer("v", nil, nil)
	require.NoError(t, v.Follow("a", noon.Add(time.Millisecond-1).In(time.FixedZone("east", 3600))))
	require.NoError(t, v.Follow("a", noon.Add(time.Hour)))
	require.Equal(t, []audience.Tie{tie(audience.Follows, "a")}, v.Ties(audience.Follows), "in UTC and cut to milliseconds")
}

func TestTheLatestDecisionWins(t *testing.T) {
	v := audience.NewViewer("v", nil, nil)
	decision := func(d audience.Direction, at time.Time) audience.Decision {
		return audience.Decision{Target: item("x"), Direction: d, At: at}
	}
	require.NoError(t, v.Steer(item("x"), audience.More, noon.Add(time.Millisecond-1)))
	require.NoError(t, v.Steer(item("x"), audience.More, noon.Add(time.Hour)))
	require.Equal(t, []audience.Decision{decision(audience.More, noon)}, v.Decisions(), "said twice it is decided once")
	require.NoError(t, v.Steer(item("x"), audience.Less, noon.Add(2*time.Hour)))
	require.Equal(t, []audience.Decision{decision(audience.Less, noon.Add(2*time.Hour))}, v.Decisions())

	require.NoError(t, v.Undo(item("x")))
	require.Empty(t, v.Decisions())
	require.ErrorIs(t, v.Undo(item("x")), audience.ErrNoDecision)

	first, last := decision(audience.More, noon), decision(audience.Less, noon.Add(2*time.Hour))
	require.Equal(t, []audience.Change{{Decision: &first}, {Decision: &last}, {Decision: &last, Gone: true}}, v.Changes())
}

func TestTargetsOfOneNameAreDifferent(t *testing.T) {
	v := audience.NewViewer("v", nil, nil)
	for kind := audience.OnItem; kind <= audience.OnTag; kind++ {
		require.NoError(t, v.Steer(audience.Target{Kind: kind, ID: "x"}, audience.More, noon))
	}
	require.NoError(t, v.Undo(audience.Target{Kind: audience.OnAuthor, ID: "x"}))
	require.Len(t, v.Decisions(), 2)
}

func TestWhatAViewerRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		command func(*audience.Viewer) error
		want    error
		field   string
	}{
		{"to follow nobody", func(v *audience.Viewer) error { return v.Follow("", noon) }, catalog.ErrID, "author"},
		{"to mute what is no author", func(v *audience.Viewer) error { return v.Mute("a/b", noon) }, catalog.ErrID, "author"},
		{"to block what is no author", func(v *audience.Viewer) error { return v.Block("\n", noon) }, catalog.ErrID, "author"},
		{"to steer nothing", func(v *audience.Viewer) error { return v.Steer(item(""), audience.More, noon) }, catalog.ErrID, "id"},
		{"to steer what has no kind", func(v *audience.Viewer) error { return v.Steer(audience.Target{ID: "x"}, audience.More, noon) }, audience.ErrTarget, "kind"},
		{"to steer nowhere", func(v *audience.Viewer) error { return v.Steer(item("x"), 0, noon) }, audience.ErrDirection, "direction"},
		{"to steer farther than there is", func(v *audience.Viewer) error { return v.Steer(item("x"), 2, noon) }, audience.ErrDirection, "direction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := audience.NewViewer("v", nil, nil)
			err := c.command(v)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.field, fault.Of(err).Field())
			require.Empty(t, v.Changes())
		})
	}
}

// crowd is n authors to whom a viewer stands so.
func crowd(n int, r audience.Relation) []audience.Tie {
	ties := make([]audience.Tie, n)
	for i := range ties {
		ties[i] = tie(r, catalog.AuthorID(fmt.Sprint("author ", i)))
	}
	return ties
}

func TestTheLimitOfFollows(t *testing.T) {
	v := audience.NewViewer("v", append(crowd(audience.MaxFollows-1, audience.Follows), tie(audience.Mutes, "one more")), nil)
	require.NoError(t, v.Follow("the last", noon))
	done := len(v.Changes())

	err := v.Follow("one more", noon)
	require.ErrorIs(t, err, audience.ErrTooManyFollows)
	require.Equal(t, "author", fault.Of(err).Field())
	require.True(t, fault.Is(err, fault.Conflict))
	require.True(t, v.Has(audience.Mutes, "one more"), "a refused follow does not unmute")
	require.NoError(t, v.Follow("the last", noon), "who is followed may be followed")
	require.Len(t, v.Changes(), done)

	v.Drop(audience.Follows, "the last", noon)
	require.NoError(t, v.Follow("one more", noon), "there is room again")
}

func TestTheLimitOfMutesAndBlocksTogether(t *testing.T) {
	half := audience.MaxMutes / 2
	v := audience.NewViewer("v", append(append(crowd(half, audience.Mutes), crowd(half-1, audience.Blocks)...), tie(audience.Follows, "one more")), nil)
	require.NoError(t, v.Mute("the last", noon))
	done := len(v.Changes())

	require.ErrorIs(t, v.Mute("one more", noon), audience.ErrTooManyMutes)
	err := v.Block("one more", noon)
	require.ErrorIs(t, err, audience.ErrTooManyMutes)
	require.Equal(t, "author", fault.Of(err).Field())
	require.True(t, v.Has(audience.Follows, "one more"), "a refused block does not unfollow")
	require.ErrorIs(t, v.Block("the last", noon), audience.ErrTooManyMutes, "to block who is muted takes room too")
	require.NoError(t, v.Mute("the last", noon), "who is muted may be muted")
	require.Len(t, v.Changes(), done)

	require.NoError(t, v.Follow("author 0", noon), "which unmutes and unblocks")
	require.NoError(t, v.Block("one more", noon))
	require.NoError(t, v.Mute("one more", noon), "there was room for two")
	require.ErrorIs(t, v.Mute("yet another", noon), audience.ErrTooManyMutes)
}

func TestTheLimitOfDecisions(t *testing.T) {
	decisions := make([]audience.Decision, audience.MaxDecisions-1)
	for i := range decisions {
		decisions[i] = audience.Decision{Target: item(fmt.Sprint(i)), Direction: audience.More, At: noon}
	}
	v := audience.NewViewer("v", nil, decisions)
	require.NoError(t, v.Steer(item("the last"), audience.More, noon))

	err := v.Steer(item("one more"), audience.More, noon)
	require.ErrorIs(t, err, audience.ErrTooManyDecisions)
	require.Equal(t, "id", fault.Of(err).Field())
	require.Len(t, v.Changes(), 1)
	require.NoError(t, v.Steer(item("0"), audience.Less, noon), "an old decision may be replaced")
	require.NoError(t, v.Undo(item("0")))
	require.NoError(t, v.Steer(item("one more"), audience.More, noon), "there is room again")
}

func TestADigestIsThatOfWhatHoldsHoweverItCameAbout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := audience.NewViewer("v", nil, nil)
		author := rapid.SampledFrom([]catalog.AuthorID{"a", "b", "c"})
		for range rapid.IntRange(0, 30).Draw(t, "commands") {
			a := author.Draw(t, "author")
			switch rapid.IntRange(0, 5).Draw(t, "command") {
			case 0:
				require.NoError(t, v.Follow(a, noon))
			case 1:
				require.NoError(t, v.Mute(a, noon))
			case 2:
				require.NoError(t, v.Block(a, noon))
			case 3:
				v.Drop(audience.Follows, a, noon)
			case 4:
				way := rapid.SampledFrom([]audience.Direction{audience.More, audience.Less}).Draw(t, "way")
				require.NoError(t, v.Steer(audience.Target{Kind: audience.OnAuthor, ID: string(a)}, way, noon))
			case 5:
				_ = v.Undo(audience.Target{Kind: audience.OnAuthor, ID: string(a)})
			}
		}
		ties := append(append(v.Ties(audience.Follows), v.Ties(audience.Mutes)...), v.Ties(audience.Blocks)...)
		again := audience.NewViewer("v", append(ties, ties...), append(v.Decisions(), v.Decisions()...))
		require.Equal(t, audience.Knowledge{Viewer: again}.Digest(), audience.Knowledge{Viewer: v}.Digest())
		require.Equal(t, len(ties)+len(v.Decisions()), v.Size())
	})
}

func TestWhatWasMadeOfAViewerDoesNotOutliveACommand(t *testing.T) {
	v := audience.NewViewer("v", nil, nil)
	require.Nil(t, v.Kept())
	v.Keep("made")
	require.Equal(t, "made", v.Kept())
	v.Drop(audience.Follows, "a", noon)
	require.Equal(t, "made", v.Kept(), "nothing changed")
	require.NoError(t, v.Follow("a", noon))
	require.Nil(t, v.Kept())
}
