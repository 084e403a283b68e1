package audience_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

type knot struct {
	relation audience.Relation
	author   catalog.AuthorID
}

// decided is all that holds of a viewer, as a store keeps it.
type decided struct {
	ties      map[knot]audience.Tie
	decisions map[audience.Target]audience.Decision
}

func empty() decided {
	return decided{map[knot]audience.Tie{}, map[audience.Target]audience.Decision{}}
}

func (d decided) tie(r audience.Relation, a catalog.AuthorID, at time.Time) {
	if _, holds := d.ties[knot{r, a}]; !holds {
		d.ties[knot{r, a}] = audience.Tie{Relation: r, Author: a, At: at}
	}
}

func (d decided) untie(r audience.Relation, a catalog.AuthorID) { delete(d.ties, knot{r, a}) }

func (d decided) viewer() *audience.Viewer {
	return audience.NewViewer("v", slices.Collect(maps.Values(d.ties)), slices.Collect(maps.Values(d.decisions)))
}

func (d decided) holdsOf(t require.TestingT, v *audience.Viewer) {
	got := empty()
	for r := audience.Follows; r <= audience.Blocks; r++ {
		for _, tie := range v.Ties(r) {
			require.Equal(t, r, tie.Relation)
			require.True(t, v.Has(r, tie.Author))
			require.NotContains(t, got.ties, knot{r, tie.Author})
			got.ties[knot{r, tie.Author}] = tie
		}
	}
	for _, dec := range v.Decisions() {
		require.NotContains(t, got.decisions, dec.Target)
		got.decisions[dec.Target] = dec
	}
	require.Equal(t, d, got)
}

// replayed is what a store holds after it wrote the changes.
func (d decided) replayed(t require.TestingT, changes []audience.Change) decided {
	after := decided{maps.Clone(d.ties), maps.Clone(d.decisions)}
	for _, c := range changes {
		require.NotEqual(t, c.Tie == nil, c.Decision == nil, "exactly one part is set")
		switch {
		case c.Tie != nil && c.Gone:
			require.Contains(t, after.ties, knot{c.Tie.Relation, c.Tie.Author}, "only what was is unmade")
			after.untie(c.Tie.Relation, c.Tie.Author)
		case c.Tie != nil:
			require.NotContains(t, after.ties, knot{c.Tie.Relation, c.Tie.Author}, "only what was not is made")
			after.ties[knot{c.Tie.Relation, c.Tie.Author}] = *c.Tie
		case c.Gone:
			require.Equal(t, after.decisions[c.Decision.Target], *c.Decision, "only what was decided is undone")
			delete(after.decisions, c.Decision.Target)
		default:
			require.NotEqual(t, after.decisions[c.Decision.Target].Direction, c.Decision.Direction, "only a new decision is recorded")
			after.decisions[c.Decision.Target] = *c.Decision
		}
	}
	return after
}

// A viewer is held against a model; whenever it is loaded anew, the changes written since the last
// time must have led the store to the same viewer.
func TestAViewerIsWhatItsCommandsAndItsChangesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		authors := rapid.SampledFrom([]catalog.AuthorID{"a", "b", "c"})
		relations := rapid.SampledFrom([]audience.Relation{audience.Follows, audience.Mutes, audience.Blocks})
		targets := rapid.SampledFrom([]audience.Target{item("x"), item("y"), {Kind: audience.OnAuthor, ID: "x"}, {Kind: audience.OnTag, ID: "x"}})
		want, stored := empty(), empty()
		v, now := stored.viewer(), noon

		twice := func(t *rapid.T, command func() error) {
			require.NoError(t, command())
			done := len(v.Changes())
			now = now.Add(time.Minute)
			require.NoError(t, command())
			require.Len(t, v.Changes(), done, "said twice it changes nothing")
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				now = now.Add(time.Second)
				want.holdsOf(t, v)
				want.holdsOf(t, stored.replayed(t, v.Changes()).viewer())
			},
			"load": func(t *rapid.T) {
				stored = stored.replayed(t, v.Changes())
				v = stored.viewer()
				require.Empty(t, v.Changes())
			},
			"follow": func(t *rapid.T) {
				a := authors.Draw(t, "author")
				want.untie(audience.Mutes, a)
				want.untie(audience.Blocks, a)
				want.tie(audience.Follows, a, now)
				twice(t, func() error { return v.Follow(a, now) })
			},
			"mute": func(t *rapid.T) {
				a := authors.Draw(t, "author")
				want.tie(audience.Mutes, a, now)
				twice(t, func() error { return v.Mute(a, now) })
			},
			"block": func(t *rapid.T) {
				a := authors.Draw(t, "author")
				want.untie(audience.Follows, a)
				want.tie(audience.Blocks, a, now)
				twice(t, func() error { return v.Block(a, now) })
			},
			"drop": func(t *rapid.T) {
				r, a := relations.Draw(t, "relation"), authors.Draw(t, "author")
				want.untie(r, a)
				twice(t, func() error { v.Drop(r, a, now); return nil })
			},
			"steer": func(t *rapid.T) {
				on := targets.Draw(t, "target")
				d := rapid.SampledFrom([]audience.Direction{audience.More, audience.Less}).Draw(t, "direction")
				if want.decisions[on].Direction != d {
					want.decisions[on] = audience.Decision{Target: on, Direction: d, At: now}
				}
				twice(t, func() error { return v.Steer(on, d, now) })
			},
			"undo": func(t *rapid.T) {
				on := targets.Draw(t, "target")
				_, known := want.decisions[on]
				delete(want.decisions, on)
				err := v.Undo(on)
				require.Equal(t, known, err == nil)
				require.ErrorIs(t, v.Undo(on), audience.ErrNoDecision)
			},
		})
	})
}
